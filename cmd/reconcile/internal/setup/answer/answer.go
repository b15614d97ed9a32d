// Package answer looks at what an API has answered, and proposes how the connector rest reads it: where the list is, which field stands
// where, and how the list goes on. It asks nothing itself.
//
// What it proposes is a guess that a read has to prove: the connector fails where a path selects nothing or something else than the
// field's type, and where the list is not known to be whole.
package answer

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// Proposal says how an answer is read. Paths are JSONPaths.
type Proposal struct {
	Parents string // the products that the items stand in; "" if the items stand in the answer itself
	Items   string
	Fields  []Field // in the usual order of fields
	Options *Options
	Page    Page
	Unused  []string // paths that no field uses: in an item, or with InParent before them in its product

	Currency string // the path of the prices' currency in an item; "" if it is not there
	// Childless is how many products have no list of items, or null there, and are taken for products without any.
	Childless int
	// NoOptions reports whether some items have no list of options, or null there.
	NoOptions bool
}

// Field is where a field stands.
type Field struct {
	Name, Path string
	Parent     bool // the path is one in the product
	Optional   bool // some items lack it
	Digits     int  // of minor units: 2 where 1999 is 19.99; 0 for an amount as it stands
}

// Options are the options of a variant in a list of the item.
type Options struct{ Each, Name, Value, Parent string }

// Page is how the list goes on.
type Page struct {
	Type        string // none, offset, number, cursor or link
	Size        int
	SizeParam   string // "" if the API is not asked for pages of a size
	Param       string // of offset, number or cursor; "" if that has to be found out
	Cursor      string // paths
	Next        string
	Total       string
	TotalHeader string
	More        string
	Key         string
	Links       bool // the header Link leads to the next page, and to no other: the last page has none, then
}

// Look looks at an answer of status 200. fields are paths that a person has said, by the names of fields; "" for a field that is not wanted.
func Look(body []byte, header http.Header, fields map[string]string) (*Proposal, error) {
	return LookAt(body, header, fields, Said{})
}

// Said is what a person has said of the places of lists, as the settings do; "" for what is to be found.
type Said struct {
	Parents, Items string
	Options        string // of an item, the setting each of the block options
}

// LookAt is Look where a person has said where lists are.
func LookAt(body []byte, header http.Header, fields map[string]string, lists Said) (*Proposal, error) {
	tree, err := decode(body)
	if err != nil {
		return nil, err
	}
	list, err := findList(tree)
	if lists.Parents != "" || lists.Items != "" {
		list, err = listAt(tree, lists.Parents, lists.Items)
	}
	if err != nil {
		return nil, err
	}
	p := &Proposal{Parents: list.parents, Items: list.items, Childless: list.childless}
	p.mapFields(list, fields)
	p.findOptions(list)
	if lists.Options != "" {
		if p.Options == nil {
			p.Options = &Options{Parent: p.commonPath(list)}
		}
		p.Options.Each, p.NoOptions = lists.Options, lacksList(list.entries, lists.Options)
	}
	p.findCurrency(list)
	p.findLists(list)
	p.findPages(tree, list, header)
	return p, nil
}

// decode reads one JSON value. Numbers stay as they are written.
func decode(body []byte) (any, error) {
	body = bytes.TrimPrefix(body, []byte("\xef\xbb\xbf")) // the connector skips it, too
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	var tree any
	if err := d.Decode(&tree); err != nil {
		if t := bytes.TrimSpace(body); len(t) > 0 && t[0] == '<' {
			return nil, errors.New("the answer is a web page, where JSON is expected: a login page, as a rule; check the address")
		}
		return nil, fmt.Errorf("the answer is not JSON: %w", err)
	}
	return tree, nil
}

// list is a list of an answer.
type list struct {
	parents, items string
	path           string           // of the list that is paged, without its [*]
	products       []map[string]any // that the items stand in; nil if they stand in the answer itself
	entries        []map[string]any // the items
	childless      int              // how many products have no list of items
}

const (
	deepest   = 4   // levels of objects that are looked into
	mostItems = 500 // that are looked at
)

// findList finds the list that the items are in: one whose objects have a SKU, the longest if there are several.
func findList(tree any) (*list, error) {
	var best *list
	score := 0
	walk(tree, "$", 0, func(path string, node any) {
		objects := objectsOf(node)
		if len(objects) == 0 {
			return
		}
		found, worth := &list{items: path + "[*]", path: path, entries: objects}, len(objects)
		member, variants, childless := variantsOf(objects)
		switch {
		case hasSKU(objects):
			worth += 1000
		case member != "":
			found = &list{parents: path + "[*]", items: "$" + step(member) + "[*]", path: path, products: objects, entries: variants, childless: childless}
			worth += 500
			if hasSKU(variants) {
				worth += 1500
			}
		}
		if worth > score {
			best, score = found, worth
		}
	})
	if best == nil {
		return nil, fmt.Errorf("the answer has no list of objects, so that nobody knows where the items are: it is %s", shape(tree))
	}
	best.entries = best.entries[:min(len(best.entries), mostItems)]
	return best, nil
}

