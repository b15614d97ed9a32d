package setup

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/reconcilehq/reconcile/rules/starter"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/install"
)

// The environment variables that the configuration takes the store's credentials from.
const (
	HashVariable  = "BIGCOMMERCE_STORE_HASH"
	TokenVariable = "BIGCOMMERCE_ACCESS_TOKEN"
)

// sandboxImported is the last order that the sample shop has imported.
const sandboxImported = 1000

// kind says what kind of store --store names.
type kind uint8

const (
	noStore kind = iota // nothing is said, or nothing that there is
	bigCommerceStore
	sandboxStore
	fileStore
	webStore    // an address of its API
	pluginStore // one that is installed
)

func (i *setup) kind() kind {
	switch {
	case i.Store == "bigcommerce":
		return bigCommerceStore
	case i.Store == "sandbox":
		return sandboxStore
	case strings.HasPrefix(i.Store, "https://"), strings.HasPrefix(i.Store, "http://"):
		return webStore
	case i.storeIsFile():
		return fileStore
	case slices.Contains(install.Names(filepath.Dir(i.Output)), i.Store):
		return pluginStore
	}
	return noStore
}

// chooseStore finds out which store it is, and what opens it.
func (i *setup) chooseStore(ctx context.Context) error {
	for i.kind() == noStore {
		question := "\nWhich store is it to be compared with: bigcommerce, an address of its API (https://...), a file with its catalogue, sandbox for a sample"
		if installed := install.Names(filepath.Dir(i.Output)); len(installed) > 0 {
			question += ", or a plugin (" + strings.Join(installed, ", ") + ")"
		}
		answer, err := i.term.Ask(ctx, question+"? [bigcommerce] ")
		if err != nil {
			return err
		}
		if i.Store = strings.Trim(answer, `"'`); i.Store == "" {
			i.Store = "bigcommerce"
		}
		if err := i.checkStore(); err != nil {
			i.term.Say("%v", err)
			i.Store = ""
		}
	}
	if i.kind() != bigCommerceStore && i.kind() != sandboxStore {
		return nil
	}
	i.shop.Sandbox = i.Store == "sandbox"
	i.shop.APIURL = i.APIURL
	if i.shop.Sandbox && i.APIURL != "" {
		return errors.New("--api-url is the address of a real store: leave it out with --store sandbox")
	}
	if i.shop.Sandbox || i.NoCheck {
		i.hash = i.StoreHash
		return nil
	}
	return i.credentials(ctx)
}

// credentials takes the hash and the token from the flag and the environment, and asks for what is not there.
func (i *setup) credentials(ctx context.Context) (err error) {
	i.hash, i.token = i.StoreHash, os.Getenv(TokenVariable)
	if i.hash == "" {
		i.hash = os.Getenv(HashVariable)
	}
	if i.hash == "" || i.token == "" {
		i.term.Say("\nIn BigCommerce's control panel, under Settings > Store-level API accounts, create an account with\n" +
			"the read-only scopes Products, Store Inventory, Orders, and Information & Settings.")
	}
	for i.hash == "" {
		if i.hash, err = i.term.Ask(ctx, "Its API path reads https://api.bigcommerce.com/stores/HASH/v3/. The hash: "); err != nil {
			return err
		}
	}
	for i.token == "" {
		if i.token, err = i.term.Secret(ctx, "Its access token (not shown, and not written to any file): "); err != nil {
			return err
		}
	}
	return nil
}

// askImported asks which web orders are in the point of sale already.
func (i *setup) askImported(ctx context.Context) error {
	if i.ImportedThrough < 0 && i.shop.Sandbox {
		i.ImportedThrough = sandboxImported
	}
	for i.ImportedThrough < 0 && i.kind() == bigCommerceStore && i.term.CanAsk() {
		answer, err := i.term.Ask(ctx, "\nThe number of the last web order that AmberPOS has imported (Enter if you do not know): ")
		if err != nil {
			return err
		}
		if answer == "" {
			break
		}
		if i.ImportedThrough, err = strconv.ParseInt(answer, 10, 64); err != nil || i.ImportedThrough < 0 {
			i.ImportedThrough = -1
			i.term.Say("%q is not an order's number.", answer)
		}
	}
	if i.ImportedThrough >= 0 {
		i.shop.ImportedThrough = &i.ImportedThrough
	}
	return nil
}

// askQuantity asks what is compared where the store keeps safety stock. Nobody but the shop can know.
func (i *setup) askQuantity(ctx context.Context) error {
	for i.Quantity == "" && i.kind() == bigCommerceStore && i.term.CanAsk() {
		answer, err := i.term.Ask(ctx, "\nIf the store keeps safety stock: are AmberPOS's quantities to be compared with what is available\n"+
			"to sell (without it), or with what is on hand (with it)? available, on_hand, or Enter if it keeps none: ")
		if err != nil {
			return err
		}
		if answer == "" {
			break
		}
		if answer = strings.ToLower(answer); !slices.Contains(starter.Quantities, answer) {
			i.term.Say("%q is neither.", answer)
			continue
		}
		i.Quantity = answer
	}
	i.shop.Quantity = i.Quantity
	return nil
}

// getenv is the environment with the credentials of this run.
func (i *setup) getenv(name string) (string, bool) {
	switch {
	case name == HashVariable && i.hash != "":
		return i.hash, true
	case name == TokenVariable && i.token != "":
		return i.token, true
	case i.NoCheck && (name == HashVariable || name == TokenVariable):
		return "none", true // what cannot be checked is not held against the file
	}
	if value, ok := i.secrets[name]; ok {
		return value, true
	}
	return os.LookupEnv(name)
}
