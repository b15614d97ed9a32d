package orders

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/reconcilehq/reconcile/engine/replace"
	"github.com/reconcilehq/reconcile/engine/weborder"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/rowfile"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/session"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/words"
)

// exportFlags are the flags of orders export.
type exportFlags struct {
	out  string
	raw  bool
	wish weborder.Wish
}

func exportCommand(d Desk) *cobra.Command {
	f := exportFlags{}
	cmd := &cobra.Command{
		Use:   "export [NAME]",
		Short: "Write the web orders that are still to be imported to a file",
		Long: `Export reads the store's orders anew, and writes those that the point of sale has still to import: exactly those whose units the field
pending counts, which the column QP is about. What has come since that was counted is left out, and said. The file is CSV or XLSX, by its
name, with a line for each line of an order, and only you can read it. Beside it is a manifest, FILE.manifest.json, for orders imported.

quantity is what is still wanted: what was refunded is taken off. Prices are of one unit. What belongs to the order as a whole (shipping, its
discount and totals, the note of the staff) stands in the order's first line. Amounts are as the order was placed, in its own currency.

Who has ordered is not in the file unless you ask for it, with --customer, --address and --customer-note.`,
		Example: `  reconcile orders export --out orders.csv
  reconcile orders imported orders.csv`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			name, err := d.Named(args)
			if err != nil {
				return err
			}
			return d.export(cmd.Context(), name, f)
		},
	}
	d.Flags(cmd)
	flags := cmd.Flags()
	flags.StringVar(&f.out, "out", "", "the file to write, a new one: .csv or .xlsx; if it is left out, its name is made of the reconciliation and the time")
	flags.BoolVar(&f.raw, "raw", false, "csv: write texts as they are, also those that a spreadsheet takes for formulas")
	flags.BoolVar(&f.wish.Customer, "customer", false, "also write who has ordered: name, e-mail, telephone")
	flags.BoolVar(&f.wish.Address, "address", false, "also write where it goes")
	flags.BoolVar(&f.wish.CustomerNote, "customer-note", false, "also write what the customer has noted")
	return cmd
}

// export writes the orders that are counted, and their manifest.
func (d Desk) export(ctx context.Context, name string, f exportFlags) error {
	began := time.Now()
	if f.out != "" {
		if err := d.checkPlace(f.out); err != nil {
			return err
		}
	}
	store, err := d.Open(ctx, name)
	if err != nil {
		return err
	}
	defer store.Close()
	if !store.TellsOrders() {
		return fmt.Errorf("%s: its connector does not tell web orders: take them from the store itself", store.Label())
	}
	if f.out == "" {
		f.out = fmt.Sprintf("orders-%s-%s.csv", store.Reconciliation.Name, began.Format("20060102-150405"))
		if err := d.checkPlace(f.out); err != nil {
			return err
		}
	}
	counted, err := store.CountedOrders(ctx)
	if err != nil {
		return err
	}
	s := sorting{counted: counted.IDs, seen: map[string]bool{}}
	readAt, err := store.Orders(ctx, f.wish, s.take)
	if err != nil {
		return err
	}
	s.end()
	if len(s.kept) == 0 {
		d.say("There is no web order to import: nothing was written.")
		d.tellOthers(&s)
		return nil
	}
	m := newManifest(store, &s)
	m.ReadAt, m.Lineage.CountedAt, m.Lineage.LocalCopy = readAt.UTC().Truncate(time.Second), counted.At.UTC().Truncate(time.Second), counted.Copy
	m.Lineage.Program, m.With = d.Version, wished(f.wish)
	earlier, err := write(f, m, s.kept)
	if err != nil {
		return err
	}
	d.tell(f.out, m, counted, &s, earlier)
	return nil
}

// checkPlace refuses a place where the export cannot be.
func (d Desk) checkPlace(path string) error {
	if _, ok := rowfile.FormatOf(path); !ok {
		return fmt.Errorf("--out %s: name a file that ends in .csv or .xlsx", path)
	}
	for _, file := range []string{path, manifestOf(path)} {
		if err := d.Writes(file); err != nil {
			return err
		}
	}
	return checkNew(path)
}

