// Package starter writes the first configuration of a shop: it maps the columns of an export to fields, and leaves out
// the rules that the columns do not suffice for, so that what it writes is valid as it stands.
//
// It knows texts only. Reading the export, asking people and trying the store are the caller's business.
package starter

import (
	"bytes"
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"text/template"
	"unicode"

	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/hclwrite"
	"github.com/zclconf/go-cty/cty"
	"golang.org/x/text/unicode/norm"

	"github.com/reconcilehq/reconcile/rules/shipped"
)

// Shop is what a configuration is written from.
type Shop struct {
	File            string // the export, as the configuration names it
	Mapping         *Mapping
	Settings        []Setting // of the export's source, beside those that the mapping comes to
	Store           *Store    // any other store than a BigCommerce store; nil for one
	Sandbox         bool      // the sample store in place of a real one
	APIURL          string    // of a real store; "" for the usual one
	ImportedThrough *int64    // the last imported web order, if it is known
	Quantity        string    // of Quantities; "" if nobody chose
}

// Setting is a setting of a source: its name, and its value as HCL.
type Setting struct{ Name, Value string }

// Store is a store that is not a BigCommerce store.
type Store struct {
	What    string // what it is, for people: the name of a file, or an address
	Comment string // what stands above its source
	Address string // of its source: source.file.web
	Blocks  string // its source block, with a plugin block before it where it needs one
	// Offers reports whether the source will have the field.
	Offers func(field string) bool
	// Remedy says how its source gets a field that it lacks, and Hint how that is said when the configuration is written; "" if it cannot be.
	Remedy, Hint string
}

// Quantities are what a store's quantities can be where it keeps safety stock: without it, and with it.
var Quantities = []string{"available", "on_hand"}

//go:embed reconcile.hcl.tmpl
var layout string

// Configuration is a configuration's text, with what there is to say about it.
type Configuration struct {
	Text    []byte
	Rules   []string  // the codes of the rules that are checked
	LeftOut []LeftOut // those that are not
}

// LeftOut is a rule that is not checked yet, and why. It is there and off: the line above it says so, and removing that turns it on.
type LeftOut struct{ Code, Why string }

// Configuration writes the configuration.
func (s *Shop) Configuration() (*Configuration, error) {
	c := &Configuration{}
	ruleText := shipped.Text
	if s.Store != nil && !s.Store.Offers("pending") {
		// Of such a store nothing is known of web orders: Q compares the quantities as they stand.
		ruleText = strings.Replace(ruleText, "store.pending > 0 && pos.qoh - store.pending != store.qoh", "coalesce(store.pending, 0) > 0 && pos.qoh - coalesce(store.pending, 0) != store.qoh", 1)
	}
	rules, err := rulesOf(ruleText)
	if err != nil {
		return nil, err
	}
	text, kept := "", 0
	for _, r := range rules {
		why := s.lacks(r)
		for _, code := range r.explains {
			if why == "" && !slices.Contains(c.Rules, code) {
				why = fmt.Sprintf("%s needs %s, which it explains and which is off: turn that on", r.code, code)
			}
		}
		if why == "" {
			c.Rules = append(c.Rules, r.code)
			continue
		}
		c.LeftOut = append(c.LeftOut, LeftOut{r.code, why})
		text += ruleText[kept:r.start] + "/* " + why + "; then remove this line.\n" + ruleText[r.start:r.end] + shipped.OffEnd
		kept = r.end
	}
	text += ruleText[kept:]
	if len(c.Rules) == 0 {
		return nil, s.nothingToCheck(rules)
	}
	t, err := template.New("reconcile.hcl").Funcs(template.FuncMap{"quote": quote, "key": key, "wrap": wrap}).Parse(layout)
	if err != nil {
		return nil, fmt.Errorf("parse the layout: %w", err)
	}
	var b bytes.Buffer
	if err := t.Execute(&b, s.data(text)); err != nil {
		return nil, fmt.Errorf("write the configuration: %w", err)
	}
	c.Text = hclwrite.Format(b.Bytes())
	return c, nil
}

// nothingToCheck says why no rule can be checked: what the store lacks, where the export has what a rule needs of it, or else the export.
func (s *Shop) nothingToCheck(rules []rule) error {
	var lacking []string
	for _, r := range rules {
		for _, field := range s.storeLacks(r) {
			if s.Mapping.Offers(field) && !slices.Contains(lacking, field) {
				lacking = append(lacking, field)
			}
		}
	}
	if len(lacking) > 0 {
		return fmt.Errorf("no rule can be checked: the export has %s, and the store's source has none of these%s", strings.Join(lacking, ", "), s.Store.Hint)
	}
	return fmt.Errorf("%s: no rule can be checked: the file has none of the columns that they compare; its columns are: %s", s.File, Quoted(s.Mapping.columns))
}

