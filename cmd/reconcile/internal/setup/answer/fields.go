package answer

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/reconcilehq/reconcile/engine/catalog"
)

// place is a place in an item that has a single value.
type place struct {
	path    string
	parent  bool // in the product
	names   []string
	values  []any // of the items that have it, null aside
	present int   // how many items have it, null or not
}

// InParent stands before a path in the product, where a person says it, and in Unused.
const InParent = "parent:"

// also are names that APIs have for fields, beside those that exports have.
var also = map[string]string{
	"name": "displayname fulltitle heading label", "price": "regularprice listingprice baseprice grossprice cents", "qoh": "stockonhand stocklevel quantityavailable stockavailable",
	"tracked": "tracked managestock trackinventory inventorytracked trackstock", "visible": "visible isvisible enabled active published online isactive",
	"id": "id variantid uuid guid", "url": "url permalink href producturl", "modified_at": "modifiedat updatedat datemodified lastmodified modified updated datemodifiedgmt",
	"pending": "stockallocated allocated committed pending reserved", "upc": "gtin13 ean13", "parent_sku": "productsku parentsku",
}

// wanted are the fields that are looked for, those first that decide more. An id is looked for before other texts that numbers can be.
var wanted = strings.Fields("id sku name brand price sale_price cost_price retail_price qoh pending tracked parent_sku upc weight visible url modified_at")

func namesOf(field string) (sure, maybe []string) {
	sure, maybe = catalog.HeadersOf(field)
	return append(append([]string{plain(field)}, sure...), strings.Fields(also[field])...), maybe
}

// plain writes a name as HeadersOf has names: letters and digits, in lower case.
func plain(name string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, name)
}

func isSure(field, name string) bool {
	sure, _ := namesOf(field)
	return slices.Contains(sure, plain(name))
}

// mapFields finds the fields. said are those of a person.
func (p *Proposal) mapFields(l *list, said map[string]string) {
	places := placesOf(l)
	taken := map[string]bool{}
	add := func(field, path string, parent bool, at *place) {
		f := Field{Name: field, Path: path, Parent: parent}
		if at != nil {
			f.Optional = at.present < len(l.entries)
			if field != "id" && catalog.UnitOf(field) == catalog.Money && at.minor() {
				f.Digits = 2
			}
			taken[key(at.path, at.parent)] = true
		}
		p.Fields = append(p.Fields, f)
	}
	for _, field := range slices.Sorted(maps.Keys(said)) {
		if said[field] == "" {
			continue
		}
		path, inParent := strings.CutPrefix(said[field], InParent)
		at := slices.IndexFunc(places, func(at *place) bool { return at.path == path && at.parent == inParent })
		if at < 0 {
			add(field, path, inParent, nil)
			p.Fields[len(p.Fields)-1].Optional = !inParent && lacksList(l.entries, path)
		} else {
			add(field, path, inParent, places[at])
		}
	}
	for _, field := range wanted {
		if _, answered := said[field]; answered {
			continue
		}
		if at := find(field, places, taken, len(l.entries)); at != nil {
			add(field, at.path, at.parent, at)
		}
	}
	usual := catalog.KnownFields()
	rank := func(name string) int {
		i := slices.IndexFunc(usual, func(k catalog.Field) bool { return k.Name == name })
		if i < 0 {
			return len(usual)
		}
		return i
	}
	slices.SortStableFunc(p.Fields, func(a, b Field) int { return rank(a.Name) - rank(b.Name) })
	for _, at := range places {
		if taken[key(at.path, at.parent)] || at.parent && at.path+"[*]" == l.items { // null in the place of a list
			continue
		}
		p.Unused = append(p.Unused, map[bool]string{true: InParent}[at.parent]+at.path)
	}
}

