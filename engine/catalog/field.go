// Package catalog is the vocabulary that every part of reconcile shares: fields and their types, exact decimal
// numbers, and batches, which hold items as columns.
//
// It knows nothing of where items come from (connectors) nor of what is asked about them (rules).
package catalog

import (
	"fmt"
	"strings"
)

// Type is the type of a field or of an expression.
type Type uint8

// The types of the configuration language. Only numbers and bools can be null (unknown): an absent string is "", an
// absent list or map is empty.
const (
	Invalid Type = iota
	String
	Number
	Bool
	List // list(string)
	Map  // map(string)
)

var typeNames = [...]string{Invalid: "invalid", String: "string", Number: "number", Bool: "bool", List: "list(string)", Map: "map(string)"}

// String returns the type as the configuration language writes it, for example "list(string)".
func (t Type) String() string {
	if int(t) < len(typeNames) {
		return typeNames[t]
	}
	return fmt.Sprintf("type(%d)", t)
}

// Nullable reports whether a value of the type can be null.
func (t Type) Nullable() bool { return t == Number || t == Bool }

// ParseType reads a type as the configuration language writes it; "list" and "map" stand for their full forms.
func ParseType(s string) (Type, error) {
	switch strings.ReplaceAll(s, " ", "") {
	case "string":
		return String, nil
	case "number":
		return Number, nil
	case "bool":
		return Bool, nil
	case "list", "list(string)":
		return List, nil
	case "map", "map(string)":
		return Map, nil
	}
	return Invalid, fmt.Errorf("unknown type %q: use string, number, bool, list(string) or map(string)", s)
}

// Field describes one field that a source offers.
type Field struct {
	Name string // as rules write it: lower case, digits and underscores
	Type Type
	Doc  string // one sentence for people
}

// Schema is an ordered list of fields with distinct names, and where on the platform an item that has them can be seen. It is immutable
// once made.
type Schema struct {
	fields []Field
	byName map[string]int
	page   *ItemPage
}

// NewSchema returns a schema of the given fields. It fails on a name that is given twice, is no identifier, or has no
// valid type.
func NewSchema(fields ...Field) (*Schema, error) {
	s := &Schema{fields: append([]Field(nil), fields...), byName: make(map[string]int, len(fields))}
	for i, f := range fields {
		if !validName(f.Name) {
			return nil, fmt.Errorf("field %q: a field's name starts with a letter and has only letters, digits and underscores", f.Name)
		}
		if f.Type == Invalid || int(f.Type) >= len(typeNames) {
			return nil, fmt.Errorf("field %q has no valid type", f.Name)
		}
		if _, twice := s.byName[f.Name]; twice {
			return nil, fmt.Errorf("field %q is given twice", f.Name)
		}
		s.byName[f.Name] = i
	}
	return s, nil
}

// MustSchema is NewSchema for fields that are constants of the program; it panics where NewSchema fails.
func MustSchema(fields ...Field) *Schema {
	s, err := NewSchema(fields...)
	if err != nil {
		panic(err)
	}
	return s
}

// WithItemPage returns the same fields, of items that have a page of that address; nil: they have none. It fails where that names a field
// that is not among them.
func (s *Schema) WithItemPage(page *ItemPage) (*Schema, error) {
	if page != nil {
		if err := page.Check(s); err != nil {
			return nil, err
		}
	}
	return &Schema{s.fields, s.byName, page}, nil
}

// ItemPage returns the address of an item's page; nil if it is not known.
func (s *Schema) ItemPage() *ItemPage { return s.page }

// Len returns the number of fields.
func (s *Schema) Len() int { return len(s.fields) }

// Field returns the i-th field.
func (s *Schema) Field(i int) Field { return s.fields[i] }

// Fields returns a copy of the fields, in order.
func (s *Schema) Fields() []Field { return append([]Field(nil), s.fields...) }

// Index returns the position of the named field, or -1 if the schema has none of that name.
func (s *Schema) Index(name string) int {
	if i, ok := s.byName[name]; ok {
		return i
	}
	return -1
}

// Names returns the fields' names, in order.
func (s *Schema) Names() []string {
	names := make([]string, len(s.fields))
	for i, f := range s.fields {
		names[i] = f.Name
	}
	return names
}

// Select returns the schema of the named fields only, in the order given, with the address of an item's page if all of its fields are
// among them. It fails on a name that the schema lacks.
func (s *Schema) Select(names []string) (*Schema, error) {
	fields := make([]Field, len(names))
	for i, name := range names {
		at := s.Index(name)
		if at < 0 {
			return nil, fmt.Errorf("there is no field %q; there are: %s", name, strings.Join(s.Names(), ", "))
		}
		fields[i] = s.fields[at]
	}
	some, err := NewSchema(fields...)
	if err == nil && s.page != nil && s.page.Check(some) == nil {
		some.page = s.page
	}
	return some, err
}

func validName(name string) bool {
	for i, r := range name {
		letter := r == '_' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || r > 0x7f
		if !letter && (i == 0 || r < '0' || r > '9') {
			return false
		}
	}
	return name != ""
}
