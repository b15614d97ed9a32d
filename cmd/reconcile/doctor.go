package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/reconcilehq/reconcile/engine/replace"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/doctor"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/terminal"
)

// doctorFlags are the flags of reconcile doctor.
type doctorFlags struct {
	format, bundle    string
	offline, exitCode bool
}

// errWarnings is returned with --exit-code where there is something to warn of, and nothing is wrong.
var errWarnings = errors.New("there is something to warn of")

func doctorCommand(c *commandLine) *cobra.Command {
	var f doctorFlags
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Say what is wrong with this machine for this configuration, and what to do",
		Long: `Doctor looks at what a run needs: the configuration, folders that can be written and have room, open files, memory, the
sandbox of plugins, the lock file, whether sources let us in, Local Copies (each is read to its end), and this machine's clock
against that of stores. Each line is ok, a warning or wrong, and says what to do. It pulls nothing, reads no item, locks no
plugin and starts none that is not locked.

With --bundle it writes a file for whoever helps you, which holds no value, no SKU, no token and no name of yours: the findings in
its own words, the form of the configuration, and which variables are set.

` + statusIf("if nothing is wrong", "if something is, or if the bundle cannot be written") + fmt.Sprintf(`; with --exit-code it is %d where there
are only warnings.`, statusWarnings),
		Example: `  reconcile doctor
  reconcile doctor --offline --format json
  reconcile doctor --bundle for-support.zip`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return c.doctor(cmd.Context(), f) },
	}
	flags := cmd.Flags()
	flags.StringVar(&f.format, "format", "text", "how to show the findings: text, json")
	flags.StringVar(&f.bundle, "bundle", "", "write what support needs into this ZIP file")
	flags.BoolVar(&f.offline, "offline", false, "ask no platform")
	flags.BoolVar(&f.exitCode, "exit-code", false, fmt.Sprintf("exit with status %d where there are only warnings", statusWarnings))
	_ = cmd.RegisterFlagCompletionFunc("format", fixed("text", "json"))
	_ = cmd.MarkFlagFilename("bundle", "zip")
	return cmd
}

func (c *commandLine) doctor(ctx context.Context, f doctorFlags) error {
	if f.format != "text" && f.format != "json" {
		return fmt.Errorf("there is no format %q: use text, json", f.format)
	}
	if err := c.writes(f.bundle); err != nil {
		return err
	}
	e, err := doctor.Examine(ctx, doctor.Patient{Session: c.session(), Offline: f.offline,
		Terminal: doctor.Terminal{Out: c.term.OutIsTerminal(), Color: c.term.ColorOut, Width: c.term.Width}})
	if err != nil {
		return err
	}
	show := c.showFindings
	if f.format == "json" {
		show = c.findingsAsJSON
	}
	if err := show(e.Findings); err != nil {
		return fmt.Errorf("write the findings: %w", err)
	}
	if f.bundle != "" {
		if err := writeBundle(f.bundle, e); err != nil {
			return fmt.Errorf("--bundle: %w", err)
		}
		c.term.Say("%s holds no value and no name of yours. Look through it before you send it.", f.bundle)
	}
	switch {
	case e.Findings.Count(doctor.Wrong) > 0:
		return terminal.ErrShown
	case f.exitCode && e.Findings.Count(doctor.Warning) > 0:
		return errWarnings
	}
	return nil
}

// showFindings prints a line for each finding, and below it what to do.
func (c *commandLine) showFindings(findings doctor.Findings) error {
	wide := 0
	for _, f := range findings {
		wide = max(wide, len(f.Topic))
	}
	paint := map[doctor.Level]string{doctor.OK: "32", doctor.Warning: "33", doctor.Wrong: "31"}
	var b strings.Builder
	for _, f := range findings {
		level := fmt.Sprintf("%-7s", f.Level)
		if c.term.ColorOut {
			level = "\x1b[" + paint[f.Level] + "m" + level + "\x1b[0m"
		}
		indent := "\n" + strings.Repeat(" ", 7+2+wide+2)
		fmt.Fprintf(&b, "%s  %-*s  %s\n", level, wide, f.Topic, strings.ReplaceAll(strings.TrimSpace(f.Text), "\n", indent))
		if f.Do != "" {
			fmt.Fprintf(&b, "%s%s\n", indent[1:], f.Do)
		}
	}
	wrong, warnings := findings.Count(doctor.Wrong), findings.Count(doctor.Warning)
	switch {
	case wrong > 0:
		fmt.Fprintf(&b, "\n%d wrong, %d to look at, %d ok.\n", wrong, warnings, len(findings)-wrong-warnings)
	case warnings > 0:
		fmt.Fprintf(&b, "\nNothing is wrong; %d to look at, %d ok.\n", warnings, len(findings)-warnings)
	default:
		fmt.Fprintf(&b, "\nAll is well.\n")
	}
	_, err := io.WriteString(c.term.Painted, b.String())
	return err
}

// findingsFormat is the version of what doctor --format json prints. Within a version the object only grows.
const findingsFormat = "1"

func (c *commandLine) findingsAsJSON(findings doctor.Findings) error {
	enc := json.NewEncoder(c.term.JSON)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(diagnosed{findingsFormat, findings.Count(doctor.Wrong), findings.Count(doctor.Warning), findings})
}

// diagnosed is the result of doctor --format json.
type diagnosed struct {
	FormatVersion string          `json:"format_version"`
	Wrong         int             `json:"wrong"`
	Warnings      int             `json:"warnings"`
	Findings      doctor.Findings `json:"findings"`
}

// writeBundle writes the bundle, all at once.
func writeBundle(path string, e *doctor.Examination) error {
	out, err := replace.Open(path, 0o600)
	if err != nil {
		return err
	}
	if err = e.WriteBundle(out); err == nil {
		err = out.Commit()
	}
	return errors.Join(err, out.Discard())
}
