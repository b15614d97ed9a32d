package source

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/hashicorp/hcl/v2"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/rules/block"
	"github.com/reconcilehq/reconcile/rules/expr"
	"github.com/reconcilehq/reconcile/rules/grammar"
	"github.com/reconcilehq/reconcile/rules/hidden"
)

// AllShops is what a command calls all shops, so that no shop can be called so.
const AllShops = "all"

// Shops are the shops that a configuration is for, in the order of their list.
type Shops struct {
	Path  string   // of the list, as the configuration names it
	Names []string // of the shops

	Account     string // the column that says which shops share an account of their platform; "" if none does
	AccountJobs int    // how many shops of one account are compared at a time
	Unusable    bool   // the list cannot be read, or has not the shop that is asked for: what each.NAME is, is not known, and a diagnostic says why
	Broken      bool   // something is wrong with the block or the list, which a diagnostic says

	columns []string
	lines   []shopLine
}

// shopLine is a line of the list.
type shopLine struct {
	shop   string
	number int
	values map[string]string
}

// shopColumn is the column that names the shop.
const shopColumn = "shop"

// AccountOf returns the account that a shop shares with others; "" if it shares none.
func (s *Shops) AccountOf(shop string) string {
	if i := slices.Index(s.Names, shop); i >= 0 && s.Account != "" {
		return s.lines[i].values[s.Account]
	}
	return ""
}

// HasShops reports whether the configuration is for a list of shops.
func (c *Config) HasShops() bool { return c.Shops != nil }

// readShops reads the shops block, of which there is one at most, and the list that it names.
func (c *Config) readShops(r *block.Reader, blocks hcl.Blocks, opts Options) {
	for i, b := range blocks {
		if i > 0 {
			r.Fail(b.DefRange, "Duplicate shops", "There is a shops block at %s already.", block.Place(blocks[0].DefRange))
			return
		}
		attrs := r.Attributes(b, grammar.Shops)
		a, ok := attrs["file"]
		if !ok {
			return
		}
		c.open.add(a.Range)
		name := r.Text(attrs, "file")
		if name == "" {
			if !r.Diags.HasErrors() {
				r.Fail(a.Expr.Range(), "No list of shops", `"file" is the path of a CSV file that has a column "shop".`)
			}
			return
		}
		path := name
		if !filepath.IsAbs(path) {
			path = filepath.Join(c.Dir, path)
		}
		c.ShopsFile = path
		text, given := opts.Texts[filepath.Clean(path)]
		var err error
		if !given {
			text, err = block.ReadFile(path, opts.Stop)
		}
		shops := &Shops{Path: name}
		if err == nil {
			err = shops.read(text)
		}
		if err != nil {
			r.Fail(a.Expr.Range(), "List of shops cannot be used", "%s: %v.", name, withoutPath(err))
			shops = &Shops{Path: name, Broken: true, Unusable: true}
		}
		c.Shops = shops
		known := len(r.Diags)
		shops.accounts(r, attrs)
		shops.Broken = shops.Broken || len(r.Diags) > known
		r.SetShopLine(c.each(r, a.Expr.Range(), opts.Shop, err == nil))
	}
	if len(blocks) == 0 && opts.Shop != "" {
		r.Diags = append(r.Diags, &hcl.Diagnostic{Severity: hcl.DiagError, Summary: "No shops",
			Detail: fmt.Sprintf("The shop %q was asked for, but the configuration has no shops block, which names the list of shops.", opts.Shop)})
	}
}

// accounts reads which shops share an account of their platform.
func (s *Shops) accounts(r *block.Reader, attrs hcl.Attributes) {
	s.AccountJobs = 1
	column, ok := attrs["account"]
	if ok {
		s.Account = r.Text(attrs, "account")
		switch {
		case s.Account == "" || len(s.columns) == 0: // something else is wrong
		case !slices.Contains(s.columns, s.Account):
			r.Fail(column.Expr.Range(), "Unknown column", "%s has no column %q.%s", s.Path, s.Account, catalog.DidYouMean(s.Account, s.columns))
		case hidden.LooksSecret(s.Account):
			r.Fail(column.Expr.Range(), "Secret column", "The column %q looks like a secret, and an account is shown: name a column that says which account it is.", s.Account)
		}
	}
	if a, is := attrs["account_jobs"]; is {
		v, good := r.Constant(a.Expr, catalog.Number, `"account_jobs"`)
		n, whole := v.Number().Whole()
		switch {
		case !good:
		case !whole || n < 1 || n > mostAccountJobs:
			r.Fail(a.Expr.Range(), "Invalid number", `"account_jobs" is a whole number from 1 to %d.`, mostAccountJobs)
		case !ok:
			r.Fail(a.Expr.Range(), "No account", `"account_jobs" says how many shops of one account are compared at a time: "account" names the column that says which account a shop has.`)
		default:
			s.AccountJobs = n
		}
	}
}

