package session

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/hashicorp/hcl/v2"

	"github.com/reconcilehq/reconcile/rules"
	"github.com/reconcilehq/reconcile/rules/hidden"
)

// Diagnosis is what is wrong with a configuration, or odd about it, and the files that the diagnostics point into. Words and
// files are without secrets: whoever sees the configuration's mistakes need not know its passwords.
type Diagnosis struct {
	Files map[string]*hcl.File
	Diags hcl.Diagnostics
}

// Rename has the diagnosis speak of a file by another name.
func (d *Diagnosis) Rename(from, to string) {
	if file, ok := d.Files[from]; ok { // without diagnostics there are no files to show
		d.Files[to] = file
	}
	for _, diag := range d.Diags {
		for _, r := range []*hcl.Range{diag.Subject, diag.Context} {
			if r != nil && r.Filename == from {
				r.Filename = to
			}
		}
	}
}

// MistakesError says that something cannot be done for mistakes in the configuration, or for a failure that has a place in
// it. Warnings are among the diagnostics.
type MistakesError struct {
	Diagnosis
	cause error // nil: the mistakes alone
}

// Error returns all that is wrong.
func (e *MistakesError) Error() string {
	if e.cause != nil {
		return e.cause.Error()
	}
	return e.Diags.Error()
}

// InWords returns what an error says for people who do not write the configuration: each mistake in a line, with its place in words.
func InWords(err error) string {
	var mistakes *MistakesError
	if !errors.As(err, &mistakes) || mistakes.cause != nil {
		return err.Error()
	}
	var lines []string
	for _, d := range mistakes.Diags {
		if d.Severity != hcl.DiagError {
			continue
		}
		text := d.Summary
		if first, _ := utf8.DecodeRuneInString(d.Detail); unicode.IsLower(first) {
			text += ": " + d.Detail
		} else if d.Detail != "" {
			text += ". " + d.Detail
		}
		if d.Subject != nil {
			text = fmt.Sprintf("%s, line %d: %s", d.Subject.Filename, d.Subject.Start.Line, text)
		}
		lines = append(lines, text)
	}
	return strings.Join(lines, "\n")
}

// Unwrap returns the failure whose place this tells; nil if there is none.
func (e *MistakesError) Unwrap() error { return e.cause }

// Refuse returns the error for mistakes in a configuration.
func (s *Session) Refuse(config *rules.Config, diags hcl.Diagnostics) *MistakesError {
	return &MistakesError{Diagnosis: s.diagnose(config, diags)}
}

// judge returns an error if a mistake is among the diagnostics, and otherwise what there is to warn of.
func (s *Session) judge(ctx context.Context, config *rules.Config, diags hcl.Diagnostics) (Diagnosis, error) {
	if ctx.Err() != nil {
		return Diagnosis{}, context.Canceled
	}
	if diags.HasErrors() {
		return Diagnosis{}, s.Refuse(config, diags)
	}
	return s.diagnose(config, diags), nil
}

// diagnose takes the secrets out of diagnostics and files: those that are known, and what may be one. Every place stays where
// it is.
func (s *Session) diagnose(config *rules.Config, diags hcl.Diagnostics) Diagnosis {
	if len(diags) == 0 {
		return Diagnosis{} // files are of use only with what is said of them
	}
	files, diags := hidden.Diagnostics(config.Files, diags, config.NoSecrets())
	for _, file := range files {
		s.Secrets.Mask(file.Bytes)
	}
	for _, diag := range diags {
		diag.Summary, diag.Detail = s.Secrets.Hide(diag.Summary), s.Secrets.Hide(diag.Detail)
	}
	return Diagnosis{Files: files, Diags: diags}
}
