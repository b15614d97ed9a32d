package sdk

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/reconcilehq/reconcile/engine/catalog"
)

// SettingDescriber is implemented by the type of a setting whose allowed values and doc are computed, for example from a list
// of formats. The type's kind must be string, bool or a number. The tags values and doc are ignored.
type SettingDescriber interface {
	// DescribeSetting returns the allowed values, and the doc. It is called on the zero value.
	DescribeSetting() (values []string, doc string)
}

// valuesAndDoc returns the allowed values of a setting, nil if all are allowed, and its doc.
func valuesAndDoc(f reflect.StructField) (values []string, doc string) {
	if own, ok := reflect.Zero(f.Type).Interface().(SettingDescriber); ok && f.Type.Kind() != reflect.Pointer {
		return own.DescribeSetting()
	}
	if text := f.Tag.Get("values"); text != "" {
		values = strings.Split(text, "|")
	}
	return values, f.Tag.Get("doc")
}

var decimalType = reflect.TypeFor[Decimal]()

// SettingsOf returns the configuration schema of a connector's struct. source is a pointer to it. SettingsOf fails if a tag
// or the type of a field is not one of those that Connector.New lists.
func SettingsOf(source any) (*catalog.Settings, error) {
	t := reflect.TypeOf(source)
	if t == nil || t.Kind() != reflect.Pointer || t.Elem().Kind() != reflect.Struct {
		return nil, fmt.Errorf("a source is a pointer to a struct, not %s", aGo(source))
	}
	return settingsOf(t.Elem())
}

func settingsOf(t reflect.Type) (*catalog.Settings, error) {
	s := &catalog.Settings{}
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Anonymous && f.Type.Kind() == reflect.Struct { // its settings are ours: connectors share settings in this way
			inner, err := settingsOf(f.Type)
			if err != nil {
				return nil, err
			}
			s.Attributes = append(s.Attributes, inner.Attributes...)
			s.Blocks = append(s.Blocks, inner.Blocks...)
			continue
		}
		tag, ok := f.Tag.Lookup("setting")
		if !ok {
			continue
		}
		name, flags := splitTag(tag)
		if !f.IsExported() {
			return nil, fmt.Errorf("%s.%s has a setting tag but is not exported", t, f.Name)
		}
		if inner := blockType(f.Type); inner != nil {
			settings, err := settingsOf(inner)
			if err != nil {
				return nil, err
			}
			if slices.Contains(flags, "apply") {
				return nil, fmt.Errorf("%s.%s: a block cannot be tagged apply: tag its settings", t, f.Name)
			}
			s.Blocks = append(s.Blocks, catalog.Block{Name: name, Doc: f.Tag.Get("doc"),
				Required: slices.Contains(flags, "required"), Settings: *settings})
			continue
		}
		typ := settingType(f.Type)
		if typ == "" {
			return nil, fmt.Errorf("%s.%s: a setting cannot be %s", t, f.Name, catalog.WithArticle(f.Type.String()))
		}
		values, doc := valuesAndDoc(f)
		a := catalog.Attribute{Name: name, Type: typ, Doc: doc, Values: values, Required: slices.Contains(flags, "required"),
			Sensitive: slices.Contains(flags, "sensitive"), Path: slices.Contains(flags, "path"), Live: slices.Contains(flags, "live"),
			Apply: slices.Contains(flags, "apply"), Imported: slices.Contains(flags, "imported")}
		if def, ok := f.Tag.Lookup("default"); ok {
			a.Default = defaultAsHCL(typ, def)
		}
		s.Attributes = append(s.Attributes, a)
	}
	return s, nil
}

func splitTag(tag string) (name string, flags []string) {
	name, rest, _ := strings.Cut(tag, ",")
	return name, strings.Split(rest, ",")
}

// blockType returns the struct type if a setting of type t is a nested block, and nil otherwise.
func blockType(t reflect.Type) reflect.Type {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.Kind() == reflect.Struct && t != decimalType {
		return t
	}
	return nil
}

func settingType(t reflect.Type) catalog.SettingType {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch {
	case t == decimalType:
		return catalog.SettingNumber
	case t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.String:
		return catalog.SettingStrings
	case t.Kind() == reflect.Slice && isInteger(t.Elem().Kind()):
		return catalog.SettingNumbers
	case t.Kind() == reflect.Map && t.Key().Kind() == reflect.String && t.Elem().Kind() == reflect.String:
		return catalog.SettingStringsMap
	case t.Kind() == reflect.String:
		return catalog.SettingString
	case t.Kind() == reflect.Bool:
		return catalog.SettingBool
	case isInteger(t.Kind()) || t.Kind() == reflect.Float64:
		return catalog.SettingNumber
	}
	return ""
}

func isInteger(k reflect.Kind) bool { return k == reflect.Int || k == reflect.Int64 }

// defaultAsHCL returns a default value in the syntax of HCL.
func defaultAsHCL(t catalog.SettingType, text string) string {
	switch t {
	case catalog.SettingString:
		return strconv.Quote(text)
	case catalog.SettingStrings:
		var quoted []string
		for _, s := range splitDefault(text) {
			quoted = append(quoted, strconv.Quote(s))
		}
		return "[" + strings.Join(quoted, ", ") + "]"
	case catalog.SettingNumbers:
		return "[" + strings.Join(splitDefault(text), ", ") + "]"
	}
	return text
}

