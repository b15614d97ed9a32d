package rules

import (
	"fmt"
	"regexp"
	"slices"

	"github.com/hashicorp/hcl/v2"
)

var variableName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

func (d *decoder) decodePlugin(b *hcl.Block) {
	attrs := d.content(b, nil, "path", "command", "env", "read", "sandbox", "lock")
	p := &Plugin{Connector: b.Labels[0], Range: b.DefRange, Path: d.text(attrs, "path"),
		NoSandbox: d.off(attrs, "sandbox"), NoLock: d.off(attrs, "lock")}
	for _, w := range d.words(attrs, "command") {
		p.Command = append(p.Command, w.text)
	}
	for _, w := range d.words(attrs, "env") {
		if !variableName.MatchString(w.text) {
			d.fail(w.at, "Invalid name", "%q is no environment variable's name. To give the plugin a value, use a setting of its source: that is seen by this source alone.", w.text)
			continue
		}
		p.Env = append(p.Env, w.text)
	}
	for _, w := range d.words(attrs, "read") {
		p.Read = append(p.Read, w.text)
	}
	_, hasPath := attrs["path"]
	_, hasCommand := attrs["command"]
	switch {
	case slices.Contains(d.bundled, p.Connector):
		d.fail(b.LabelRanges[0], "Connector is bundled", "The connector %q comes with the program. Give the plugin another name.", p.Connector)
	case hasPath == hasCommand:
		d.fail(b.DefRange, "How to start the plugin", "A plugin has either a path to its program, or a command: a list of a program and its arguments.")
	}
	d.config.Plugins = append(d.config.Plugins, p)
}

// off reads an attribute that is "on", which is what holds without it, or "off".
func (d *decoder) off(attrs hcl.Attributes, name string) bool {
	a, ok := attrs[name]
	if !ok {
		return false
	}
	text := d.text(attrs, name)
	if text != "on" && text != "off" {
		d.fail(a.Expr.Range(), "On or off", "%s", fmt.Sprintf(`%q is "on", as it is without being said, or "off".`, name))
	}
	return text == "off"
}