// lacksList reports whether the list that a path selects from, such as $.stock[*].units, is absent or null in some items, and there in others.
func lacksList(items []map[string]any, path string) bool {
	list, _, ok := strings.Cut(path, "[*]")
	n := 0
	for _, item := range items {
		if _, is := at(item, list).([]any); is {
			n++
		}
	}
	return ok && n > 0 && n < len(items)
}

// currencyNames are members that say what an amount is in.
var currencyNames = strings.Fields("currency currencycode currencyiso pricecurrency isocurrency currencyisocode")

// findCurrency finds the place of the currency's code in an item, where each item has it, and the same. One beside the price goes before others.
func (p *Proposal) findCurrency(l *list) {
	price := slices.IndexFunc(p.Fields, func(f Field) bool { return f.Name == "price" })
	if price < 0 {
		return
	}
	beside := p.Fields[price].Path[:max(strings.LastIndexAny(p.Fields[price].Path, ".["), 0)]
	for _, at := range placesOf(l) {
		last := plain(at.path[strings.LastIndexAny(at.path, ".[")+1:])
		if at.parent || at.present != len(l.entries) || len(at.values) != at.present || !slices.Contains(currencyNames, last) {
			continue
		}
		first := textOf(at.values[0])
		if code, ok := catalog.ParseCurrency(first); !ok || !code.Known() || !at.all(func(v any) bool { return textOf(v) == first }) {
			continue
		}
		if p.Currency == "" || strings.HasPrefix(at.path, beside+".") {
			p.Currency = at.path
		}
	}
	p.Unused = slices.DeleteFunc(p.Unused, func(path string) bool { return path == p.Currency })
}

// findLists adds to Unused what stands in lists of an item, such as $.stock[*].units, but for those that options are read from.
func (p *Proposal) findLists(l *list) {
	var found []string
	for _, entry := range l.entries {
		walk(entry, "$", 0, func(path string, node any) {
			if p.Options != nil && p.Options.Each == path+"[*]" {
				return
			}
			for _, object := range objectsOf(node) {
				leaves(object, path+"[*]", nil, 0, func(path string, _ []string, _ any) {
					if !slices.Contains(found, path) {
						found = append(found, path)
					}
				})
			}
		})
	}
	for _, path := range found {
		if !slices.ContainsFunc(p.Fields, func(f Field) bool { return !f.Parent && f.Path == path }) {
			p.Unused = append(p.Unused, path)
		}
	}
}

func key(path string, parent bool) string { return strconv.FormatBool(parent) + path }

// find returns the place that a field most likely stands at: by its name, and by how its values look. The item goes before its product,
// and what all items have before what some lack. A name that only may be the field's counts for the SKU alone, where no other place can
// be it, and each item has another value there.
func find(field string, places []*place, taken map[string]bool, items int) *place {
	sure, maybe := namesOf(field)
	var best *place
	var doubtful []*place
	worth := 0
	for _, at := range places {
		if taken[key(at.path, at.parent)] || !at.fits(field, items) {
			continue
		}
		score := 1000 - at.rank(sure) - 20*strings.Count(at.path, ".")
		if at.rank(sure) < 0 {
			if field == "sku" && at.rank(maybe) >= 0 && at.present == items && at.distinct() {
				doubtful = append(doubtful, at)
			}
			continue
		}
		if at.present == items {
			score += 200
		}
		if !at.parent {
			score += 100
		}
		if score > worth {
			best, worth = at, score
		}
	}
	if best == nil && len(doubtful) == 1 {
		return doubtful[0]
	}
	return best
}

// rank returns the place of the first of the names that the place has; -1 if it has none.
func (at *place) rank(names []string) int {
	return slices.IndexFunc(names, func(name string) bool { return slices.Contains(at.names, name) })
}

