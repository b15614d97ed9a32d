package setup

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/rules"
	"github.com/reconcilehq/reconcile/rules/starter"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/session"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/terminal"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/words"
)

// mostShown is how many of the store's items are shown.
const mostShown = 10

// opened are sources that stand in no file yet.
type opened struct {
	*session.Sources
	file   string
	remove func()
}

// Close ends them.
func (o *opened) Close() {
	o.Sources.Close()
	o.remove()
}

// open opens sources, which stand in no file yet, in the folder of the configuration. They are to be closed.
func (i *setup) open(ctx context.Context, text string) (*opened, error) {
	file, remove, err := i.temporary([]byte(text))
	if err != nil {
		return nil, err
	}
	o := i.session
	o.ConfigPath, o.Getenv = file, i.getenv
	sources, err := session.New(o).Open(ctx, nil)
	if err != nil {
		remove()
		return nil, i.mistakes(err, file)
	}
	return &opened{sources, file, remove}, nil
}

// temporary writes a configuration to a file in the folder that it is for, because its paths are relative to that.
func (i *setup) temporary(text []byte) (path string, remove func(), err error) {
	file, err := os.CreateTemp(filepath.Dir(i.Output), ".reconcile-*.hcl")
	if err != nil {
		return "", nil, fmt.Errorf("write %s: %w", i.Output, err)
	}
	remove = func() { _ = os.Remove(file.Name()) }
	_, err = file.Write(text)
	if err := errors.Join(err, file.Close()); err != nil {
		remove()
		return "", nil, fmt.Errorf("write %s: %w", i.Output, err)
	}
	return file.Name(), remove, nil
}

// mistakes shows the mistakes that an error is made of, as those of the file that is to be written.
func (i *setup) mistakes(err error, file string) error {
	var mistakes *session.MistakesError
	if !errors.As(err, &mistakes) {
		return err
	}
	mistakes.Rename(file, i.Output)
	if err := i.term.Show(mistakes.Files, rules.WithoutNotOffered(mistakes.Diags)); err != nil {
		return err
	}
	i.term.Say("Nothing was written.")
	return terminal.ErrShown
}

// takeStore takes a source that reads the store: its fields say which rules can be checked.
func (i *setup) takeStore(ctx context.Context, store *starter.Store) error {
	sources, err := i.open(ctx, store.Blocks)
	if err != nil {
		return err
	}
	defer sources.Close()
	o := sources.List[0]
	if o.Schema == nil {
		return i.mistakes(o.Refusal(), sources.file)
	}
	schema := o.Schema
	store.Offers = func(field string) bool { return schema.Index(field) >= 0 }
	i.shop.Store = store
	return nil
}

// applySettings takes flags that give settings, such as --setting, into the source block.
func (i *setup) applySettings(b *block, takes *catalog.Settings, by string, flags []string) error {
	for _, flag := range flags {
		name, given, ok := strings.Cut(flag, "=")
		name = strings.TrimSpace(name)
		if !ok {
			return fmt.Errorf("%s %s: write name=value, such as %[1]s url=https://shop.example", by, flag)
		}
		within, of := b, takes
		if outer, inner, nested := strings.Cut(name, "."); nested {
			if a := takes.Attribute(outer); a != nil {
				if err := i.applyMember(b, a, by, inner, given); err != nil {
					return err
				}
				continue
			}
			at := slices.IndexFunc(takes.Blocks, func(n catalog.Block) bool { return n.Name == outer })
			if at < 0 {
				return fmt.Errorf("%s %s: the connector has no block and no map %q", by, name, outer)
			}
			within, of, name = b.block(outer), &takes.Blocks[at].Settings, inner
		}
		a := of.Attribute(name)
		if a == nil {
			var names []string
			for _, a := range of.Attributes {
				names = append(names, a.Name)
			}
			return fmt.Errorf("%s %s: there is no such setting. There are: %s", by, name, strings.Join(names, ", "))
		}
		if given == "" {
			within.remove(name)
			continue
		}
		value, err := valueOf(a, given)
		if err != nil {
			return fmt.Errorf("%s: %w", by, err)
		}
		within.set(name, value)
		if err := i.need(given); err != nil {
			return err
		}
	}
	return nil
}

