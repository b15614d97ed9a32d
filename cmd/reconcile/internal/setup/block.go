package setup

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/hclwrite"
	"github.com/zclconf/go-cty/cty"

	"github.com/reconcilehq/reconcile/engine/catalog"
)

// block is a block of the configuration that is being written: settings in their order, and blocks behind them.
type block struct {
	head    string // source "rest" "web"
	names   []string
	values  map[string]string // as HCL
	members []*block
}

func newBlock(head string) *block { return &block{head: head, values: map[string]string{}} }

// set gives a setting a value, which is HCL.
func (b *block) set(name, value string) {
	if _, there := b.values[name]; !there {
		b.names = append(b.names, name)
	}
	b.values[name] = value
}

// setMember gives a member of a map a value, which is HCL, or takes the member away where that is "".
func (b *block) setMember(name, member, value string) error {
	var names []string
	values := map[string]string{}
	if text, there := b.values[name]; there {
		e, diags := hclsyntax.ParseExpression([]byte(text), "", hcl.InitialPos)
		object, ok := e.(*hclsyntax.ObjectConsExpr)
		if diags.HasErrors() || !ok {
			return fmt.Errorf("%s is no map: %s", name, text)
		}
		for _, item := range object.Items {
			key, diags := item.KeyExpr.Value(nil)
			if diags.HasErrors() {
				return fmt.Errorf("%s is no map of plain names: %s", name, text)
			}
			names = append(names, key.AsString())
			values[key.AsString()] = string(item.ValueExpr.Range().SliceBytes([]byte(text)))
		}
	}
	if value == "" {
		names = slices.DeleteFunc(names, func(n string) bool { return n == member })
	} else if values[member] = value; !slices.Contains(names, member) {
		names = append(names, member)
	}
	if len(names) == 0 {
		b.remove(name)
		return nil
	}
	b.set(name, object(names, func(n string) string { return values[n] }))
	return nil
}

// remove takes a setting away.
func (b *block) remove(name string) {
	delete(b.values, name)
	b.names = slices.DeleteFunc(b.names, func(n string) bool { return n == name })
}

// text sets a setting to a text, unless that is empty.
func (b *block) text(name, text string) {
	if text != "" {
		b.set(name, quote(text))
	}
}

// block returns the nested block of that name, which it makes if there is none.
func (b *block) block(name string) *block {
	if at := slices.IndexFunc(b.members, func(m *block) bool { return m.head == name }); at >= 0 {
		return b.members[at]
	}
	b.members = append(b.members, newBlock(name))
	return b.members[len(b.members)-1]
}

// String writes the block. hclwrite.Format lays it out.
func (b *block) String() string {
	var s strings.Builder
	fmt.Fprintf(&s, "%s {\n", b.head)
	for _, name := range b.names {
		fmt.Fprintf(&s, "  %s = %s\n", name, b.values[name])
	}
	for _, m := range b.members {
		s.WriteString(m.String())
	}
	s.WriteString("}\n")
	return string(hclwrite.Format([]byte(s.String())))
}

// quote writes a text as HCL does.
func quote(text string) string { return string(hclwrite.TokensForValue(cty.StringVal(text)).Bytes()) }

// object writes a map: one member a line, unless it has one or two.
func object(names []string, value func(name string) string) string {
	var members []string
	for _, name := range names {
		written := name
		if !hclsyntax.ValidIdentifier(name) {
			written = quote(name)
		}
		members = append(members, written+" = "+value(name))
	}
	if len(members) <= 2 {
		return "{ " + strings.Join(members, ", ") + " }"
	}
	return "{\n    " + strings.Join(members, "\n    ") + "\n  }"
}

// variable returns the name of the variable that a value takes from the environment: env(NAME), with or without quotation marks.
func variable(value string) (name string, ok bool) {
	inner, ok := strings.CutPrefix(strings.TrimSpace(value), "env(")
	if !ok || !strings.HasSuffix(inner, ")") {
		return "", false
	}
	name = strings.Trim(strings.TrimSpace(strings.TrimSuffix(inner, ")")), `"`)
	return name, isVariable(name)
}

func isVariable(name string) bool {
	return name != "" && !strings.ContainsFunc(name, func(r rune) bool {
		return r != '_' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
	})
}

// valueOf writes what a person gave for a setting as HCL. Lists and maps are given as HCL, or a list as a,b.
func valueOf(a *catalog.Attribute, given string) (string, error) {
	if name, ok := variable(given); ok {
		return `env("` + name + `")`, nil
	}
	switch {
	case a.Sensitive:
		return "", fmt.Errorf("%s is a secret, which stands in no file: name the variable of the environment that has it, as %s=env(%s)", a.Name, a.Name, strings.ToUpper(a.Name))
	case a.Type == catalog.SettingNumber:
		if _, err := strconv.ParseFloat(given, 64); err != nil {
			return "", fmt.Errorf("%s is a number, not %q", a.Name, given)
		}
		return given, nil
	case a.Type == catalog.SettingBool:
		if given != "true" && given != "false" {
			return "", fmt.Errorf("%s is true or false, not %q", a.Name, given)
		}
		return given, nil
	case a.Type == catalog.SettingString:
		return quote(given), nil
	case strings.HasPrefix(given, "[") || strings.HasPrefix(given, "{"):
		return given, nil
	case a.Type == catalog.SettingStrings:
		var words []string
		for _, word := range strings.Split(given, ",") {
			words = append(words, quote(strings.TrimSpace(word)))
		}
		return "[" + strings.Join(words, ", ") + "]", nil
	}
	return "", fmt.Errorf(`%s is a %s: write it as in the configuration, in [ ] or { }`, a.Name, a.Type)
}
