package conformance

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/hashicorp/hcl/v2"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/plugins/devkit/conformance/expect"
	"github.com/reconcilehq/reconcile/rules/hidden"
	"github.com/reconcilehq/reconcile/rules/source"
)

// configuration is one right configuration of the connector.
type configuration struct {
	name    string
	json    []byte
	toApply []byte // the same with settings that only changes need; nil if nothing is to be written
	secrets []string

	expected *expect.Expectation // never nil
}

// loadSources reads the settings of each source block of this connector, as the host would send them: those that are right, and
// those that must fail. Without a file there is one configuration without settings, or none if the connector has required
// settings.
func (s *suite) loadSources() error {
	if s.config == "" {
		if missing := firstRequired(s.settings); missing == "" {
			s.sources = []configuration{{name: "without settings", json: []byte("{}"), expected: &expect.Expectation{}}}
		}
		return nil
	}
	name := s.description.GetConnector()
	config, diags := source.Load(s.config, source.Options{Bundled: []string{name}})
	if len(config.Sources) == 0 && diags.HasErrors() {
		return configError(config, diags)
	}
	// Ignore sources of other connectors, and plugin blocks: Target says how to start this connector.
	var known []string
	for _, s := range config.Sources {
		if config.Plugin(s.Connector) == nil {
			known = append(known, s.Connector)
		}
	}
	config, diags = source.Load(s.config, source.Options{Bundled: known})
	if diags.HasErrors() {
		return configError(config, diags)
	}
	expected, diags := expect.Load(s.config, config, name)
	if diags.HasErrors() {
		return configError(config, diags)
	}
	for _, block := range config.Sources {
		if block.Connector != name {
			continue
		}
		settings, diags := config.Settings(block, s.settings)
		if diags.HasErrors() {
			return configError(config, diags)
		}
		c := configuration{name: fmt.Sprintf("source %q", block.Name), json: settings.JSON, secrets: settings.Secrets, expected: expected[block.Name]}
		if c.expected != nil && c.expected.Write != nil {
			toApply, diags := config.SettingsToApply(block, s.settings)
			if diags.HasErrors() {
				return configError(config, diags)
			}
			c.toApply, c.secrets = toApply.JSON, toApply.Secrets
		}
		switch {
		case c.expected == nil:
			c.expected = &expect.Expectation{}
			s.sources = append(s.sources, c)
		case c.expected.Fails():
			s.failing = append(s.failing, c)
		default:
			s.sources = append(s.sources, c)
		}
	}
	if len(s.sources)+len(s.failing) == 0 {
		return &ConfigError{fmt.Sprintf("%s holds no source of the connector %q: write source %q \"NAME\" { ... } with its settings.", s.config, name, name)}
	}
	return nil
}

func configError(config *source.Config, diags hcl.Diagnostics) *ConfigError {
	var text bytes.Buffer
	files, diags := hidden.Diagnostics(config.Files, diags, config.NoSecrets())
	if err := hcl.NewDiagnosticTextWriter(&text, files, 100, false).WriteDiagnostics(diags); err != nil {
		return &ConfigError{diags.Error()}
	}
	return &ConfigError{text.String()}
}

// firstRequired returns the name of the first required setting; "" if there is none.
func firstRequired(settings *catalog.Settings) string {
	for _, a := range settings.Attributes {
		if a.Required {
			return a.Name
		}
	}
	for _, b := range settings.Blocks {
		if b.Required {
			return b.Name
		}
	}
	return ""
}

// object is a JSON object of settings.
type object map[string]any

func parse(text []byte) object {
	o := object{}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if d.Decode(&o) != nil {
		return object{} // it was written by source.Settings, or is {}
	}
	return o
}

func (o object) json() []byte {
	text, err := json.Marshal(o)
	if err != nil {
		panic(fmt.Sprintf("conformance: settings cannot be written: %v", err)) // they hold what was read from JSON
	}
	return text
}

// with returns a copy in which the setting at the path has the value; a nil value removes the setting. Blocks in the path
// that are missing are added.
func (o object) with(path []string, value any) object {
	c := object{}
	for k, v := range o {
		c[k] = v
	}
	if len(path) > 1 {
		inner, _ := c[path[0]].(map[string]any)
		c[path[0]] = map[string]any(object(inner).with(path[1:], value))
		return c
	}
	if value == nil {
		delete(c, path[0])
	} else {
		c[path[0]] = value
	}
	return c
}

// has reports whether there is a block at the path. The empty path is the settings themselves.
func (o object) has(path []string) bool {
	for _, name := range path {
		inner, ok := o[name].(map[string]any)
		if !ok {
			return false
		}
		o = inner
	}
	return true
}

// at returns the value of the setting at the path; nil if it is not set.
func (o object) at(path []string) any {
	for _, name := range path[:len(path)-1] {
		inner, _ := o[name].(map[string]any)
		o = inner
	}
	return o[path[len(path)-1]]
}
