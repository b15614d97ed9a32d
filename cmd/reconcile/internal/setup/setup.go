// Package setup writes a shop's first configuration, with a person's help or by flags alone, and tries it before.
package setup

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/reconcilehq/reconcile/plugins/sdk/table"
	"github.com/reconcilehq/reconcile/rules/starter"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/install"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/session"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/terminal"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/words"
	"github.com/reconcilehq/reconcile/engine/replace"
)

// Flags are what can be said without being asked.
type Flags struct {
	Pos             string   // the export
	PosSettings     []string // name=value, of the export's source
	Columns         []string // field=column
	Options         []string // name=column
	Store           string   // bigcommerce, sandbox, rest, an installed plugin, a file with the store's catalogue, or an address of its API
	StoreColumns    []string // field=column of that file, or field=path of what the API answers
	StoreOptions    []string // name=column of that file
	Login           string   // how an API lets programs in: see login
	Settings        []string // name=value, of the store's source
	StoreHash       string
	APIURL          string
	ImportedThrough int64 // -1: not said
	Quantity        string
	Output          string
	Force, NoCheck  bool
}

// setup is the writing of one configuration.
type setup struct {
	Flags
	term    *terminal.Terminal
	session session.Options
	shop    starter.Shop
	hash    string
	token   string // never printed, never written
	fails   bool   // a run would fail on the export as it is, which was said

	pos          *fileSource       // the export
	storeMapping *starter.Mapping  // of the store's file
	variables    []string          // of the environment, which the store's source takes something from
	secrets      map[string]string // their values, where a person has typed them: never printed, never written
	tests        string            // the file of rule tests that was written; "" if there were some already
}

// Run asks what the flags do not say, tries the configuration and writes it. Where something fails, nothing is written.
func Run(ctx context.Context, t *terminal.Terminal, o session.Options, f Flags) error {
	i := &setup{Flags: f, term: t, session: o, secrets: map[string]string{}}
	if err := i.checkOutput(); err != nil {
		return err
	}
	for _, step := range []func(context.Context) error{i.missing, i.readExport, i.mapColumns, i.chooseStore, i.readStoreFile, i.readWeb, i.readPlugin, i.askImported, i.askQuantity} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	config, err := i.shop.Configuration()
	if err != nil {
		return err
	}
	if err := i.tryAndWrite(ctx, config); err != nil {
		return err
	}
	i.report(config)
	return nil
}

func (i *setup) checkOutput() error {
	switch info, err := os.Stat(i.Output); {
	case err != nil: // it is new, or writing will say what is wrong
	case info.IsDir():
		return fmt.Errorf("%s is a folder: name a file in it with --output", i.Output)
	case !i.Force:
		return fmt.Errorf("%s is there already: --force replaces it, --output FILE writes another", i.Output)
	}
	if err := replace.Spare(i.Output, []replace.Reading{{Path: i.Pos, By: "the export"}, {Path: i.Store, By: "the store's file"}}); err != nil {
		return err
	}
	if i.Quantity != "" && !slices.Contains(starter.Quantities, i.Quantity) {
		return fmt.Errorf("--quantity is %s, not %q", strings.Join(starter.Quantities, " or "), i.Quantity)
	}
	if dir := filepath.Dir(i.Output); dir != "." {
		if info, err := os.Stat(dir); err != nil || !info.IsDir() {
			return fmt.Errorf("there is no folder %s to write %s to", dir, filepath.Base(i.Output))
		}
	}
	return i.checkStore()
}

// checkStore checks that the flags are about the store that is named.
func (i *setup) checkStore() error {
	kind := i.kind()
	bigCommerce := i.APIURL != "" || i.StoreHash != "" || i.ImportedThrough >= 0 || i.Quantity != ""
	switch {
	case i.Store == "file":
		return errors.New("--store takes the file itself: --store web.csv. docs/configuration.md has more, under \"A file against a file\"")
	case i.Store == "rest" && !i.term.CanAsk():
		return errors.New("--store takes the address of the list itself: --store https://shop.example/api/products. docs/connectors/rest.md has more")
	case kind == noStore && i.Store != "":
		return i.noSuchStore()
	case len(i.StoreColumns) > 0 && kind != fileStore && kind != webStore:
		return errors.New("--store-column is about a file or an address that --store names")
	case i.Login != "" && kind != webStore:
		return errors.New("--login is about an address that --store names")
	case len(i.StoreOptions) > 0 && kind != fileStore:
		return errors.New("--store-option is about a file that --store names")
	case len(i.Settings) > 0 && kind != webStore && kind != pluginStore && kind != fileStore:
		return errors.New("--setting is about a file, an address or a plugin that --store names; --pos-setting is about the export")
	case bigCommerce && (kind == fileStore || kind == webStore || kind == pluginStore):
		return errors.New("--api-url, --store-hash, --imported-through and --quantity are about a BigCommerce store: leave them out where --store is another")
	}
	return nil
}

