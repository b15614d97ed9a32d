package orders

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/reconcilehq/reconcile/engine/replace"
	"github.com/reconcilehq/reconcile/engine/weborder"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/session"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/words"
)

func importedCommand(d Desk) *cobra.Command {
	return &cobra.Command{
		Use:   "imported FILE",
		Short: "Note that the orders of an export were imported",
		Long: `Imported adds the numbers of the orders in an export to the file of imported orders, which the store's source names (imported_ids_file). From
then on pending does not count them. FILE is what orders export has written, or its manifest.

Run it when the point of sale has imported all of the file. It asks the store nothing. A second time it adds nothing: orders are known by
their numbers. An export that was changed since, or is of another store, is refused.`,
		Example: `  reconcile orders imported orders.csv`,
		Args:    cobra.ExactArgs(1),
		RunE:    func(cmd *cobra.Command, args []string) error { return d.imported(cmd.Context(), args[0]) },
	}
}

// imported notes the orders of an export as imported.
func (d Desk) imported(ctx context.Context, path string) error {
	m, err := readManifest(path)
	if err != nil {
		return err
	}
	store, err := d.Open(ctx, m.Reconciliation)
	if err != nil {
		return err
	}
	defer store.Close()
	if store.Address() != m.Source || store.DataHash() != m.Store {
		return fmt.Errorf("%s has orders of another store: of %s as it was configured then, and not of %s as it is now", path, m.Source, store.Label())
	}
	file, err := fileOf(store)
	if err != nil {
		return err
	}
	added, err := addTo(file, m.Orders)
	if err != nil {
		return err
	}
	already := len(m.Orders) - len(added)
	switch {
	case len(added) == 0:
		d.say("All %s of %s are in %s already: nothing was changed.", words.Count(len(m.Orders), "order"), m.File, file)
	case already > 0:
		d.say("Added %s to %s: %s. %d more were in it already.", words.Count(len(added), "order"), file, some(added), already)
	default:
		d.say("Added %s to %s: %s.", words.Count(len(added), "order"), file, some(added))
	}
	return nil
}

// fileOf returns the path of the file of imported orders.
func fileOf(store *session.Store) (string, error) {
	file, setting, err := store.ImportedFile()
	switch {
	case err != nil:
		return "", err
	case setting == "":
		return "", fmt.Errorf("%s: its connector knows no file of imported orders: tell it in its own way which are imported", store.Label())
	case file == "":
		return "", fmt.Errorf("%s names no file of imported orders: add %s = \"imported-orders.txt\" to its block (%s), and make that file, empty", store.Label(), setting, words.Position(store.Range))
	}
	return file, nil
}

// addTo adds numbers to a file of imported orders, in one step. It returns those that were added.
func addTo(file string, ids []string) (added []string, err error) {
	unlock, err := replace.LockFolder(filepath.Dir(file))
	if err != nil {
		return nil, err
	}
	defer unlock()
	text, err := replace.Read(file)
	if errors.Is(err, fs.ErrNotExist) { // a new one would forget all that were imported before
		return nil, fmt.Errorf("there is no file %s any more, which has the orders that were imported: bring it back, or make an empty one if there were none", file)
	}
	if err != nil {
		return nil, err
	}
	with, added, err := weborder.AddNumbers(text, ids)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	if len(added) == 0 {
		return nil, nil
	}
	out, err := replace.OpenPlain(file, 0o600)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, out.Discard()) }()
	if _, err := out.Write(with); err != nil {
		return nil, err
	}
	if now, err := replace.Read(file); err != nil || !bytes.Equal(now, text) {
		return nil, fmt.Errorf("somebody else is changing %s: try again", file)
	}
	return added, out.Commit()
}
