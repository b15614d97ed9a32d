package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/reconcilehq/reconcile/plugins/connectors/bigcommerce/emulator"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/session"
)

func sandboxCommand(c *commandLine) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "sandbox",
		Short: "Serve a make-believe store to try things out with",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(sandboxBigCommerceCommand(c), sandboxResetCommand(c))
	return cmd
}

func sandboxResetCommand(c *commandLine) *cobra.Command {
	return &cobra.Command{
		Use:   "reset",
		Short: "Take back what was written to sandboxes",
		Long: `Reset takes back what was written to the stores of sources with sandbox = true: from then on they are again as their sample, or the
file of sandbox_catalog, says. It is about the sandboxes of all configurations whose data folder is the same.`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return c.resetSandboxes() },
	}
}

func (c *commandLine) resetSandboxes() error {
	data, err := session.DataFolder(c.dataDir)
	if err != nil {
		return err
	}
	kept, err := filepath.Glob(filepath.Join(data, sandboxes, "*.json"))
	if err != nil {
		return err
	}
	for _, file := range kept {
		if err := os.Remove(file); err != nil {
			return fmt.Errorf("take back what was written to a sandbox: %w", err)
		}
	}
	switch len(kept) {
	case 0:
		fmt.Fprintln(c.term.Out, "Nothing was written to a sandbox.")
	case 1:
		fmt.Fprintln(c.term.Out, "What was written to a sandbox is taken back.")
	default:
		fmt.Fprintf(c.term.Out, "What was written to %d sandboxes is taken back.\n", len(kept))
	}
	return nil
}

// sandboxFlags say what store is served, and how well.
type sandboxFlags struct {
	catalog, listen  string
	stores           string // a list of many
	expose           bool
	hash, token      string
	write            string
	quota, others    int
	window, latency  time.Duration
	faults, scopeOff []string
	down             bool
}

func sandboxBigCommerceCommand(c *commandLine) *cobra.Command {
	f := &sandboxFlags{}
	cmd := &cobra.Command{
		Use:   "bigcommerce",
		Short: "Serve the part of BigCommerce's API that is used, from a file",
		Long: `Bigcommerce serves the part of BigCommerce's API that is used to read a store and to change it, from a catalogue in a JSON file or from a
sample, until it is interrupted. It prints its address and a source block to read it with. A catalogue that is edited
meanwhile is served as it is then: products that changed are dated, those that are gone are deleted.

What goes wrong with requests is said with --fault, as [PATH@]WHICH=FAULT. WHICH counts requests (of those whose path
holds PATH): 3, 2-5, 4- for all from the fourth on, /10 for each tenth. FAULT is an HTTP status, 429 with or bare-429
without the headers that say how long to wait, html, reset, lost (what was asked for is done, and the connection breaks), truncated,
cut-short, or shift, which deletes a product and adds another, so that what is paged moves.

With --stores it serves many stores at one address: those of a CSV file with the columns store_hash and catalog, such as the list of shops of
a configuration. Each has a quota and faults of its own; they cannot be changed.

The catalogue's file is JSON. These are its fields; docs/bigcommerce.md shows a file and says what they mean:

` + emulator.CatalogFields(),
		Example: `  reconcile sandbox bigcommerce
  reconcile sandbox bigcommerce --catalog store.json --listen 127.0.0.1:8080
  reconcile sandbox bigcommerce --stores shops.csv
  reconcile sandbox bigcommerce --quota 20 --window 5s --latency 300ms --fault orders@1=500 --fault products@2=shift`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return c.sandbox(cmd.Context(), f) },
	}
	flags := cmd.Flags()
	flags.StringVar(&f.catalog, "catalog", "", "the store, as a JSON file (default: a sample)")
	flags.StringVar(&f.stores, "stores", "", "many stores: a CSV file with the columns store_hash and catalog (a JSON file; empty for the sample)")
	flags.StringVar(&f.listen, "listen", "127.0.0.1:0", "the address and port; port 0 is one that is free")
	flags.BoolVar(&f.expose, "expose", false, "listen on an address that other machines can reach, too")
	flags.StringVar(&f.hash, "store-hash", emulator.DefaultStoreHash, "the store's hash")
	flags.StringVar(&f.token, "access-token", emulator.DefaultAccessToken, "the access token that it asks for")
	flags.StringVar(&f.write, "write-token", emulator.DefaultWriteToken, "the access token that it asks for before it is changed")
	flags.IntVar(&f.quota, "quota", 150, "how many requests a window allows; 0 for any number")
	flags.DurationVar(&f.window, "window", 30*time.Second, "how long a window of the quota is")
	flags.IntVar(&f.others, "other-app", 0, "how many requests of each window another app makes")
	flags.DurationVar(&f.latency, "latency", 0, "how long each request takes at least")
	flags.StringArrayVar(&f.faults, "fault", nil, "what goes wrong with which request (repeatable)")
	flags.StringArrayVar(&f.scopeOff, "without-scope", nil, "a scope that the token lacks, such as store_v2_orders_read_only (repeatable)")
	flags.BoolVar(&f.down, "down", false, "be down, as for maintenance: answer 503")
	for _, one := range []string{"catalog", "store-hash", "write-token"} {
		cmd.MarkFlagsMutuallyExclusive("stores", one)
	}
	return cmd
}

