package setup

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/rules/starter"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/install"
)

// readPlugin asks a plugin that is installed which settings it takes, and finds out their values: by the flags, then by asking.
func (i *setup) readPlugin(ctx context.Context) error {
	if i.kind() != pluginStore {
		return nil
	}
	plugin, err := install.BlockOf(filepath.Dir(i.Output), i.Store)
	if err != nil {
		return err
	}
	takes, err := i.describe(ctx, plugin, i.Store)
	if err != nil {
		return err
	}
	b := newBlock(fmt.Sprintf("source %q %q", i.Store, "web"))
	if err := i.applySettings(b, takes, "--setting", i.Settings); err != nil {
		return err
	}
	if err := i.missingSettings(ctx, b, takes); err != nil {
		return err
	}
	if err := i.askSecrets(ctx); err != nil {
		return err
	}
	return i.takeStore(ctx, &starter.Store{What: "a store that the plugin " + i.Store + " reads", Address: "source." + i.Store + ".web",
		Blocks: plugin + "\n" + b.String(), Remedy: "which its source does not have",
		Comment: "The online store, and the plugin that reads it. What opens it stands in the environment, so that it stands in no file."})
}

// describe starts a connector, which may be a plugin, and returns the settings that it takes.
func (i *setup) describe(ctx context.Context, plugin, connector string) (*catalog.Settings, error) {
	sources, err := i.open(ctx, plugin+newBlock(fmt.Sprintf("source %q %q", connector, "web")).String())
	if err != nil {
		return nil, err
	}
	defer sources.Close()
	about, ok := sources.List[0].About()
	if !ok {
		return nil, i.mistakes(sources.List[0].Refusal(), sources.file)
	}
	return about.Settings, nil
}

// missingSettings asks for the settings that the connector needs, and for secrets that it can take. Where there is nobody to ask, it names
// those that it needs.
func (i *setup) missingSettings(ctx context.Context, b *block, takes *catalog.Settings) error {
	var missing []string
	for n := range takes.Attributes {
		a := &takes.Attributes[n]
		switch _, given := b.values[a.Name]; {
		case given, !a.Required && !a.Sensitive:
		case i.term.CanAsk():
			if err := i.askSetting(ctx, b, a); err != nil {
				return err
			}
		case a.Required && a.Sensitive:
			missing = append(missing, fmt.Sprintf("--setting %s=env(%s)   %s", a.Name, i.variableFor(a.Name), a.Doc))
		case a.Required:
			missing = append(missing, fmt.Sprintf("--setting %s=VALUE   %s", a.Name, a.Doc))
		}
	}
	for _, n := range takes.Blocks {
		if n.Required && !slices.ContainsFunc(b.members, func(m *block) bool { return m.head == n.Name }) {
			missing = append(missing, fmt.Sprintf("--setting %s.NAME=VALUE   %s", n.Name, n.Doc))
		}
	}
	if len(missing) > 0 {
		return fmt.Errorf("the connector %s needs more to read the store. Say it with:\n  %s", i.Store, strings.Join(missing, "\n  "))
	}
	return nil
}

// askSetting asks for a setting until the answer can be one.
func (i *setup) askSetting(ctx context.Context, b *block, a *catalog.Attribute) error {
	i.term.Say("\n%s: %s", a.Name, a.Doc)
	question := "Its value: "
	switch {
	case a.Sensitive:
		question = fmt.Sprintf("It is a secret. The variable of the environment that has it, or is to have it [%s]: ", i.variableFor(a.Name))
		if !a.Required {
			question = "It is a secret, and need not be given. The variable of the environment that has it, or Enter for none: "
		}
	case len(a.Values) > 0:
		question = "One of " + strings.Join(a.Values, ", ") + ": "
	}
	for {
		answer, err := i.term.Ask(ctx, question)
		if err != nil {
			return err
		}
		switch {
		case a.Sensitive && answer == "" && !a.Required:
			return nil
		case a.Sensitive && answer == "":
			answer = i.variableFor(a.Name)
			fallthrough
		case a.Sensitive:
			if !isVariable(answer) {
				i.term.Say("A variable's name has letters, digits and underscores. The secret itself is asked for later.")
				continue
			}
			answer = "env(" + answer + ")"
		case answer == "":
			continue
		}
		value, err := valueOf(a, answer)
		if err != nil {
			i.term.Say("%v", err)
			continue
		}
		b.set(a.Name, value)
		return i.need(answer)
	}
}

// variableFor proposes a name for the variable that has a setting: LANTERNSHOP_TOKEN.
func (i *setup) variableFor(setting string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return r
		}
		return '_'
	}, strings.ToUpper(i.Store+"_"+setting))
}
