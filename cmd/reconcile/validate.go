package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime"

	"github.com/hashicorp/hcl/v2"
	"github.com/spf13/cobra"

	"github.com/reconcilehq/reconcile/rules/source"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/fleet"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/session"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/terminal"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/words"
)

func validateCommand(c *commandLine) *cobra.Command {
	var offline bool
	var format string
	cmd := &cobra.Command{
		Use:   "validate",
		Short: "Check the configuration, with the sources' fields",
		Long: `Validate checks the whole configuration: all sources, all reconciliations, all rules. It starts the connectors to
learn their settings and fields, but reads no item. With --offline it starts nothing and checks what can be checked
without. With --shop all it checks the configuration for each shop of its list.

With --format json the diagnostics are a JSON object on stdout, for editors. ` + statusIf("if there is\nno mistake", "if there is one") + ", in both formats.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			switch {
			case c.shop == source.AllShops && format == "text":
				return c.validateAll(cmd.Context(), offline)
			case c.shop == source.AllShops:
				return fmt.Errorf("--format %s is for one shop: name it with --shop", format)
			}
			switch format {
			case "text":
				return c.validate(cmd.Context(), offline)
			case "json":
				return c.validateJSON(cmd.Context(), offline)
			}
			return fmt.Errorf("there is no format %q: use text, json", format)
		},
	}
	cmd.Flags().BoolVar(&offline, "offline", false, "start no connector; settings and fields are not checked")
	cmd.Flags().StringVar(&format, "format", "text", "how to show what is wrong: text, json")
	_ = cmd.RegisterFlagCompletionFunc("format", fixed("text", "json"))
	return cmd
}

func (c *commandLine) validate(ctx context.Context, offline bool) error {
	checked, err := c.session().Check(ctx, offline)
	if err != nil {
		return err
	}
	defer checked.Close()
	if err := c.term.Show(checked.Files, checked.Diags); err != nil {
		return err
	}
	how := ""
	if offline {
		how = " as far as can be told offline"
	}
	config := checked.Config
	_, err = fmt.Fprintf(c.term.Out, "%s is valid%s: %s, %s, %s.\n", c.configPath, how, words.Count(len(config.Sources), "source"),
		words.Count(len(config.Reconciliations), "reconciliation"), words.Count(len(config.Rules), "rule"))
	return err
}

// validateAll checks the configuration for each shop of its list.
func (c *commandLine) validateAll(ctx context.Context, offline bool) error {
	shops, err := c.allShops()
	if err != nil {
		return err
	}
	one := func(ctx context.Context, shop string) (o fleet.Outcome) {
		checked, err := c.sessionOf(shop, nil).Check(ctx, offline)
		if err != nil {
			o.Failure = c.secrets.Hide(fleet.Why(err))
			return o
		}
		checked.Close()
		return o
	}
	outcomes := fleet.Each(ctx, runtime.NumCPU(), shops, one, func(fleet.Outcome) {})
	for _, o := range outcomes {
		if o.Failure != "" {
			c.term.Fail("shop %s: %s", o.Shop, o.Failure)
		}
	}
	if failed := fleet.Failed(outcomes); failed > 0 {
		_, err = fmt.Fprintf(c.term.Out, "%s is not valid for %d of %d shops.\n", c.configPath, failed, len(shops))
		return errors.Join(terminal.ErrShown, err)
	}
	_, err = fmt.Fprintf(c.term.Out, "%s is valid for all %d shops.\n", c.configPath, len(shops))
	return err
}

func (c *commandLine) validateJSON(ctx context.Context, offline bool) error {
	checked, err := c.session().Check(ctx, offline)
	var mistakes *session.MistakesError
	var diags hcl.Diagnostics
	switch {
	case errors.As(err, &mistakes):
		diags = mistakes.Diags
	case err != nil:
		return err
	default:
		defer checked.Close()
		diags = checked.Diags
	}
	enc := json.NewEncoder(c.term.JSON)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	if err := enc.Encode(newValidation(diags)); err != nil {
		return fmt.Errorf("write the diagnostics: %w", err)
	}
	if mistakes != nil {
		return terminal.ErrShown
	}
	return nil
}

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
