package session

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"time"

	"github.com/reconcilehq/reconcile/engine"
	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/report"
	"github.com/reconcilehq/reconcile/engine/verdict"
	"github.com/reconcilehq/reconcile/rules/source"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/memory"
)

// RunOptions say how a reconciliation is run.
type RunOptions struct {
	All         bool  // have synchronized items in the result, too
	Brief       bool  // with All: of items with which nothing is wrong have no more than SKU, name and key
	Unchecked   bool  // have items in the result that are not checked, too
	MemoryLimit int64 // in bytes: what exceeds it is kept on disk; 0 for what the machine has room for

	// Quiet leaves out what an earlier read has told.
	Quiet bool

	// Wrap, if it is not nil, returns what is read in the place of a side's source.
	Wrap func(side verdict.Side, source engine.Source) engine.Source

	// Unused, if it is not nil, is handed what made nothing intentional, of what the configuration has for all shops of its list.
	Unused func([]Unused)
}

// Run reads both sides to their ends and evaluates the rules. The result is to be closed with CloseResult. After Run the
// sources cannot be read again.
func (p *Prepared) Run(ctx context.Context, o RunOptions) (*report.Result, error) {
	if o.MemoryLimit == 0 {
		o.MemoryLimit = memory.DefaultLimit()
	}
	o.Wrap = p.lastReads(o.Wrap)
	result, err := p.read(ctx, o)
	if err != nil {
		return nil, err
	}
	p.LetGo() // everything has been read, and the result takes a while to be written
	p.warnUnused(result, o.Unused)
	if text := result.NearText(); text != "" {
		p.session.warn("%s", text)
	}
	p.warnDoubts(result)
	p.warnTexts(result)
	p.collectWarnings(result)
	return result, nil
}

// lastReads returns a RunOptions.Wrap that has a side's connector end as soon as all of it was read: its memory serves the pairing.
func (p *Prepared) lastReads(wrap func(verdict.Side, engine.Source) engine.Source) func(verdict.Side, engine.Source) engine.Source {
	return func(side verdict.Side, from engine.Source) engine.Source {
		if wrap != nil {
			from = wrap(side, from)
		}
		of := p.Reconciliation.Pos
		if side == verdict.Store {
			of = p.Reconciliation.Store
		}
		return lastRead{from, p.find(of)}
	}
}

// lastRead is a source that is not asked for anything once it was read.
type lastRead struct {
	engine.Source
	of *Source
}

// Read implements engine.Source.
func (l lastRead) Read(ctx context.Context, asked *catalog.Schema, watch engine.ReadWatcher, sink func(*catalog.Batch) error) (engine.Read, error) {
	read, err := l.Source.Read(ctx, asked, watch, sink)
	if err == nil {
		l.of.letGo()
	}
	return read, err
}

// unlimited is for what holds all items in memory anyway.
var unlimited = RunOptions{All: true}

// read runs the reconciliation.
func (p *Prepared) read(ctx context.Context, o RunOptions) (*report.Result, error) {
	return p.reading(ctx, o, engine.Run)
}

// reading is the one place where both sides are read: by how, and as the options say.
func (p *Prepared) reading(ctx context.Context, o RunOptions, how func(context.Context, engine.Job) (*report.Result, error)) (*report.Result, error) {
	r := p.Reconciliation
	reading := p.session.begin(r.Pos, r.Store)
	side := func(at verdict.Side, source *source.Source) engine.Side {
		w := reading.sides[at]
		from := p.find(source).reader(w)
		if o.Wrap != nil {
			from = o.Wrap(at, from)
		}
		return engine.Side{Source: from, Connector: source.Connector, Name: source.Name, Watch: w}
	}
	result, err := how(ctx, engine.Job{Reconciliation: r.Name, Program: p.Program,
		Pos: side(verdict.Pos, r.Pos), Store: side(verdict.Store, r.Store), All: o.All, Brief: o.Brief, Unchecked: o.Unchecked, MaxSkew: p.maxSkew(), MemoryLimit: o.MemoryLimit})
	if o.Quiet {
		p.session.Listener.End()
	} else {
		reading.end()
	}
	if err != nil {
		if ctx.Err() != nil {
			return nil, context.Canceled
		}
		return nil, p.place(err)
	}
	result.Settings, result.Shop = p.Settings(), p.session.Shop
	if r.Key != nil {
		result.KeyText, result.KeyOfLines = p.keyText()
	}
	if o.Quiet {
		return result, nil
	}
	if lag := result.Lag(); lag != "" {
		p.session.warn("%s", lag)
	}
	p.tellWarnings(result)
	return result, nil
}

// maxSkew is by how much the ages of the sides may differ; 0: by any time. What a sandbox has is made up, and of no time: then it is any.
func (p *Prepared) maxSkew() time.Duration {
	for _, of := range []*source.Source{p.Reconciliation.Pos, p.Reconciliation.Store} {
		if p.find(of).isSandbox() {
			return 0
		}
	}
	return p.Reconciliation.MaxSkew
}

// isSandbox reports whether a source is a sample store, which its connector serves itself.
func (o *Source) isSandbox() bool {
	var given struct {
		Sandbox bool `json:"sandbox"`
	}
	return json.Unmarshal(o.settings, &given) == nil && given.Sandbox
}

// Settings stands for what decides, beside the rules, which items are compared and by what values.
func (p *Prepared) Settings() string {
	text := p.Program.KeyMeaning()
	for _, of := range []*source.Source{p.Reconciliation.Pos, p.Reconciliation.Store} {
		text += "\n" + of.Connector + " " + p.find(of).meaning
	}
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:8])
}

// CloseResult lets go of a result. That something of it could not be removed from disk does not make it a wrong one.
func (p *Prepared) CloseResult(result *report.Result) {
	if err := result.Close(); err != nil {
		p.session.warn("temporary files are left, which the next run will try to remove: %v", err)
	}
}
