package source

import (
	"encoding/json"
	"path/filepath"

	"github.com/reconcilehq/reconcile/engine/catalog"
)

// identity returns the settings that a source's data depend on. What was left out counts as its default: so another default,
// in another version of the connector, is another identity. If lasting, secrets and names of files are left out.
func (c *Config) identity(object map[string]json.RawMessage, schema *catalog.Settings, lasting bool) map[string]json.RawMessage {
	identity := map[string]json.RawMessage{}
	for _, a := range schema.Attributes {
		value, given := object[a.Name]
		switch {
		case a.Live || a.Apply || !given && a.Default == "" || lasting && (a.Sensitive || a.Path):
			continue
		case !given:
			value = defaultOf(a)
		}
		var path string
		if a.Path && json.Unmarshal(value, &path) == nil {
			value, _ = json.Marshal(c.absolute(path))
		}
		identity[a.Name] = value
	}
	for _, block := range schema.Blocks {
		var inner map[string]json.RawMessage
		if json.Unmarshal(object[block.Name], &inner) == nil { // it was given
			identity[block.Name], _ = json.Marshal(c.identity(inner, &block.Settings, lasting)) // of messages that were written by us
		}
	}
	return identity
}

func defaultOf(a catalog.Attribute) json.RawMessage {
	value := json.RawMessage(a.Default)
	if !json.Valid(value) { // it is HCL, which differs in rare cases
		value, _ = json.Marshal("default " + a.Default)
	}
	return value
}

// absolute returns a path that stands in the configuration as it is from anywhere.
func (c *Config) absolute(path string) string {
	if !filepath.IsAbs(path) {
		path = filepath.Join(c.Dir, path)
	}
	if absolute, err := filepath.Abs(path); err == nil {
		return absolute
	}
	return path
}

// meaning returns the settings that decide what the source's data say, wherever they come from: neither secrets nor the names of files,
// which may be others each day.
func meaning(object map[string]json.RawMessage, schema *catalog.Settings) map[string]json.RawMessage {
	said := map[string]json.RawMessage{}
	for _, a := range schema.Attributes {
		value, given := object[a.Name]
		switch {
		case a.Path || a.Sensitive || a.Apply || !given && a.Default == "":
		case given:
			said[a.Name] = value
		default:
			said[a.Name] = defaultOf(a)
		}
	}
	for _, block := range schema.Blocks {
		var inner map[string]json.RawMessage
		if json.Unmarshal(object[block.Name], &inner) == nil { // it was given
			said[block.Name], _ = json.Marshal(meaning(inner, &block.Settings)) // of messages that were written by us
		}
	}
	return said
}