// fits reports whether the values look like a field's.
func (at *place) fits(field string, items int) bool {
	if field == "id" && at.parent || len(at.values) == 0 && field != "sale_price" && field != "qoh" {
		return false
	}
	if field == "sku" || field == "id" {
		return !at.parent && at.all(isText) && 2*len(at.values) > items && (field == "sku" || at.distinct())
	}
	known, _ := catalog.KnownField(field)
	switch known.Type {
	case catalog.Number:
		return at.all(isNumber)
	case catalog.Bool:
		return at.all(func(v any) bool { _, ok := v.(bool); return ok })
	}
	return at.all(isText)
}

func (at *place) all(is func(any) bool) bool {
	return !slices.ContainsFunc(at.values, func(v any) bool { return !is(v) })
}

func (at *place) distinct() bool {
	seen := map[string]bool{}
	for _, v := range at.values {
		text := textOf(v)
		if seen[text] {
			return false
		}
		seen[text] = true
	}
	return true
}

// minor reports whether the numbers are in minor units, as their name says.
func (at *place) minor() bool {
	last := at.path[strings.LastIndexAny(at.path, ".[")+1:]
	return slices.ContainsFunc([]string{"cents", "minor", "pence", "minorunits"}, func(word string) bool { return strings.HasSuffix(plain(last), word) }) &&
		at.all(func(v any) bool { return !strings.ContainsAny(textOf(v), ".eE") })
}

func isText(v any) bool {
	switch v := v.(type) {
	case string:
		return true
	case json.Number:
		return strings.Trim(v.String(), "-0123456789") == ""
	}
	return false
}

func isNumber(v any) bool {
	text := textOf(v)
	_, err := catalog.ParseDecimal(text)
	return err == nil || text == "" && v != nil
}

func textOf(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	}
	return "?"
}

// placesOf returns the places of items, and of the products that they stand in.
func placesOf(l *list) []*place {
	found := map[string]*place{}
	var order []string
	collect := func(objects []map[string]any, parent bool, weight int) {
		for _, object := range objects {
			leaves(object, "$", nil, 0, func(path string, names []string, value any) {
				k := key(path, parent)
				at := found[k]
				if at == nil {
					at = &place{path: path, parent: parent, names: names}
					found[k] = at
					order = append(order, k)
				}
				at.present += weight
				if value != nil {
					at.values = append(at.values, value)
				}
			})
		}
	}
	collect(l.entries, false, 1)
	if len(l.products) > 0 {
		collect(l.products, true, 1)
		for _, at := range found { // a product counts for its items
			if at.parent && at.present == len(l.products) {
				at.present = len(l.entries)
			}
		}
	}
	places := make([]*place, 0, len(order))
	for _, k := range order {
		places = append(places, found[k])
	}
	return places
}

// carriers are members that have the value of the object that they stand in: brand.name, price.amount.
var carriers = strings.Fields("amount value name title label")

// leaves calls f for each single value within an object.
func leaves(object map[string]any, path string, above []string, depth int, f func(path string, names []string, value any)) {
	for _, name := range slices.Sorted(maps.Keys(object)) {
		at := path + step(name)
		names := []string{strip(plain(name))}
		if len(above) > 0 {
			names = append(names, plain(above[len(above)-1])+plain(name))
			if slices.Contains(carriers, plain(name)) {
				names = append(names[1:], plain(above[len(above)-1]))
			}
			if plain(name) == "id" { // the id of something else
				names = names[1:]
			}
			if slices.Contains([]string{"product", "parent", "item", "variant"}, plain(above[len(above)-1])) && plain(name) != "id" {
				names = append(names, plain(name))
			}
		}
		switch value := object[name].(type) {
		case map[string]any:
			if depth < deepest {
				leaves(value, at, append(slices.Clone(above), name), depth+1, f)
			}
		case []any:
		default:
			f(at, names, value)
		}
	}
}

// strip takes away what a name says of the unit.
func strip(name string) string {
	for _, word := range []string{"minorunits", "cents", "minor", "pence"} {
		if rest, ok := strings.CutSuffix(name, word); ok && rest != "" {
			return strings.TrimSuffix(rest, "in")
		}
	}
	return name
}
