package source

import (
	"fmt"
	"regexp"
	"slices"

	"github.com/hashicorp/hcl/v2"

	"github.com/reconcilehq/reconcile/rules/block"
	"github.com/reconcilehq/reconcile/rules/grammar"
)

// Plugin is a plugin block: a connector that is not bundled.
type Plugin struct {
	Connector string
	Path      string   // of an executable; "" if Command is given
	Command   []string // a program and its arguments
	Env       []string // environment variables that it gets beside those that any program needs
	Read      []string // files and folders that it may read beside its own
	NoSandbox bool     // sandbox = "off"
	NoLock    bool     // lock = "off"
	Range     hcl.Range
}

// Plugin returns the plugin block for a connector, or nil.
func (c *Config) Plugin(connector string) *Plugin {
	for _, p := range c.Plugins {
		if p.Connector == connector {
			return p
		}
	}
	return nil
}

var variableName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// readPlugin reads a plugin block. bundled are the connectors that need none.
func (c *Config) readPlugin(r *block.Reader, b *hcl.Block, bundled []string) {
	attrs := r.Attributes(b, grammar.Plugin)
	for _, name := range []string{"path", "read", "sandbox", "lock"} {
		if a, ok := attrs[name]; ok && (name == "path" || name == "read" || hostMayShow(a.Expr)) {
			c.open.add(a.Range)
		}
	}
	p := &Plugin{Connector: b.Labels[0], Range: b.DefRange, Path: r.Text(attrs, "path"),
		NoSandbox: off(r, attrs, "sandbox"), NoLock: off(r, attrs, "lock")}
	for _, w := range r.Words(attrs, "command") {
		p.Command = append(p.Command, w.Text)
	}
	for _, w := range r.Words(attrs, "env") {
		if !variableName.MatchString(w.Text) {
			r.Fail(w.At, "Invalid name", "%q is no environment variable's name. To give the plugin a value, use a setting of its source: that is seen by this source alone.", w.Text)
			continue
		}
		p.Env = append(p.Env, w.Text)
	}
	for _, w := range r.Words(attrs, "read") {
		p.Read = append(p.Read, w.Text)
	}
	_, hasPath := attrs["path"]
	_, hasCommand := attrs["command"]
	switch {
	case slices.Contains(bundled, p.Connector):
		r.Fail(b.LabelRanges[0], "Connector is bundled", "The connector %q comes with the program. Give the plugin another name.", p.Connector)
	case hasPath == hasCommand:
		r.Fail(b.DefRange, "How to start the plugin", "A plugin has either a path to its program, or a command: a list of a program and its arguments.")
	}
	c.Plugins = append(c.Plugins, p)
}

// off reads an attribute that is "on", which is what holds without it, or "off".
func off(r *block.Reader, attrs hcl.Attributes, name string) bool {
	a, ok := attrs[name]
	if !ok {
		return false
	}
	text := r.Text(attrs, name)
	if text != "on" && text != "off" {
		r.Fail(a.Expr.Range(), "On or off", "%s", fmt.Sprintf(`%q is "on", as it is without being said, or "off".`, name))
	}
	return text == "off"
}
