package answer

import (
	"slices"
	"strings"
)

var (
	optionLists  = strings.Fields("options option attributes selectedoptions optionvalues variantoptions form properties characteristics")
	optionNames  = strings.Fields("name option optionname displayname optiondisplayname attribute key title property")
	optionValues = strings.Fields("value label optionvalue valuename text")
	parentIDs    = strings.Fields("productid parentid parent product groupid")
)

// findOptions finds options that stand in a list of the item, or in an object of texts, and what all variants of a product have in common.
func (p *Proposal) findOptions(l *list) {
	for _, member := range namesIn(l.entries) {
		if !slices.Contains(optionLists, plain(member)) {
			continue
		}
		var objects, maps []map[string]any
		lists := 0
		for _, entry := range l.entries {
			switch value := entry[member].(type) {
			case []any:
				lists++
				objects = append(objects, objectsOf(value)...)
			case map[string]any:
				maps = append(maps, value)
			}
		}
		switch {
		case len(objects) > 0:
			name, value := memberOf(objects, optionNames), memberOf(objects, optionValues)
			if name == "" || value == "" {
				continue
			}
			p.NoOptions = lists < len(l.entries)
			p.Options = &Options{Each: "$" + step(member) + "[*]", Name: "$" + step(name), Value: "$" + step(value), Parent: p.commonPath(l)}
			return
		case len(maps) == len(l.entries) && allTexts(maps):
			p.Fields = append(p.Fields, Field{Name: "options", Path: "$" + step(member)})
			p.Unused = slices.DeleteFunc(p.Unused, func(path string) bool { return strings.HasPrefix(path, "$"+step(member)) })
			return
		}
	}
}

// memberOf returns the member by one of the names that all objects have as a text.
func memberOf(objects []map[string]any, names []string) string {
	for _, name := range names {
		for member := range objects[0] {
			if plain(member) == name && !slices.ContainsFunc(objects, func(o map[string]any) bool { return !isText(o[member]) }) {
				return member
			}
		}
	}
	return ""
}

func allTexts(objects []map[string]any) bool {
	return !slices.ContainsFunc(objects, func(object map[string]any) bool {
		for _, value := range object {
			if value != nil && !isText(value) {
				return true
			}
		}
		return false
	})
}

// commonPath returns the path of what all variants of a product have in common; "" if the products are there, or it is not known.
func (p *Proposal) commonPath(l *list) string {
	if p.Parents != "" {
		return ""
	}
	for _, at := range placesOf(l) {
		if at.present == len(l.entries) && len(at.values) == at.present && at.all(isText) && slices.ContainsFunc(at.names, func(n string) bool { return slices.Contains(parentIDs, n) }) {
			return at.path
		}
	}
	return ""
}
