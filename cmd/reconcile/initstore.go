package main

import (
	"context"
	"errors"
	"os"
	"strconv"
	"strings"
)

// The environment variables that the configuration takes the store's credentials from.
const (
	hashVariable  = "BIGCOMMERCE_STORE_HASH"
	tokenVariable = "BIGCOMMERCE_ACCESS_TOKEN"
)

// sandboxImported is the last order that the sample shop has imported.
const sandboxImported = 1000

// chooseStore finds out which store it is, and what opens it.
func (i *initiation) chooseStore(ctx context.Context) error {
	for i.store == "" {
		answer, err := i.talk.ask(ctx, "\nWhich store is it to be compared with: bigcommerce, or sandbox for a sample? [bigcommerce] ")
		if err != nil {
			return err
		}
		switch strings.ToLower(answer) {
		case "", "bigcommerce":
			i.store = "bigcommerce"
		case "sandbox":
			i.store = "sandbox"
		}
	}
	i.shop.Sandbox = i.store == "sandbox"
	i.shop.APIURL = i.apiURL
	if i.shop.Sandbox && i.apiURL != "" {
		return errors.New("--api-url is the address of a real store: leave it out with --store sandbox")
	}
	if i.shop.Sandbox || i.noCheck {
		i.hash = i.storeHash
		return nil
	}
	return i.credentials(ctx)
}

// credentials takes the hash and the token from the flag and the environment, and asks for what is not there.
func (i *initiation) credentials(ctx context.Context) (err error) {
	i.hash, i.token = i.storeHash, os.Getenv(tokenVariable)
	if i.hash == "" {
		i.hash = os.Getenv(hashVariable)
	}
	if i.hash == "" || i.token == "" {
		i.talk.say("\nIn BigCommerce's control panel, under Settings > Store-level API accounts, create an account with\n" +
			"the read-only scopes Products, Store Inventory, Orders, and Information & Settings.")
	}
	for i.hash == "" {
		if i.hash, err = i.talk.ask(ctx, "Its API path reads https://api.bigcommerce.com/stores/HASH/v3/. The hash: "); err != nil {
			return err
		}
	}
	for i.token == "" {
		if i.token, err = i.talk.secret(ctx, "Its access token (not shown, and not written to any file): "); err != nil {
			return err
		}
	}
	return nil
}

// askImported asks which web orders are in the point of sale already.
func (i *initiation) askImported(ctx context.Context) error {
	if i.importedThrough < 0 && i.shop.Sandbox {
		i.importedThrough = sandboxImported
	}
	for i.importedThrough < 0 && i.talk.interactive {
		answer, err := i.talk.ask(ctx, "\nThe number of the last web order that AmberPOS has imported (Enter if you do not know): ")
		if err != nil {
			return err
		}
		if answer == "" {
			break
		}
		if i.importedThrough, err = strconv.ParseInt(answer, 10, 64); err != nil || i.importedThrough < 0 {
			i.importedThrough = -1
			i.talk.say("%q is not an order's number.", answer)
		}
	}
	if i.importedThrough >= 0 {
		i.shop.ImportedThrough = &i.importedThrough
	}
	return nil
}

// getenv is the environment with the credentials of this run.
func (i *initiation) getenv(name string) (string, bool) {
	switch {
	case name == hashVariable && i.hash != "":
		return i.hash, true
	case name == tokenVariable && i.token != "":
		return i.token, true
	case i.noCheck && (name == hashVariable || name == tokenVariable):
		return "none", true // what cannot be checked is not held against the file
	}
	return os.LookupEnv(name)
}
