package session

import (
	"context"
	"slices"
	"time"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/plugins/host"
)

// Description is what there is to say of a source.
type Description struct {
	Version   string              // of its connector; "" if that did not start
	Diagnosis                     // of the source alone
	Usable    bool                // false: the diagnosis says why, and nothing else is known
	Settings  []catalog.Attribute // that its connector takes
	Facts     []catalog.Fact
	Copy      *CopyState // nil if it keeps no Local Copy
	CopyErr   error      // why it is not known what there is of that
	Fields    []catalog.Field
}

// About returns what the source's connector says of itself; ok is false if it did not start.
func (o *Source) About() (about host.Description, ok bool) {
	if o.process == nil {
		return host.Description{}, false
	}
	return o.process.Describe(), true
}

// Refusal returns what was wrong with opening the source as an error.
func (o *Source) Refusal() error { return o.session().Refuse(o.of.Config, o.diags) }

// Describe tries a source and returns what it is. It reads no item. An error says that the source does not let us in.
func (o *Source) Describe(ctx context.Context) (d Description, err error) {
	d = o.known()
	if !d.Usable {
		return d, nil
	}
	if d.Facts, err = o.Check(ctx); err != nil {
		return d, err
	}
	d.Facts = slices.DeleteFunc(d.Facts, func(f catalog.Fact) bool { return f.Name == catalog.FactClock })
	o.look(ctx, &d)
	return d, nil
}

// Look returns what is known of a source, as Describe does, but asks its platform for nothing.
func (o *Source) Look(ctx context.Context) Description {
	d := o.known()
	if d.Usable {
		o.look(ctx, &d)
	}
	return d
}

// known is what opening the source has told.
func (o *Source) known() Description {
	d := Description{Diagnosis: o.session().diagnose(o.of.Config, o.diags), Usable: o.Schema != nil}
	if o.process != nil {
		d.Version = o.process.Describe().Version
		if settings := o.process.Describe().Settings; settings != nil {
			d.Settings = settings.Attributes
		}
	}
	return d
}

// look adds what there is of the copy, and the fields.
func (o *Source) look(ctx context.Context, d *Description) {
	if o.copy != nil {
		d.Copy = &CopyState{}
		*d.Copy, d.CopyErr = o.copyState(ctx)
	}
	for _, f := range o.Schema.Fields() {
		// A connector may leave it to us to say what every source's field of that name is.
		if known, ok := catalog.KnownField(f.Name); ok && f.Doc == "" {
			f.Doc = known.Doc
		}
		d.Fields = append(d.Fields, f)
	}
}

// Check asks the source whether it lets us in, and for facts about it.
func (o *Source) Check(ctx context.Context) ([]catalog.Fact, error) {
	defer o.waitFor("has not said whether it lets us in")()
	return o.process.Check(ctx)
}

// First reads all items with the asked fields, and returns the batch that the first one is in; nil if there is none.
func (o *Source) First(ctx context.Context, asked *catalog.Schema) (*catalog.Batch, error) {
	first, _, err := o.FirstOf(ctx, asked, func(int64, int64, string) {})
	return first, err
}

// FirstOf does the same. It also returns how many items there are, and told is told how many were read, of how many if that is known, and
// what is being done.
func (o *Source) FirstOf(ctx context.Context, asked *catalog.Schema, told func(items, total int64, text string)) (first *catalog.Batch, items int64, err error) {
	_, err = o.process.Read(ctx, asked, watched{told: told}, func(b *catalog.Batch) error {
		if first == nil && b.Len() > 0 {
			first = b
		}
		items += int64(b.Len())
		return nil
	})
	return first, items, err
}

// watched is a read of which somebody is told how far it is.
type watched struct {
	unwatched
	told func(items, total int64, text string)
}

func (w watched) Progress(items, total int64, text string) { w.told(items, total, text) }
func (w watched) Waiting(_ time.Time, text string)         { w.told(0, 0, text) }

// unwatched is a read that nobody watches.
type unwatched struct{}

func (unwatched) Progress(int64, int64, string) {}
func (unwatched) Waiting(time.Time, string)     {}
func (unwatched) Warning(string)                {}
func (unwatched) Notice(string)                 {}

func (unwatched) Unreadable([]catalog.Unreadable) error { return nil }
