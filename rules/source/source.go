// Package source reads the part of a configuration that says where data comes from: source blocks with their settings, the
// plugin blocks of their connectors, and the local names that both can use. A package that only has to start connectors
// needs nothing of the rules.
package source

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/rules/block"
	"github.com/reconcilehq/reconcile/rules/grammar"
	"github.com/reconcilehq/reconcile/rules/hidden"
)

// Config is what a configuration says of sources.
type Config struct {
	// Dir is the folder that relative paths are relative to.
	Dir string
	// Files are the parsed files by name, for printing diagnostics with their source.
	Files map[string]*hcl.File

	Sources []*Source
	Plugins []*Plugin
	Shops   *Shops // nil: the configuration is for one shop
	Shop    string // that was chosen; "" for none

	ShopsFile string // the path of the list of shops; "" if there is none

	reader      *block.Reader
	open        open
	secrets     *secretStore
	shopSecrets []string // values of the chosen shop that are called like secrets
}

// Source is a source block. Its settings are read by Config.Settings, once its connector has described them.
type Source struct {
	Connector, Name string
	ReadTimeout     time.Duration // 0 if it sets none
	ReadLimit       time.Duration // the same
	MaxItems        int64         // the same
	ItemPage        *ItemPage     // the same: nil
	Range           hcl.Range     // of the block's header

	body *hclsyntax.Body
}

// ItemPage is what a source says of its items' pages, in place of what its connector tells.
type ItemPage struct {
	Page  *catalog.ItemPage // nil: there are none
	Range hcl.Range
}

// Address returns how rules refer to the source, for example "source.bigcommerce.web".
func (s *Source) Address() string { return "source." + s.Connector + "." + s.Name }

// SettingRange returns where the source sets an attribute, and whether it does.
func (s *Source) SettingRange(name string) (hcl.Range, bool) {
	a, ok := s.body.Attributes[name]
	if !ok {
		return hcl.Range{}, false
	}
	return a.NameRange, true
}

// Blocks are the types of blocks that Read reads.
func Blocks() []hcl.BlockHeaderSchema {
	return block.Headers(grammar.Source, grammar.Shops, grammar.Secrets, grammar.Plugin, grammar.Locals)
}

// Options are what Load needs to know of the world.
type Options struct {
	// Getenv looks up an environment variable for env(); nil means os.LookupEnv.
	Getenv func(name string) (string, bool)
	// Bundled are the connectors that need no plugin block.
	Bundled []string
	// Shop is the shop that the configuration is read for, of those in its list; "" for none.
	Shop string
	// Texts are taken for what stands in files, by their clean paths.
	Texts map[string][]byte
	// Stop ends, when it is closed, the wait for a file that is a pipe, and for a command that says a secret.
	Stop <-chan struct{}
}

// Load reads the sources of the configuration at path, a file or a folder, and nothing else of it. The Config is never
// nil, so that the diagnostics can be printed with its Files. After a syntax error it holds nothing else.
func Load(path string, opts Options) (*Config, hcl.Diagnostics) {
	files, diags := block.Parse(path)
	r := block.NewReader(opts.Getenv)
	if diags.HasErrors() {
		return New(files, r), diags
	}
	blocks := r.ByType(files, &hcl.BodySchema{Blocks: Blocks()}, false)
	c := Read(files, r, blocks, opts)
	return c, append(diags, r.Diags...)
}

// New returns a configuration without sources.
func New(files *block.Files, r *block.Reader) *Config {
	return &Config{Dir: files.Dir, Files: files.Parsed, reader: r, secrets: &secretStore{getenv: r.Scope().Getenv, known: map[string]string{}}}
}

// Read reads what blocks say of sources, the shops, and the local names.
func Read(files *block.Files, r *block.Reader, blocks map[string]hcl.Blocks, opts Options) *Config {
	c, bundled := New(files, r), opts.Bundled
	c.readShops(r, blocks["shops"], opts)
	r.ReadLocals(blocks["locals"])
	c.readSecrets(r, blocks["secrets"], opts)
	r.Each(blocks["plugin"], block.Identifier(), func(b *hcl.Block) { r.Unshown(func() { c.readPlugin(r, b, bundled) }) })
	r.Each(blocks["source"], block.Identifier(), func(b *hcl.Block) { c.readSource(r, b, bundled) })
	return c
}

// Reader returns a reader of more blocks, which can use the configuration's local names.
func (c *Config) Reader() *block.Reader { return c.reader.Another() }

func (c *Config) readSource(r *block.Reader, b *hcl.Block, bundled []string) {
	s := &Source{Connector: b.Labels[0], Name: b.Labels[1], Range: b.DefRange, body: b.Body.(*hclsyntax.Body)}
	if !slices.Contains(bundled, s.Connector) && c.Plugin(s.Connector) == nil {
		known := slices.Clone(bundled)
		for _, p := range c.Plugins {
			known = append(known, p.Connector)
		}
		r.Fail(b.LabelRanges[0], "Unknown connector", "There is no connector %q.%s There are: %s. A connector that is not bundled needs a plugin block.",
			s.Connector, catalog.DidYouMean(s.Connector, known), strings.Join(known, ", "))
	}
	if a, ok := s.body.Attributes["read_timeout"]; ok {
		s.ReadTimeout = r.Duration(a.Expr, "read_timeout")
	}
	if a, ok := s.body.Attributes["read_limit"]; ok {
		s.ReadLimit = r.Duration(a.Expr, "read_limit")
	}
	if a, ok := s.body.Attributes["max_items"]; ok {
		s.MaxItems = readMaxItems(r, a.Expr)
	}
	if a, ok := s.body.Attributes["item_page"]; ok {
		s.ItemPage = readItemPage(r, a.Expr)
	}
	for name, a := range s.body.Attributes {
		if hidden.LooksSecret(name) {
			c.open.addSecret(a.Expr)
		}
	}
	c.Sources = append(c.Sources, s)
}

// readItemPage reads item_page, the address of an item's page, or "" for none; nil where it is wrong.
func readItemPage(r *block.Reader, e hcl.Expression) *ItemPage {
	v, ok := r.Constant(e, catalog.String, `"item_page"`)
	switch {
	case !ok:
		return nil
	case v.Str() == "":
		return &ItemPage{Range: e.Range()}
	}
	page, err := catalog.ParseItemPage(v.Str())
	if err != nil {
		r.Fail(e.Range(), "Invalid address of a page", `"item_page" is the address of an item's page, with names of fields in braces, such as "https://shop.example/products/{id}": %v.`, err)
		return nil
	}
	return &ItemPage{page, e.Range()}
}

// readMaxItems reads max_items, a whole number from 1 on; 0 where it is wrong.
func readMaxItems(r *block.Reader, e hcl.Expression) int64 {
	v, ok := r.Constant(e, catalog.Number, `"max_items"`)
	if !ok {
		return 0
	}
	n, err := strconv.ParseInt(v.Text(), 10, 64)
	if err != nil || n < 1 {
		r.Fail(e.Range(), "Invalid number of items", `"max_items" is a whole number from 1 on, such as 1000000.`)
		return 0
	}
	return n
}