// sandbox serves the store until ctx is done.
func (c *commandLine) sandbox(ctx context.Context, f *sandboxFlags) error {
	options, err := f.options(c)
	if err != nil {
		return err
	}
	if f.stores != "" {
		return c.sandboxes(ctx, f)
	}
	server, err := f.open(c, options)
	if err != nil {
		return err
	}
	running, err := server.Listen(ctx, f.listen)
	if err != nil {
		return err
	}
	fmt.Fprintf(c.term.Out, `A store with %d SKUs answers at %s (%s). To read it:

source "bigcommerce" "web" {
  api_url      = %q
  store_hash   = %q
  access_token = %q
}

`, server.SKUs(), running.URL, f.limits(), running.URL, f.hash, f.token)
	if f.catalog != "" {
		fmt.Fprintf(c.term.Out, "Edit %s, and the store changes. ", f.catalog)
	}
	fmt.Fprintln(c.term.Out, "Ctrl+C stops it.")
	<-ctx.Done()
	err = running.Close()
	fmt.Fprintf(c.term.Out, "%d requests were answered, %d of them 429 as the quota was used up.\n", server.Requests(), server.Traffic().Refused)
	return err
}

// sandboxes serves many stores until ctx is done.
func (c *commandLine) sandboxes(ctx context.Context, f *sandboxFlags) error {
	stores, err := emulator.OpenStores(f.stores, func(hash string) []emulator.Option {
		of := *f
		of.hash = hash
		options, _ := of.options(c) // they were checked
		return options
	})
	if err != nil {
		return err
	}
	running, err := stores.Listen(ctx, f.listen)
	if err != nil {
		return err
	}
	fmt.Fprintf(c.term.Out, `%d stores answer at %s (each %s). To read them:

source "bigcommerce" "web" {
  api_url      = %q
  store_hash   = each.store_hash
  access_token = %q
}

Ctrl+C stops it.
`, stores.Len(), running.URL, f.limits(), running.URL, f.token)
	<-ctx.Done()
	err = running.Close()
	requests, traffic := stores.Traffic()
	fmt.Fprintf(c.term.Out, "%d requests were answered, %d of them 429 as the quota was used up.\n", requests, traffic.Refused)
	return err
}

// limits says what the quota is.
func (f *sandboxFlags) limits() string {
	if f.quota == 0 {
		return "no quota"
	}
	return fmt.Sprintf("%d requests in %s", f.quota, f.window)
}

func (f *sandboxFlags) open(c *commandLine, options []emulator.Option) (*emulator.Server, error) {
	if f.catalog == "" {
		catalog, err := emulator.Sample()
		if err != nil {
			return nil, err
		}
		return emulator.New(catalog, options...)
	}
	return emulator.Open(f.catalog, func(skus int, err error) {
		if err != nil {
			c.term.Warn("%v; the store stays as it was", err)
			return
		}
		fmt.Fprintf(c.term.Out, "%s has changed: %d SKUs.\n", f.catalog, skus)
	}, options...)
}

func (f *sandboxFlags) options(c *commandLine) ([]emulator.Option, error) {
	if err := f.reachable(); err != nil {
		return nil, err
	}
	switch {
	case f.quota < 0 || f.others < 0 || f.latency < 0:
		return nil, fmt.Errorf("--quota, --other-app and --latency are not negative")
	case f.window <= 0:
		return nil, fmt.Errorf("--window is longer than nothing")
	case f.others > 0 && f.quota == 0:
		return nil, fmt.Errorf("--other-app draws on a quota: set --quota, too")
	case f.hash == "" || f.token == "":
		return nil, fmt.Errorf("--store-hash and --access-token are not empty")
	}
	script, err := emulator.ParseScript(f.faults...)
	if err != nil {
		return nil, fmt.Errorf("--fault: %w", err)
	}
	if f.stores != "" && script.Changes() {
		return nil, errors.New("--fault shift changes the store, and those of --stores cannot be changed: take one of the two out")
	}
	options := []emulator.Option{emulator.WithCredentials(f.hash, f.token), emulator.WithWriteToken(f.write), emulator.WithQuota(f.quota, f.window),
		emulator.WithOtherApp(f.others), emulator.WithLatency(f.latency), emulator.WithScript(script),
		emulator.WithObserver(func(r *http.Request) { c.term.Log.Info("request", "method", r.Method, "address", r.URL.String()) })}
	for _, scope := range f.scopeOff {
		options = append(options, emulator.WithoutScope(scope))
	}
	if f.down {
		options = append(options, emulator.WithStoreDown())
	}
	return options, nil
}

// reachable refuses addresses at which other machines could reach the store: its token is known to everybody.
func (f *sandboxFlags) reachable() error {
	host, _, err := net.SplitHostPort(f.listen)
	if err != nil {
		return fmt.Errorf("--listen is an address and a port, such as 127.0.0.1:8080: %w", err)
	}
	ip := net.ParseIP(host)
	if f.expose || host == "localhost" || ip != nil && ip.IsLoopback() {
		return nil
	}
	return fmt.Errorf("--listen %s: other machines could reach the store there; use a loopback address such as 127.0.0.1:8080, or add --expose", f.listen)
}
