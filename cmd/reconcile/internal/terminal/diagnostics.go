package terminal

import (
	"github.com/hashicorp/hcl/v2"

	"github.com/reconcilehq/reconcile/engine/signs"
)

// Show prints diagnostics with the lines that they are about. What would act on a terminal in those lines, in the files' names or
// in the words has given way to signs.
func (t *Terminal) Show(files map[string]*hcl.File, diags hcl.Diagnostics) error {
	clean := make(map[string]*hcl.File, len(files))
	for name, file := range files {
		if file != nil {
			copied := *file
			copied.Bytes = signs.SameLength(file.Bytes)
			file = &copied
		}
		clean[signs.Text(name)] = file
	}
	for _, diag := range diags {
		copied := *diag
		copied.Summary, copied.Detail = signs.Text(diag.Summary), signs.Lines(diag.Detail)
		copied.Subject, copied.Context = place(diag.Subject), place(diag.Context)
		var file *hcl.File
		shown := &copied
		if copied.Subject != nil {
			file, shown = cutLine(clean[copied.Subject.Filename], shown)
		}
		of := map[string]*hcl.File{}
		if file != nil {
			of[copied.Subject.Filename] = file
		}
		if err := hcl.NewDiagnosticTextWriter(t.err, of, uint(min(t.Width, 100)), t.ColorErr).WriteDiagnostic(shown); err != nil {
			return err
		}
	}
	return nil
}

func place(r *hcl.Range) *hcl.Range {
	if r == nil {
		return nil
	}
	copied := *r
	copied.Filename = signs.Text(r.Filename)
	return &copied
}
