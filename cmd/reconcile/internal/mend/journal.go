package mend

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/change"
	"github.com/reconcilehq/reconcile/engine/journal"
	"github.com/reconcilehq/reconcile/engine/plan"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/store"
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
		_, content, err := d.readJournal(args[0])
		if err != nil {
			return err
		}
		return d.showJournal(content, format, most)
	}
	return cmd
}

// readJournal reads the journal of a plan.
func (d Desk) readJournal(id string) (path string, c *journal.Content, err error) {
	data, err := d.Data()
	if err != nil {
		return "", nil, err
	}
	if !plan.IsID(id) {
		return "", nil, fmt.Errorf("%q is no plan's id: reconcile journal lists them", id)
	}
	path = journalPath(filepath.Join(data, store.JournalsFolder), id)
	c, err = journal.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil, fmt.Errorf("no plan %s was carried out: reconcile journal lists those that were", id)
	}
	return path, c, err
}

// listed is a journal in the list.
type listed struct {
	ID             string         `json:"id"`
	Reconciliation string         `json:"reconciliation"`
	Store          string         `json:"store"`
	Reverts        string         `json:"reverts,omitempty"`
	Began          *time.Time     `json:"began"` // null: nobody has
	By             string         `json:"by"`
	Changes        int            `json:"changes"`
	Outcomes       map[string]int `json:"outcomes"`
	Open           int            `json:"open"`
	Error          string         `json:"error,omitempty"` // why it cannot be read
}

func (d Desk) listJournals(format string, most int) error {
	data, err := d.Data()
	if err != nil {
		return err
	}
	dir := filepath.Join(data, store.JournalsFolder)
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("list the journals: %w", err)
	}
	list := []listed{}
	for i := len(entries) - 1; i >= 0; i-- { // their names begin with the time
		id, ok := strings.CutSuffix(entries[i].Name(), ".journal")
		if !ok {
			continue
		}
		l := listed{ID: id, Outcomes: map[string]int{}}
		if c, err := journal.ReadFile(filepath.Join(dir, entries[i].Name())); err != nil {
			l.Error = err.Error()
		} else {
			l.fill(c)
		}
		list = append(list, l)
	}
	if format == "json" {
		return writeJSON(d.Term.JSON, struct {
			FormatVersion string   `json:"format_version"`
			Journals      []listed `json:"journals"`
		}{"1", list})
	}
	return d.writeList(list, most)
}

func (l *listed) fill(c *journal.Content) {
	l.Reconciliation, l.Store, l.Reverts, l.Changes = c.Reconciliation, c.Store, c.Reverts, len(c.Changes)
	if len(c.Goes) > 0 {
		l.Began, l.By = &c.Goes[0].At, c.Goes[0].By
	}
	var told map[change.Kind]int
	told, l.Open = c.Counts()
	for kind, n := range told {
		l.Outcomes[kind.String()] = n
	}
}

func (d Desk) writeList(list []listed, most int) error {
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
		said := l.said()
		if l.Error != "" {
			when, said = "", l.Error
		}
		entries = append(entries, [][]string{{l.ID, when, l.By, l.Store, said}})
	}
	s.table([]string{"ID", "WHEN", "BY", "STORE", "WHAT"}, entries)
	return s.err
}

func (l *listed) said() string {
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
		shown, err := shownOf(c)
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
	for _, ch := range c.Changes {
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
		if cellsOf(is)+1+cellsOf(will) <= shortChange {
			entries = append(entries, [][]string{{ch.Item.String(), ch.Field, is + " " + will, outcome, why}})
			continue
		}
		entries = append(entries, [][]string{{ch.Item.String(), ch.Field, is, outcome, why}, {"", "", will, "", ""}})
	}
	if len(entries) > 0 {
		s.line("")
		s.table([]string{"SKU", "FIELD", "CHANGE", "OUTCOME", "WHY"}, entries)
	}
}

// shown is a journal as programs read it.
type shown struct {
	FormatVersion  string         `json:"format_version"`
	ID             string         `json:"id"`
	Reconciliation string         `json:"reconciliation"`
	Store          string         `json:"store"`
	Reverts        string         `json:"reverts,omitempty"`
	MadeAt         time.Time      `json:"made_at"`
	MadeBy         string         `json:"made_by"`
	Goes           []shownGo      `json:"goes"`
	Changes        []shownChange  `json:"changes"`
	Outcomes       map[string]int `json:"outcomes"` // how many there are of each
	Open           int            `json:"open"`     // without an outcome
}

type shownGo struct {
	At    time.Time `json:"at"`
	By    string    `json:"by"`
	Ended bool      `json:"ended"`
}

type shownChange struct {
	Key      string          `json:"key"`
	Step     string          `json:"step"`
	SKU      string          `json:"sku"`
	ID       string          `json:"id"`
	Name     string          `json:"name"`
	Field    string          `json:"field"`
	Type     string          `json:"type"`
	Expected json.RawMessage `json:"expected"`
	Desired  json.RawMessage `json:"desired"`
	SentAt   *time.Time      `json:"sent_at"`          // null: it was never sent
	Outcome  string          `json:"outcome"`          // "" if there is none
	Before   json.RawMessage `json:"before,omitempty"` // absent: it was not seen
	After    json.RawMessage `json:"after,omitempty"`
	Reason   string          `json:"reason"`
}

func shownOf(c *journal.Content) (*shown, error) {
	s := &shown{FormatVersion: "1", ID: c.Plan, Reconciliation: c.Reconciliation, Store: c.Store, Reverts: c.Reverts, MadeAt: c.MadeAt, MadeBy: c.MadeBy,
		Goes: []shownGo{}, Changes: []shownChange{}, Outcomes: map[string]int{}}
	for _, g := range c.Goes {
		s.Goes = append(s.Goes, shownGo(g))
	}
	for _, ch := range c.Changes {
		one := shownChange{Key: ch.Key, Step: ch.Step, SKU: ch.Item.SKU, ID: ch.Item.ID, Name: ch.Name, Field: ch.Field, Type: ch.Type.String()}
		values := []struct {
			to *json.RawMessage
			v  catalog.Value
		}{{&one.Expected, ch.Expected}, {&one.Desired, ch.Desired}}
		if !ch.SentAt.IsZero() {
			one.SentAt = &ch.SentAt
		}
		if ch.State == journal.Told {
			one.Outcome, one.Reason = ch.Outcome.Kind.String(), ch.Outcome.Reason
			s.Outcomes[one.Outcome]++
			values = append(values, struct {
				to *json.RawMessage
				v  catalog.Value
			}{&one.Before, ch.Outcome.Before}, struct {
				to *json.RawMessage
				v  catalog.Value
			}{&one.After, ch.Outcome.After})
		} else {
			s.Open++
		}
		for _, value := range values {
			if value.v.Type() == catalog.Invalid {
				continue
			}
			text, err := value.v.MarshalJSON()
			if err != nil {
				return nil, err
			}
			*value.to = text
		}
		s.Changes = append(s.Changes, one)
	}
	return s, nil
}

func writeJSON(w interface{ Write([]byte) (int, error) }, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}