// lacks says what a rule needs that is not there; "" if nothing.
func (s *Shop) lacks(r rule) string {
	var columns []string
	need := func(field string) {
		if !s.Mapping.Offers(field) && !slices.Contains(columns, field) {
			columns = append(columns, field)
		}
	}
	for _, field := range r.pos {
		if field == "variation" && !s.Mapping.Offers(field) { // which is made of these
			need("options")
			need("parent_sku")
			continue
		}
		need(field)
	}
	switch {
	case len(s.storeLacks(r)) > 0:
		return fmt.Sprintf("%s needs %s of the store, %s", r.code, strings.Join(s.storeLacks(r), " and "), s.Store.Remedy)
	case len(columns) > 0:
		return fmt.Sprintf("%s needs %s, which no column gives: export it as well, or say in columns which one it is",
			r.code, strings.Join(columns, " and "))
	case s.Store == nil && len(r.explains) > 0 && slices.Contains(r.store, "pending") && s.ImportedThrough == nil:
		return fmt.Sprintf("%s needs to know which web orders are imported: set imported_through above", r.code)
	}
	return ""
}

// storeLacks returns the fields that a rule needs of a store whose source has not got them.
func (s *Shop) storeLacks(r rule) []string {
	if s.Store == nil {
		return nil
	}
	var lacking []string
	for _, field := range r.store {
		switch {
		case s.Store.Offers(field) || field == "safety_stock" || field == "pending" && len(r.explains) == 0: // what coalesce settles
		case field == "variation":
			lacking = append(lacking, "options and parent_sku")
		case field == "options" && slices.Contains(lacking, "options and parent_sku"):
		default:
			lacking = append(lacking, field)
		}
	}
	return lacking
}

// data is what the layout is filled with.
func (s *Shop) data(ruleText string) map[string]any {
	m := s.Mapping
	data := map[string]any{"File": s.File, "Sandbox": s.Sandbox, "APIURL": s.APIURL, "Against": "a BigCommerce store", "Store": s.Store,
		"Settings": s.Settings, "Currency": slices.ContainsFunc(s.Settings, func(a Setting) bool { return a.Name == "currency" }),
		"Columns": m.Named(), "Options": m.Options(), "RuleText": ruleText,
		"Natural": comment(strings.Join(m.Natural(), ", "))}
	if s.Sandbox {
		data["Against"] = "a sample store"
	}
	if s.ImportedThrough != nil {
		data["Imported"] = fmt.Sprint(*s.ImportedThrough)
	}
	data["Quantity"] = s.Quantity
	if s.Store != nil {
		data["Against"] = comment(s.Store.What)
	}
	if unused := m.Unused(); len(unused) > 0 {
		data["Unused"] = comment(strings.Join(unused, ", "))
		data["Example"] = comment(fieldFor(unused[0]) + " = " + quote(unused[0]))
	}
	for _, column := range m.Unused() {
		if plain(column) == "store" || plain(column) == "storename" {
			data["Stores"], data["StoreColumn"] = column, !same(column, "Store")
		}
	}
	return data
}

// fieldFor returns a field's name for a column.
func fieldFor(column string) string {
	plain := strings.NewReplacer("ä", "ae", "ö", "oe", "ü", "ue", "ß", "ss", "æ", "ae", "ø", "o", "œ", "oe").Replace(norm.NFC.String(strings.ToLower(column)))
	plain = strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1 // é is e
		}
		return r
	}, norm.NFD.String(plain))
	name := strings.Trim(strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return '_'
	}, plain), "_0123456789")
	for strings.Contains(name, "__") {
		name = strings.ReplaceAll(name, "__", "_")
	}
	if name == "" {
		return "my_field"
	}
	return name
}

// quote writes a string as HCL does.
func quote(s string) string { return string(hclwrite.TokensForValue(cty.StringVal(s)).Bytes()) }

// key writes the key of an object.
func key(s string) string {
	if hclsyntax.ValidIdentifier(s) {
		return s
	}
	return quote(s)
}

// comment keeps a text within its comment.
func comment(s string) string { return strings.Join(strings.Fields(s), " ") }

// lineWidth is how long a line of a comment gets.
const lineWidth = 120

// wrap breaks a comment into lines that start with the prefix; the lines after the first of a list's entry are indented.
func wrap(prefix, text string) string {
	var b strings.Builder
	line := prefix
	for i, word := range strings.Fields(text) {
		switch {
		case i == 0:
		case len(line)+1+len(word) > lineWidth:
			b.WriteString(line + "\n")
			line = prefix
			if strings.HasSuffix(prefix, "   ") {
				line += "  "
			}
		default:
			line += " "
		}
		line += word
	}
	return b.String() + line
}