// listAt returns the list that a person has said. Only plain paths can be looked at: names, and [*] at the end.
func listAt(tree any, parents, items string) (*list, error) {
	if parents == "" {
		path := strings.TrimSuffix(items, "[*]")
		entries := objectsOf(at(tree, path))
		if len(entries) == 0 || path == items {
			return nil, fmt.Errorf("the answer has no list of objects at %s: it is %s. The path reads like $.products[*]", items, shape(tree))
		}
		return &list{items: items, path: path, entries: entries[:min(len(entries), mostItems)]}, nil
	}
	path := strings.TrimSuffix(parents, "[*]")
	products := objectsOf(at(tree, path))
	if len(products) == 0 || path == parents {
		return nil, fmt.Errorf("the answer has no list of objects at %s: it is %s. The path reads like $.products[*]", parents, shape(tree))
	}
	l := &list{parents: parents, items: items, path: path, products: products}
	if items == "" {
		member, variants, childless := variantsOf(products)
		if member == "" {
			return nil, fmt.Errorf("the entries of %s have no list in which items were found: say which it is with --setting 'items=$.variants[*]'", parents)
		}
		l.items, l.entries, l.childless = "$"+step(member)+"[*]", variants, childless
	} else {
		for _, product := range products {
			within, _ := at(product, strings.TrimSuffix(items, "[*]")).([]any)
			if within == nil {
				l.childless++
			}
			l.entries = append(l.entries, objectsOf(within)...)
		}
	}
	if len(l.entries) == 0 {
		return nil, fmt.Errorf("no entry of %s has an object at %s", parents, items)
	}
	l.entries = l.entries[:min(len(l.entries), mostItems)]
	return l, nil
}

// walk calls f for a node, and for the members of objects below it.
func walk(node any, path string, depth int, f func(path string, node any)) {
	f(path, node)
	object, ok := node.(map[string]any)
	if !ok || depth == deepest {
		return
	}
	for _, name := range slices.Sorted(maps.Keys(object)) {
		walk(object[name], path+step(name), depth+1, f)
	}
}

// objectsOf returns the objects of an array that has nothing else.
func objectsOf(node any) []map[string]any {
	array, _ := node.([]any)
	objects := make([]map[string]any, 0, len(array))
	for _, entry := range array {
		object, ok := entry.(map[string]any)
		if !ok {
			return nil
		}
		objects = append(objects, object)
	}
	return objects
}

// variantLists are members that hold the variants of a product.
var variantLists = strings.Fields("variants variations skus offers productvariants itemvariations")

// variantsOf returns the member of products in which a list of variants stands, because these have SKUs or by its name, all of them, and how many
// products have no such list.
func variantsOf(products []map[string]any) (member string, variants []map[string]any, childless int) {
	for _, name := range namesIn(products) {
		var all []map[string]any
		lists, others := 0, 0
		for _, product := range products {
			switch value := product[name].(type) {
			case []any:
				lists++
				all = append(all, objectsOf(value)...)
			case nil:
			default:
				others++
			}
		}
		if others == 0 && 2*lists > len(products) && len(all) > 0 && (hasSKU(all) || soldBy(all, products) || slices.Contains(variantLists, plain(name))) {
			return name, all, len(products) - lists
		}
	}
	return "", nil, 0
}

// namesIn returns the names of all members of objects, sorted.
func namesIn(objects []map[string]any) []string {
	all := map[string]bool{}
	for _, object := range objects {
		for name := range object {
			all[name] = true
		}
	}
	return slices.Sorted(maps.Keys(all))
}

// soldBy reports whether objects are what is sold, though no member of theirs is surely a SKU: each has another text in one that may be, such as
// code, and they have a price or a stock, or the products that they stand in have no such member.
func soldBy(objects, products []map[string]any) bool {
	sold := slices.ContainsFunc(namesIn(objects), func(name string) bool { return isSure("price", name) || isSure("qoh", name) })
	return coded(objects) && (sold || !coded(products))
}

// coded reports whether each object has another text in a member that may be a SKU.
func coded(objects []map[string]any) bool {
	_, maybe := namesOf("sku")
	return len(objects) > 1 && slices.ContainsFunc(namesIn(objects), func(name string) bool {
		at := &place{}
		for _, object := range objects {
			if value := object[name]; value != nil && isText(value) {
				at.values = append(at.values, value)
			}
		}
		return slices.Contains(maybe, plain(name)) && len(at.values) == len(objects) && at.distinct()
	})
}

// hasSKU reports whether most objects have a member that is surely a SKU.
func hasSKU(objects []map[string]any) bool {
	n := 0
	for _, object := range objects {
		for name, value := range object {
			if isSure("sku", name) && isText(value) {
				n++
				break
			}
		}
	}
	return 2*n > len(objects)
}

// step writes a member of a path.
func step(name string) string {
	for i, r := range name {
		if r != '_' && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (i == 0 || r < '0' || r > '9') {
			return "['" + strings.NewReplacer(`\`, `\\`, "'", `\'`, "\n", `\n`, "\r", `\r`, "\t", `\t`).Replace(name) + "']"
		}
	}
	return "." + name
}

// shape says what an answer is, for messages: the names of its members only, and few of them.
func shape(tree any) string {
	switch v := tree.(type) {
	case []any:
		return fmt.Sprintf("an array of %d", len(v))
	case map[string]any:
		names := slices.Sorted(maps.Keys(v))
		for i := range names {
			if r := []rune(names[i]); len(r) > 40 {
				names[i] = string(r[:40]) + "…"
			}
		}
		return fmt.Sprintf("an object with the members %q", names[:min(len(names), 10)])
	}
	return "no list and no object"
}