const mostAccountJobs = 1000

// each returns what each.NAME stands for.
func (c *Config) each(r *block.Reader, at hcl.Range, chosen string, complete bool) *expr.Each {
	s := c.Shops
	e := &expr.Each{Columns: s.columns, Secret: hidden.LooksSecret, Choose: "Name a shop with --shop" + s.some() + "."}
	if e.Broken = !complete; e.Broken || chosen == "" {
		return e
	}
	i := slices.Index(s.Names, chosen)
	if i < 0 {
		advice := ""
		if chosen == AllShops {
			advice = " All of them are for reconcile run and reconcile validate alone: name one" + s.some() + "."
		}
		r.Fail(at, "Unknown shop", "%s has no shop %q.%s%s", s.Path, chosen, catalog.DidYouMean(chosen, s.Names), advice)
		e.Broken, s.Unusable = true, true
		return e
	}
	line := s.lines[i]
	e.Shop, e.Values, e.Place = line.shop, line.values, fmt.Sprintf("%s:%d", s.Path, line.number)
	for column, value := range line.values {
		if hidden.LooksSecret(column) {
			c.shopSecrets = append(c.shopSecrets, value)
		}
	}
	c.Shop = line.shop
	return e
}

// some names the first shops, as a message goes on behind an option.
func (s *Shops) some() string {
	const most = 5
	switch n := len(s.Names); {
	case n == 0:
		return ""
	case n <= most:
		return ": " + strings.Join(s.Names, ", ")
	default:
		return fmt.Sprintf(": %s and %d more", strings.Join(s.Names[:most], ", "), n-most)
	}
}

// read reads a list: a line of column names, and a line for each shop. The errors tell the line, and never a value other than a shop's name.
func (s *Shops) read(text []byte) error {
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	if !utf8.Valid(text) || bytes.IndexByte(text, 0) >= 0 {
		return errors.New("it is no text in UTF-8: save it as CSV UTF-8")
	}
	lines := csv.NewReader(bytes.NewReader(text))
	if first, _, _ := bytes.Cut(text, []byte("\n")); bytes.IndexByte(first, ';') >= 0 && bytes.IndexByte(first, ',') < 0 {
		lines.Comma = ';'
	}
	header, err := lines.Read()
	if errors.Is(err, io.EOF) {
		return errors.New(`it is empty: its first line names the columns, of which one is "shop"`)
	}
	if err != nil {
		return lineError(err)
	}
	for i, name := range header {
		header[i] = strings.TrimSpace(name)
		switch {
		case header[i] == "":
			return fmt.Errorf("line 1: the column %d has no name", i+1)
		case slices.Contains(header[:i], header[i]):
			return fmt.Errorf("line 1: two columns are called %q", header[i])
		}
	}
	if !slices.Contains(header, shopColumn) {
		return fmt.Errorf("line 1: there is no column %q, which names the shop", shopColumn)
	}
	s.columns = header
	seen := map[string]int{}
	for {
		record, err := lines.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return lineError(err)
		}
		number, _ := lines.FieldPos(0)
		line := shopLine{number: number, values: map[string]string{}}
		for i, value := range record {
			line.values[header[i]] = catalog.NormalText(strings.TrimSpace(value))
		}
		line.shop = line.values[shopColumn]
		same := alike(line.shop)
		switch {
		case line.shop == "":
			return fmt.Errorf("line %d: the column %q is empty", number, shopColumn)
		case !block.ShopName.MatchString(line.shop):
			return fmt.Errorf("line %d: %q cannot name a shop: a name has letters without accents, digits, and . _ - between them, 64 at most", number, shorten(line.shop))
		case same == AllShops:
			return fmt.Errorf("line %d: no shop can be called %q, which stands for all of them", number, line.shop)
		case seen[same] > 0:
			return fmt.Errorf("line %d: the name %s is too like that in line %d: files and variables are called by it, some in one case and without punctuation", number, line.shop, seen[same])
		}
		seen[same] = number
		s.Names, s.lines = append(s.Names, line.shop), append(s.lines, line)
	}
	if len(s.lines) == 0 {
		return errors.New("it has no shop, only the names of its columns")
	}
	return nil
}

// alike returns what two names of shops that are too like each other share.
func alike(name string) string {
	return strings.Map(func(r rune) rune {
		if r == '.' || r == '-' {
			return '_'
		}
		return r
	}, strings.ToLower(name))
}

// lineError tells where a list is not well-formed.
func lineError(err error) error {
	var at *csv.ParseError
	switch {
	case !errors.As(err, &at):
		return err
	case errors.Is(err, csv.ErrFieldCount):
		return fmt.Errorf("line %d: it has not as many columns as the first line", at.Line)
	}
	return fmt.Errorf("line %d: %w", at.Line, at.Err)
}

func shorten(text string) string {
	const most = 80
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return text
}
