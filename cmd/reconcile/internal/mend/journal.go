package mend

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/change"
	"github.com/reconcilehq/reconcile/engine/journal"
	"github.com/reconcilehq/reconcile/engine/plan"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/mend/ledger"
)

// JournalCommand returns the command that shows what was done.
func JournalCommand(d Desk) *cobra.Command {
	format, most := "", 200
	cmd := &cobra.Command{
		Use:   "journal [ID]",
		Short: "Show what apply and revert have done",
		Long: `Journal lists the plans that were carried out, the newest first, or shows of one each change and what became of it. It reads the journals
in the data folder alone, and asks no store. A journal that is not as it was written is refused, and the line is named.`,
		Args: cobra.MaximumNArgs(1),
	}
	addShown(cmd, &format, &most)
	cmd.RunE = func(_ *cobra.Command, args []string) error {
		if err := checkShown(format, most); err != nil {
			return err
		}
		if len(args) == 0 {
			return d.listJournals(format, most)
		}
		content, err := d.readJournal(args[0])
		if err != nil {
			return err
		}
		return d.showJournal(content, format, most)
	}
	return cmd
}

// ledger returns the plans and journals of the data folder.
func (d Desk) ledger() (ledger.Ledger, error) {
	data, err := d.Data()
	return ledger.In(data), err
}

// readJournal reads the journal of a plan.
func (d Desk) readJournal(id string) (*journal.Content, error) {
	l, err := d.ledger()
	if err != nil {
		return nil, err
	}
	if !plan.IsID(id) {
		return nil, fmt.Errorf("%q is no plan's id: %s lists them", id, d.Command("journal"))
	}
	c, err := l.Journal(id)
	if errors.Is(err, ledger.ErrNone) {
		return nil, fmt.Errorf("no plan %s was carried out: %s lists those that were", id, d.Command("journal"))
	}
	return c, err
}

func (d Desk) listJournals(format string, most int) error {
	l, err := d.ledger()
	if err != nil {
		return err
	}
	files, err := l.Files()
	if err != nil {
		return err
	}
	list := []ledger.Summary{}
	for _, f := range files {
		if !f.JournalMade.IsZero() {
			list = append(list, l.Summary(f.ID))
		}
	}
	if format == "json" {
		return writeJSON(d.Term.JSON, struct {
			FormatVersion string           `json:"format_version"`
			Journals      []ledger.Summary `json:"journals"`
		}{"1", list})
	}
	return d.writeList(list, most)
}

func (d Desk) writeList(list []ledger.Summary, most int) error {
	s := &sheet{w: d.Term.Out, width: max(d.Term.Width, 40), most: most}
	if len(list) == 0 {
		s.line("No plan was carried out.")
		return s.err
	}
	var entries [][][]string
	for _, l := range list {
		when := "never begun"
		if l.Began != nil {
			when = moment(*l.Began)
		}
		what := said(&l)
		if l.Error != "" {
			when, what = "", l.Error
		}
		entries = append(entries, [][]string{{l.ID, when, l.By, l.Store, what}})
	}
	s.table([]string{"ID", "WHEN", "BY", "STORE", "WHAT"}, entries)
	return s.err
}

func said(l *ledger.Summary) string {
	text := counted(func(k change.Kind) int { return l.Outcomes[k.String()] }, l.Open)
	if l.Reverts != "" {
		text += "; takes back " + l.Reverts
	}
	return text
}

// counted says how many changes there are of each outcome: "3 applied, 1 conflict".
func counted(of func(change.Kind) int, open int) string {
	var parts []string
	for _, kind := range change.Kinds() {
		if n := of(kind); n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, kind))
		}
	}
	if open > 0 {
		parts = append(parts, fmt.Sprintf("%d without an outcome", open))
	}
	if len(parts) == 0 {
		return "no change"
	}
	return strings.Join(parts, ", ")
}

// showJournal shows a journal as it is asked for.
func (d Desk) showJournal(c *journal.Content, format string, most int) error {
	if format == "json" {
		shown, err := ledger.Tell(c)
		if err != nil {
			return err
		}
		return writeJSON(d.Term.JSON, shown)
	}
	s := &sheet{w: d.Term.Out, width: max(d.Term.Width, 40), most: most}
	what := fmt.Sprintf("Plan %s of %q in %s, made by %s at %s", c.Plan, c.Reconciliation, c.Store, c.MadeBy, moment(c.MadeAt))
	if c.Reverts != "" {
		what += ", which takes back " + c.Reverts
	}
	s.prose(what + ".")
	for _, g := range c.Goes {
		if g.Ended {
			s.prose(fmt.Sprintf("Carried out by %s from %s on.", g.By, moment(g.At)))
		} else {
			s.prose(fmt.Sprintf("Begun by %s at %s, and not carried out to its end.", g.By, moment(g.At)))
		}
	}
	if c.CutOff > 0 {
		s.prose(fmt.Sprintf("Its last line was not written to its end (%d bytes), as when a machine stops: what it was to say had not happened yet.", c.CutOff))
	}
	s.outcomes(c)
	told, open := c.Counts()
	s.line("\n%s.", counted(func(k change.Kind) int { return told[k] }, open))
	return s.err
}

// outcomes writes each change and what became of it.
func (s *sheet) outcomes(c *journal.Content) {
	var entries [][][]string
	var reasons []string
	for i, ch := range c.Changes {
		is, will := valueText(ch.Expected), "→ "+valueText(ch.Desired)
		outcome, why := "none", ""
		switch ch.State {
		case journal.Sent:
			outcome, why = "none", "it was sent, and nobody has looked what became of it"
		case journal.Told:
			outcome, why = ch.Outcome.Kind.String(), ch.Outcome.Reason
			if ch.Outcome.Kind == change.Conflict && why == "" && ch.Outcome.Before.Type() != catalog.Invalid {
				why = "the store has " + valueText(ch.Outcome.Before)
			}
		}
		if why != "" && (s.most <= 0 || i < s.most) {
			reasons = append(reasons, why)
		}
		if cellsOf(is)+1+cellsOf(will) <= shortChange {
			entries = append(entries, [][]string{{ch.Item.String(), ch.Field, is + " " + will, outcome, why}})
			continue
		}
		entries = append(entries, [][]string{{ch.Item.String(), ch.Field, is, outcome, why}, {"", "", will, "", ""}})
	}
	if len(entries) > 0 {
		s.line("")
		s.reasons(reasons, s.table([]string{"SKU", "FIELD", "CHANGE", "OUTCOME", "WHY"}, entries))
	}
}

func writeJSON(w interface{ Write([]byte) (int, error) }, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}
