package proto

import (
	"fmt"

	"github.com/reconcilehq/reconcile/engine/catalog"
	sourcev1 "github.com/reconcilehq/reconcile/plugins/proto/source/v1"
)

// FromSettings writes a configuration schema as a message.
func FromSettings(s *catalog.Settings) *sourcev1.Settings {
	m := &sourcev1.Settings{}
	for _, a := range s.Attributes {
		m.Attributes = append(m.Attributes, &sourcev1.Attribute{
			Name: a.Name, Type: string(a.Type), Doc: a.Doc, Required: a.Required, Sensitive: a.Sensitive,
			Default: a.Default, Values: a.Values, Path: a.Path, Live: a.Live, Apply: a.Apply, Imported: a.Imported,
		})
	}
	for _, b := range s.Blocks {
		m.Blocks = append(m.Blocks, &sourcev1.Block{
			Name: b.Name, Doc: b.Doc, Required: b.Required, Settings: FromSettings(&b.Settings),
		})
	}
	return m
}

// ToSettings reads a configuration schema. It fails on a type that it does not know and on a name given twice.
func ToSettings(m *sourcev1.Settings) (*catalog.Settings, error) {
	s := &catalog.Settings{}
	seen := map[string]bool{}
	for _, a := range m.GetAttributes() {
		t := catalog.SettingType(a.GetType())
		if !t.Valid() {
			return nil, fmt.Errorf("setting %q has the unknown type %q", a.GetName(), a.GetType())
		}
		if seen[a.GetName()] {
			return nil, fmt.Errorf("setting %q is given twice", a.GetName())
		}
		seen[a.GetName()] = true
		s.Attributes = append(s.Attributes, catalog.Attribute{
			Name: a.GetName(), Type: t, Doc: a.GetDoc(), Required: a.GetRequired(), Sensitive: a.GetSensitive(),
			Default: a.GetDefault(), Values: a.GetValues(), Path: a.GetPath(), Live: a.GetLive(), Apply: a.GetApply(), Imported: a.GetImported(),
		})
	}
	for _, b := range m.GetBlocks() {
		if seen[b.GetName()] {
			return nil, fmt.Errorf("setting %q is given twice", b.GetName())
		}
		seen[b.GetName()] = true
		inner, err := ToSettings(b.GetSettings())
		if err != nil {
			return nil, fmt.Errorf("block %q: %w", b.GetName(), err)
		}
		s.Blocks = append(s.Blocks, catalog.Block{Name: b.GetName(), Doc: b.GetDoc(), Required: b.GetRequired(), Settings: *inner})
	}
	return s, nil
}
