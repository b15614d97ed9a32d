package workbook

import "bytes"

// space is a namespace, of those that matter here.
type space byte

const (
	none          space = iota // names without a namespace
	main                       // of workbooks, sheets, styles and strings
	relations                  // of the attributes that name a relationship: r:id
	relationships              // of the parts that list relationships
	contentTypes
	foreign // any other
)

// namespaces are the two generations of names that XLSX files have, ISO's transitional and its strict one.
var namespaces = map[string]space{
	"http://schemas.openxmlformats.org/spreadsheetml/2006/main":           main,
	"http://purl.oclc.org/ooxml/spreadsheetml/main":                       main,
	"http://schemas.openxmlformats.org/officeDocument/2006/relationships": relations,
	"http://purl.oclc.org/ooxml/officeDocument/relationships":             relations,
	"http://schemas.openxmlformats.org/package/2006/relationships":        relationships,
	"http://schemas.openxmlformats.org/package/2006/content-types":        contentTypes,
}

// binding says what a prefix means within an element.
type binding struct {
	prefix string // "" is what names without a prefix are in
	space  space
	depth  int // of the element that declares it, counted from 1
}

// declare takes the declarations of namespaces out of attrs and resolves the names of the others.
func (s *scanner) declare() error {
	kept := s.attrs[:0]
	for _, a := range s.attrs {
		prefix, isBinding := bytes.CutPrefix(a.name, []byte("xmlns"))
		if isBinding && (len(prefix) == 0 || prefix[0] == ':') {
			if len(prefix) > 0 && len(a.value) == 0 {
				return s.wrong("prefix %s stands for nothing", prefix[1:])
			}
			is, known := namespaces[string(a.value)]
			if !known && len(a.value) > 0 {
				is = foreign
			}
			s.bindings = append(s.bindings, binding{string(bytes.TrimPrefix(prefix, []byte(":"))), is, len(s.starts)})
			continue
		}
		kept = append(kept, a)
	}
	s.attrs = kept
	for i := range s.attrs {
		var err error
		if s.attrs[i].space, s.attrs[i].name, err = s.resolve(s.attrs[i].name, false); err != nil {
			return err
		}
	}
	return nil
}

// resolve parts a name into its namespace and the name there. Without a prefix elements are in the default namespace,
// attributes in none.
func (s *scanner) resolve(name []byte, element bool) (space, []byte, error) {
	prefix, local, prefixed := bytes.Cut(name, []byte(":"))
	switch {
	case !prefixed && !element:
		return none, name, nil
	case !prefixed:
		prefix, local = nil, name
	case string(prefix) == "xml":
		return foreign, local, nil
	}
	for i := len(s.bindings) - 1; i >= 0; i-- {
		if s.bindings[i].prefix == string(prefix) {
			return s.bindings[i].space, local, nil
		}
	}
	if prefixed {
		return none, nil, s.wrong("prefix %s is not declared", prefix)
	}
	return none, local, nil
}
