package main

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/hashicorp/hcl/v2"
)

// validationFormat is the version of what validate --format json prints. Within a version the object only grows.
const validationFormat = "1"

// validation is the result of validate --format json, for editors.
type validation struct {
	FormatVersion string           `json:"format_version"`
	Valid         bool             `json:"valid"`
	Errors        int              `json:"error_count"`
	Warnings      int              `json:"warning_count"`
	Diagnostics   []validationNote `json:"diagnostics"`
}

// validationNote is one diagnostic. Without a range it is about the configuration as a whole.
type validationNote struct {
	Severity string      `json:"severity"`
	Summary  string      `json:"summary"`
	Detail   string      `json:"detail"`
	Range    *validRange `json:"range,omitempty"`
}

type validRange struct {
	Filename string   `json:"filename"`
	Start    validPos `json:"start"`
	End      validPos `json:"end"`
}

// validPos is a place in a file: lines and columns count from 1, columns in characters; bytes count from 0.
type validPos struct {
	Line   int `json:"line"`
	Column int `json:"column"`
	Byte   int `json:"byte"`
}

func (a *app) validateJSON(ctx context.Context, offline bool) error {
	config, diags := a.load()
	if len(config.Files) > 0 {
		var s *session
		s, diags = a.check(ctx, config, diags, offline)
		defer s.Close()
	}
	if ctx.Err() != nil {
		return context.Canceled
	}
	enc := json.NewEncoder(a.stdout)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	if err := enc.Encode(newValidation(a.hideSecrets(diags))); err != nil {
		return fmt.Errorf("write the diagnostics: %w", err)
	}
	if diags.HasErrors() {
		return errReported
	}
	return nil
}

func newValidation(diags hcl.Diagnostics) validation {
	v := validation{FormatVersion: validationFormat, Valid: !diags.HasErrors(), Diagnostics: []validationNote{}}
	for _, d := range diags {
		one := validationNote{Severity: "error", Summary: d.Summary, Detail: d.Detail}
		if d.Severity == hcl.DiagWarning {
			one.Severity = "warning"
			v.Warnings++
		} else {
			v.Errors++
		}
		if r := d.Subject; r != nil {
			one.Range = &validRange{Filename: r.Filename, Start: validPos(r.Start), End: validPos(r.End)}
		}
		v.Diagnostics = append(v.Diagnostics, one)
	}
	return v
}
