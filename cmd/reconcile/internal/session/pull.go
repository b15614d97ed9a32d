package session

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/reconcilehq/reconcile/plugins/host/localcopy"
	"github.com/reconcilehq/reconcile/rules"
)

// Copies are the sources that keep a Local Copy. They are to be closed.
type Copies struct {
	*Sources  // all that were opened
	Diagnosis // of these; with mistakes among them, some sources cannot be used
	Kept      []*Source
}

// Copies opens the sources of these names, or all that keep a Local Copy. Naming one that keeps none is a mistake. A source
// that cannot be used keeps nobody from pulling the others.
func (s *Session) Copies(ctx context.Context, names []string) (*Copies, error) {
	config, diags := s.Load()
	if diags.HasErrors() {
		return nil, s.Refuse(config, diags)
	}
	if _, err := s.folder(); err != nil {
		return nil, err
	}
	chosen, err := chooseSources(config, names)
	if err != nil {
		return nil, err
	}
	c := &Copies{Sources: s.open(ctx, config, chosen, nil)}
	if ctx.Err() != nil {
		c.Close()
		return nil, context.Canceled
	}
	c.Diagnosis = s.diagnose(config, rules.Merge(diags, c.diagnostics()))
	for _, o := range c.List {
		switch {
		case o.Schema == nil: // as the diagnosis says
		case o.copy != nil:
			c.Kept = append(c.Kept, o)
		case len(names) > 0:
			c.Close()
			return nil, fmt.Errorf("%s keeps no Local Copy: it is read each time", o.label())
		}
	}
	return c, nil
}

// Pulled is what became of a pull.
type Pulled struct {
	*localcopy.RefreshResult
	Took time.Duration
}

// Pull refreshes the source's copy, full or as far as is needed.
func (o *Source) Pull(ctx context.Context, full bool) (Pulled, error) {
	started := time.Now()
	folder, err := o.session().folder()
	if err != nil {
		return Pulled{}, err
	}
	reading := o.session().begin(o.Source)
	wish := o.wish(nil, reading.sides[0])
	wish.Full = full
	done, err := folder.Refresh(ctx, *o.copy, o.process, wish)
	reading.end()
	if err != nil {
		return Pulled{}, o.failed(ctx, err)
	}
	return Pulled{done, time.Since(started)}, nil
}

// CopyState is what there is of a source's copy.
type CopyState struct {
	localcopy.Info
	None     bool   // nothing was pulled yet
	Unusable string // why the next pull makes it anew; "" if it is good
}

// CopyState looks at the source's copy and pulls nothing.
func (o *Source) CopyState(ctx context.Context) (CopyState, error) {
	state, err := o.copyState(ctx)
	if err != nil {
		err = o.failed(ctx, err)
	}
	return state, err
}

func (o *Source) copyState(ctx context.Context) (CopyState, error) {
	folder, err := o.session().folder()
	if err != nil {
		return CopyState{}, err
	}
	r, err := folder.Open(ctx, *o.copy)
	var unusable *localcopy.UnusableError
	switch {
	case errors.Is(err, localcopy.ErrNone):
		return CopyState{None: true}, nil
	case errors.As(err, &unusable):
		return CopyState{Unusable: unusable.Error()}, nil
	case err != nil:
		return CopyState{}, err
	}
	defer r.Close()
	return CopyState{Info: r.Info()}, nil
}

func (o *Source) failed(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Canceled
	}
	return o.named(err)
}