// applyMember gives a member of a map a value, or takes it away where the value is empty: combine.qoh=sum.
func (i *setup) applyMember(b *block, a *catalog.Attribute, by, member, given string) error {
	switch {
	case a.Type != catalog.SettingStringsMap:
		return fmt.Errorf("%s %s.%s: %s is a %s, and has no members", by, a.Name, member, a.Name, a.Type)
	case member == "":
		return fmt.Errorf("%s %s. has no member: write its name behind the point, such as %[2]s.qoh=sum", by, a.Name)
	}
	value := ""
	if given != "" {
		var err error
		if value, err = valueOf(&catalog.Attribute{Name: a.Name + "." + member, Type: catalog.SettingString, Sensitive: a.Sensitive}, given); err != nil {
			return fmt.Errorf("%s: %w", by, err)
		}
	}
	if err := b.setMember(a.Name, member, value); err != nil {
		return fmt.Errorf("%s %s.%s: %w", by, a.Name, member, err)
	}
	return i.need(given)
}

// need notes a variable of the environment that a value comes from. Where there is nobody to ask it has to be set.
func (i *setup) need(value string) error {
	name, ok := variable(value)
	if !ok || slices.Contains(i.variables, name) {
		return nil
	}
	i.variables = append(i.variables, name)
	if _, there := i.getenv(name); there || i.term.CanAsk() {
		return nil
	}
	return fmt.Errorf("the variable %s is not set in the environment, so that the store cannot be tried: set it", name)
}

// askSecrets asks for the values of variables that the environment has not. They are kept for this run only.
func (i *setup) askSecrets(ctx context.Context) error {
	for _, name := range i.variables {
		if _, there := i.getenv(name); there || !i.term.CanAsk() {
			continue
		}
		value, err := i.term.Secret(ctx, fmt.Sprintf("The value of %s (not shown, and not written to any file): ", name))
		if err != nil {
			return err
		}
		i.secrets[name] = value
	}
	return nil
}

// tryAnyStore reads the store as a run would, all of it, and shows the first items.
func (i *setup) tryAnyStore(ctx context.Context, o *session.Source) error {
	facts, err := o.Check(ctx)
	if err == nil {
		i.term.Begin([]string{"web"})
		var first *catalog.Batch
		var items int64
		first, items, err = o.FirstOf(ctx, o.Schema, func(items, total int64, text string) { i.term.Progress(0, items, total, text) })
		i.term.End()
		if err == nil {
			return i.showItems(facts, first, items)
		}
	}
	if ctx.Err() != nil {
		return context.Canceled
	}
	return fmt.Errorf("the store cannot be read, so nothing was written (--no-check writes without trying it): %w", err)
}

func (i *setup) showItems(facts []catalog.Fact, first *catalog.Batch, items int64) error {
	fmt.Fprintln(i.term.Out)
	if name, ok := fact(facts, "store"); ok {
		fmt.Fprintf(i.term.Out, "The store lets us in: %s, currency %s.\n", words.OneLine(name), about(facts, "currency"))
	}
	if first == nil {
		_, err := fmt.Fprintln(i.term.Out, "The store has no items.")
		return err
	}
	shown := min(first.Len(), mostShown)
	fmt.Fprintf(i.term.Out, "The store has %s. The first %d:\n", words.Count(int(items), "item"), shown)
	w := tabwriter.NewWriter(i.term.Out, 0, 0, 3, ' ', 0)
	names := first.Schema().Names()
	fmt.Fprintf(w, "  %s\n", strings.Join(names, "\t"))
	for row := range shown {
		var cells []string
		for _, name := range names {
			cells = append(cells, shownValue(first.Value(name, row)))
		}
		fmt.Fprintf(w, "  %s\n", strings.Join(cells, "\t"))
	}
	return w.Flush()
}

// shownValue writes a value as a cell of a table.
func shownValue(v catalog.Value) string {
	const widest = 40
	if v.IsNull() {
		return "(empty)"
	}
	text := []rune(words.OneLine(words.Literal(v)))
	if len(text) > widest {
		return string(text[:widest-1]) + "…"
	}
	return string(text)
}