// noSuchStore says what --store can be.
func (i *setup) noSuchStore() error {
	text := fmt.Sprintf("--store is bigcommerce, sandbox, a file with the store's catalogue (%s), an address of its API (https://...) or a plugin that is installed, not %q",
		table.FormatTitles("or"), i.Store)
	if installed := install.Names(filepath.Dir(i.Output)); len(installed) > 0 {
		return fmt.Errorf("%s. Installed: %s", text, strings.Join(installed, ", "))
	}
	if hclsyntax.ValidIdentifier(i.Store) {
		return fmt.Errorf("%s. To install one: %s", text, i.command("plugin", "install", "FILE"))
	}
	return fmt.Errorf("%s. For a store of another kind write a source of it: docs/configuration.md", text)
}

// missing names all flags at once that there is nobody to ask about.
func (i *setup) missing(context.Context) error {
	if i.term.CanAsk() {
		return nil
	}
	var missing []string
	if i.Pos == "" {
		missing = append(missing, "--pos FILE                 the inventory that AmberPOS exported")
	}
	if i.Store == "" {
		missing = append(missing, "--store bigcommerce        the store: also a file with its catalogue, an address of its API, a plugin, or sandbox for a sample")
	}
	if i.Store == "bigcommerce" && !i.NoCheck {
		if i.StoreHash == "" && os.Getenv(HashVariable) == "" {
			missing = append(missing, "--store-hash HASH          the part of the API path after /stores/")
		}
		if os.Getenv(TokenVariable) == "" {
			missing = append(missing, TokenVariable+"   in the environment: the token of a store-level API account; or --no-check")
		}
	}
	if len(missing) == 0 {
		return nil
	}
	return fmt.Errorf("there is no terminal to ask in, so this is needed:\n  %s", strings.Join(missing, "\n  "))
}

// report says what was written, and what to do next.
func (i *setup) report(c *starter.Configuration) {
	out := i.term.Out
	if i.fails {
		fmt.Fprintf(out, "\n%s is written, but a run would fail as it is; see the warning. It is to check %s.\n", i.Output, strings.Join(c.Rules, ", "))
	} else {
		fmt.Fprintf(out, "\n%s is written and valid: it checks %s.\n", i.Output, strings.Join(c.Rules, ", "))
	}
	for _, l := range c.LeftOut {
		fmt.Fprintf(out, "  %s; then remove the line above the rule, which begins with \"/* %s\".\n", l.Why, l.Code)
	}
	if i.tests != "" {
		fmt.Fprintf(out, "%s has tests of these rules: %s runs them.\n", i.tests, i.command("test"))
	}
	switch {
	case i.shop.Store != nil:
		i.typed()
	case i.shop.Sandbox:
		fmt.Fprintf(out, "\nIt reads a sample store. For your own, see the lines marked with \"<--\".\n")
	default:
		i.environment()
	}
	next := "Next: "
	if i.fails {
		next = "Next: do what the warning says, then: "
	}
	fmt.Fprintf(out, "\n%s%s\n", next, i.command("run"))
}

// command returns a command to be typed next, for the configuration that was written.
func (i *setup) command(typed ...string) string {
	return words.About{Config: i.Output, Data: i.session.DataDir}.Command(typed...)
}

// environment says how the credentials get where the configuration looks for them, unless they are there.
func (i *setup) environment() {
	if i.hash != "" && os.Getenv(HashVariable) == i.hash && os.Getenv(TokenVariable) != "" && os.Getenv(TokenVariable) == i.token {
		return
	}
	hash := i.hash
	if hash == "" {
		hash = "abc123"
	}
	fmt.Fprintf(i.term.Out, `
The store's credentials stand in no file: put them into the environment, with your token for the dots.
  In sh, bash or zsh:
    export %[1]s=%[3]s
    export %[2]s=...
  In PowerShell:
    $env:%[1]s = "%[3]s"
    $env:%[2]s = "..."
`, HashVariable, TokenVariable, hash)
}

// typed says which variables have to be in the environment, where a person has typed their values.
func (i *setup) typed() {
	if len(i.secrets) > 0 {
		names := slices.Sorted(maps.Keys(i.secrets))
		fmt.Fprintf(i.term.Out, "\nWhat opens the store stands in no file: put it into the environment, as %s.\n", strings.Join(names, " and "))
	}
}
