package session

import (
	"bytes"
	"context"
	"maps"
	"regexp"
	"slices"

	"github.com/hashicorp/hcl/v2"

	"github.com/reconcilehq/reconcile/rules"
)

// Diagnosis is what is wrong with a configuration, or odd about it, and the files that the diagnostics point into. Words and
// files are without secrets: whoever sees the configuration's mistakes need not know its passwords.
type Diagnosis struct {
	Files map[string]*hcl.File
	Diags hcl.Diagnostics
}

// Rename has the diagnosis speak of a file by another name.
func (d *Diagnosis) Rename(from, to string) {
	d.Files[to] = d.Files[from]
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

// diagnose takes the secrets out of diagnostics and files. Every place stays where it is.
func (s *Session) diagnose(config *rules.Config, diags hcl.Diagnostics) Diagnosis {
	d := Diagnosis{Files: maps.Clone(config.Files), Diags: make(hcl.Diagnostics, 0, len(diags))}
	if d.Files == nil {
		d.Files = map[string]*hcl.File{}
	}
	for name, file := range config.Files {
		if file != nil {
			masked := *file
			masked.Bytes = s.mask(file.Bytes)
			d.Files[name] = &masked
		}
	}
	for _, diag := range diags {
		without := *diag
		without.Summary, without.Detail = s.Secrets.Hide(diag.Summary), s.Secrets.Hide(diag.Detail)
		d.Diags = append(d.Diags, &without)
	}
	return d
}

// secretLiteral is an attribute whose name says that its value is secret, with a value that is written out. It is hidden
// before a connector has said which settings are sensitive, too.
var secretLiteral = regexp.MustCompile(`(?i)\b[a-z0-9_]*(?:token|secret|password|passwd|pwd|dsn|api_?key|credential)[a-z0-9_]*[ \t]*=[ \t]*"((?:\\.|[^"\\\n])*)`)

// mask returns a file's text with stars for the letters of secrets that are written out in it.
func (s *Session) mask(text []byte) []byte {
	text = slices.Clone(text)
	for _, at := range secretLiteral.FindAllSubmatchIndex(text, -1) {
		if value := text[at[2]:at[3]]; !bytes.HasPrefix(value, []byte("${")) {
			for i := range value {
				value[i] = '*'
			}
		}
	}
	s.Secrets.Mask(text)
	return text
}