// checkNew refuses an export over another one: whoever has not imported it yet would lose it.
func checkNew(path string) error {
	for _, file := range []string{path, manifestOf(path)} {
		if err := rowfile.CheckNew("--out "+path, file, "which may be still to be imported"); err != nil {
			return err
		}
	}
	return nil
}

// sorting parts the orders of the store by whether they are counted.
type sorting struct {
	counted map[string]bool
	seen    map[string]bool

	kept  []weborder.Order
	lines int
	came  []string // that are to be imported, and were not when they were counted
	gone  []string // that were counted, and are no longer to be imported
}

func (s *sorting) take(o weborder.Order) error {
	s.seen[o.ID] = true
	if !s.counted[o.ID] {
		s.came = append(s.came, o.ID)
		return nil
	}
	s.kept = append(s.kept, o)
	s.lines += len(o.Lines)
	return nil
}

func (s *sorting) end() {
	for id := range s.counted {
		if !s.seen[id] {
			s.gone = append(s.gone, id)
		}
	}
	sortNumbers(s.gone)
}

// write writes the file of orders and its manifest, so that both are there or none. earlier are other exports of the folder that have some of
// the same orders.
func write(f exportFlags, m *Manifest, list []weborder.Order) (earlier []overlap, err error) {
	unlock, err := replace.LockFolder(filepath.Dir(f.out))
	if err != nil {
		return nil, err
	}
	defer unlock()
	if err := checkNew(f.out); err != nil {
		return nil, err
	}
	if earlier, err = overlapping(filepath.Dir(f.out), m); err != nil {
		return nil, err
	}
	data, err := replace.OpenPlain(f.out, 0o600)
	if err != nil {
		return nil, fmt.Errorf("--out %w", err)
	}
	defer func() { err = errors.Join(err, data.Discard()) }()
	sum := sha256.New()
	format, _ := rowfile.FormatOf(f.out) // the place was checked
	if err := tableOf(list, f).Write(io.MultiWriter(data, sum), format); err != nil {
		return nil, err
	}
	m.File, m.SHA256 = filepath.Base(f.out), hex.EncodeToString(sum.Sum(nil))
	// The manifest comes first: an export without one could be imported, and not be noted. One without its file says so.
	if err := m.write(manifestOf(f.out)); err != nil {
		return nil, err
	}
	if err := data.Commit(); err != nil {
		return nil, errors.Join(err, os.Remove(manifestOf(f.out)))
	}
	return earlier, nil
}

// tell says what was written, and what to do next.
func (d Desk) tell(path string, m *Manifest, counted *session.Counted, s *sorting, earlier []overlap) {
	d.say("Wrote %s with %s to %s, and what they are to %s.", words.Count(len(m.Orders), "order"), words.Count(m.Lines, "line"), path, manifestOf(path))
	from := "read from the store"
	if counted.Copy {
		from = "from its Local Copy as it was"
	}
	d.say("They were read from %s now, and are those that pending counts, %s at %s.", m.Source, from, counted.At.Local().Format("2006-01-02 15:04:05"))
	d.tellOthers(s)
	for _, e := range earlier {
		d.Term.Warn("%s of %s has some of these orders, too: %s. Let the point of sale import each of them once", e.file, e.at.Local().Format("2006-01-02 15:04"), some(e.ids))
	}
	d.say("Have the point of sale import the file, and then: %s", d.Command("orders", "imported", path))
}

// tellOthers says which orders are not in the file, though they are counted, or to be imported.
func (d Desk) tellOthers(s *sorting) {
	if n := len(s.came); n > 0 {
		d.Term.Warn("%s came since they were counted, and are not in the file: %s. The next export has them", words.Count(n, "order"), some(s.came))
	}
	if n := len(s.gone); n > 0 {
		d.Term.Warn("%s were counted, and are no longer to be imported, since somebody has cancelled them, say: %s. They are not in the file", words.Count(n, "order"), some(s.gone))
	}
}
