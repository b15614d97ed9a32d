package rules

import (
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"

	"github.com/reconcilehq/reconcile/rules/block"
	"github.com/reconcilehq/reconcile/rules/grammar"
	"github.com/reconcilehq/reconcile/rules/source"
	"github.com/reconcilehq/reconcile/rules/websync"
)

// Options are what Load needs to know of the world.
type Options struct {
	// Getenv looks up an environment variable for env(); nil means os.LookupEnv.
	Getenv func(name string) (string, bool)
	// Stop ends, when it is closed, the wait for a file that is a pipe.
	Stop <-chan struct{}
	// Bundled are the connectors that need no plugin block.
	Bundled []string
	// Websync are the words of the points of sale that the configuration can use; nil means AmberPOS's.
	Websync []websync.Words
	// Shop is the shop that the configuration is read for, of those in its list; "" for none.
	Shop string
	// Accepted, if it is not nil, is taken for the text of the file of accepted discrepancies.
	Accepted []byte
	// Texts are taken for what stands in files, by their clean paths; those of a skus_file are absolute.
	Texts map[string][]byte
	// Command returns a command of the program to be typed next, about the same configuration and shop; nil: with no flags.
	Command func(words ...string) string
}

// Load reads the configuration at path, a file or a folder. The Config is never nil, so that the diagnostics can be
// printed with its Files. After a syntax error it holds nothing else.
func Load(path string, opts Options) (*Config, hcl.Diagnostics) {
	if opts.Websync == nil {
		opts.Websync = []websync.Words{websync.AmberPOS()}
	}
	files, diags := block.ParseWith(path, opts.Shop, opts.Accepted, opts.Texts, opts.Stop)
	l := &loader{Reader: block.NewReader(opts.Getenv), texts: opts.Texts, stop: opts.Stop}
	if diags.HasErrors() {
		l.config = &Config{Config: source.New(files, l.Reader), reader: l.Reader, websync: &websync.Settings{}}
		return l.config, diags
	}
	l.load(files, opts)
	diags = append(diags, unreadAccepted(path, files, opts.Command)...)
	return l.config, append(diags, l.Diags...)
}

// loader is the state of reading one configuration.
type loader struct {
	*block.Reader
	config *Config
	names  []string // of the reconciliations
	texts  map[string][]byte
	stop   <-chan struct{}
}

// load reads all blocks of all files. Blocks refer to one another in any order, so the order is by what needs what.
func (l *loader) load(files *block.Files, opts Options) {
	types := slices.Concat(source.Blocks(), websync.Blocks(opts.Websync), block.Headers(grammar.Rule, grammar.Intentional, grammar.Reconciliation, grammar.History, grammar.Schedule, grammar.Brakes))
	blocks := l.ByType(files, &hcl.BodySchema{Blocks: types}, true)
	l.config = &Config{Config: source.Read(files, l.Reader, blocks, source.Options{Bundled: opts.Bundled, Shop: opts.Shop, Texts: opts.Texts, Stop: opts.Stop}), reader: l.Reader, Accepted: files.Accepted, Unread: files.Unread, UnreadBy: files.UnreadBy}
	l.config.websync = websync.Read(l.Reader, opts.Websync, blocks)
	l.Each(blocks["rule"], codes, l.rule)
	l.checkExplains()
	for _, b := range blocks["reconciliation"] {
		l.names = append(l.names, b.Labels...)
	}
	l.Each(blocks["intentional"], block.Text(), l.intentional)
	l.Each(blocks["reconciliation"], block.Text(), l.reconciliation)
	l.history(blocks["history"])
	l.brakes(blocks["brakes"])
	before := len(l.Diags)
	l.Each(blocks["schedule"], block.Text(), l.schedule)
	l.config.ScheduleMistakes = l.Diags[before:]
}

// codes are the names of rules.
var codes = block.Labels{
	Good: func(code string) bool {
		return code != "" && !strings.ContainsFunc(code, func(r rune) bool { return r <= ' ' || r == ',' || r == 0x7f })
	},
	Rule: "a code is not empty and has neither white space nor a comma",
}
