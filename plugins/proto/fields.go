package proto

import (
	"fmt"

	"github.com/reconcilehq/reconcile/engine/catalog"
	sourcev1 "github.com/reconcilehq/reconcile/plugins/proto/source/v1"
)

// FromSchema writes the fields of a source as messages.
func FromSchema(s *catalog.Schema) []*sourcev1.Field {
	var m []*sourcev1.Field
	for _, f := range s.Fields() {
		m = append(m, &sourcev1.Field{Name: f.Name, Type: f.Type.String(), Doc: f.Doc})
	}
	return m
}

// ToSchema reads the fields of a source. It fails on an unknown type, a name that is no identifier or is given twice,
// and on a known field with another type than it has everywhere.
func ToSchema(m []*sourcev1.Field) (*catalog.Schema, error) {
	var fields []catalog.Field
	for _, f := range m {
		t, err := catalog.ParseType(f.GetType())
		if err != nil {
			return nil, fmt.Errorf("field %q: %w", f.GetName(), err)
		}
		if known, ok := catalog.KnownField(f.GetName()); ok && known.Type != t {
			return nil, fmt.Errorf("field %q is a %s; every source has it as a %s", f.GetName(), t, known.Type)
		}
		fields = append(fields, catalog.Field{Name: f.GetName(), Type: t, Doc: f.GetDoc()})
	}
	return catalog.NewSchema(fields...)
}