func splitDefault(text string) []string {
	if text == "" {
		return nil
	}
	return strings.Split(text, ",")
}

// FillSettings fills a connector's struct with its defaults, and then with settings, which is a JSON object as the host
// sends it. source is a pointer to the struct. The error joins a SettingError for each setting that is unknown, missing, or
// of a wrong type. It never contains a value, because that may be a secret. Settings that are tagged ,apply stay as they are:
// FillSettingsToApply fills them, too.
func FillSettings(source any, settings []byte) error { return fillSettings(source, settings, false) }

// FillSettingsToApply is like FillSettings, for a process that may be asked for Prepare and Apply.
func FillSettingsToApply(source any, settings []byte) error {
	return fillSettings(source, settings, true)
}

func fillSettings(source any, settings []byte, apply bool) error {
	var object map[string]json.RawMessage
	if len(bytes.TrimSpace(settings)) == 0 {
		settings = []byte("{}")
	}
	if err := json.Unmarshal(settings, &object); err != nil {
		return &SettingError{Summary: "the settings are no JSON object"}
	}
	f := &filler{apply: apply}
	return errors.Join(f.fill(reflect.ValueOf(source).Elem(), object, nil)...)
}

// filler fills a connector's struct with its settings.
type filler struct{ apply bool } // apply: settings that are tagged ,apply are filled, too

func (s *filler) fill(v reflect.Value, object map[string]json.RawMessage, path []string) []error {
	var problems []error
	known := map[string]bool{}
	s.fillStruct(v, object, path, known, &problems)
	for name := range object {
		if !known[name] {
			problems = append(problems, &SettingError{Path: append(slices.Clone(path), name), Summary: fmt.Sprintf("unknown setting %q", name)})
		}
	}
	return problems
}

func (s *filler) fillStruct(v reflect.Value, object map[string]json.RawMessage, path []string, known map[string]bool, problems *[]error) {
	t := v.Type()
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Anonymous && f.Type.Kind() == reflect.Struct {
			s.fillStruct(v.Field(i), object, path, known, problems)
			continue
		}
		tag, ok := f.Tag.Lookup("setting")
		if !ok {
			continue
		}
		name, flags := splitTag(tag)
		known[name] = true
		at := append(slices.Clone(path), name)
		raw, given := object[name]
		switch {
		case slices.Contains(flags, "apply") && !s.apply:
		case given && string(raw) != "null":
			*problems = append(*problems, s.fillField(v.Field(i), f, raw, at)...)
		case slices.Contains(flags, "required"):
			_, doc := valuesAndDoc(f)
			*problems = append(*problems, &SettingError{Path: at, Summary: fmt.Sprintf("setting %q is missing", name), Detail: doc})
		case blockType(f.Type) != nil:
			if f.Type.Kind() == reflect.Struct {
				*problems = append(*problems, s.fill(v.Field(i), nil, at)...)
			}
		default:
			if def, ok := f.Tag.Lookup("default"); ok {
				if err := setText(v.Field(i), def); err != nil {
					*problems = append(*problems, &SettingError{Path: at, Summary: fmt.Sprintf("the default of setting %q is wrong: %v", name, err)})
				}
			}
		}
	}
}

func (s *filler) fillField(v reflect.Value, f reflect.StructField, raw json.RawMessage, path []string) []error {
	name := path[len(path)-1]
	if blockType(f.Type) != nil {
		var object map[string]json.RawMessage
		if err := json.Unmarshal(raw, &object); err != nil {
			return []error{&SettingError{Path: path, Summary: fmt.Sprintf("%q is a block", name)}}
		}
		if v.Kind() == reflect.Pointer {
			v.Set(reflect.New(v.Type().Elem()))
			v = v.Elem()
		}
		return s.fill(v, object, path)
	}
	wrong := &SettingError{Path: path, Summary: fmt.Sprintf("setting %q is not a %s", name, settingType(f.Type))}
	target := reflect.New(v.Type())
	if kind := v.Type(); isInteger(kind.Kind()) || kind.Kind() == reflect.Pointer && isInteger(kind.Elem().Kind()) {
		wrong.Summary = fmt.Sprintf("setting %q is not a whole number", name)
	}
	if settingType(f.Type) == catalog.SettingNumber && bytes.HasPrefix(raw, []byte(`"`)) {
		return []error{wrong}
	}
	if err := json.Unmarshal(raw, target.Interface()); err != nil {
		return []error{wrong}
	}
	if values, _ := valuesAndDoc(f); values != nil {
		var text string
		if json.Unmarshal(raw, &text) != nil || !slices.Contains(values, text) {
			return []error{&SettingError{Path: path, Summary: fmt.Sprintf("setting %q has a value that it cannot have", name),
				Detail: "It is one of: " + strings.Join(values, ", ") + "."}}
		}
	}
	v.Set(target.Elem())
	return nil
}

// setText sets a field to its default.
func setText(v reflect.Value, text string) error {
	if v.Kind() == reflect.Pointer {
		v.Set(reflect.New(v.Type().Elem()))
		v = v.Elem()
	}
	switch {
	case v.Kind() == reflect.String:
		v.SetString(text)
		return nil
	case v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.String:
		v.Set(reflect.ValueOf(splitDefault(text)).Convert(v.Type()))
		return nil
	case v.Kind() == reflect.Slice:
		text = "[" + text + "]"
	}
	return json.Unmarshal([]byte(text), v.Addr().Interface())
}
