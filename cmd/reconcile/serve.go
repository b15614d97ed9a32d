package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/reconcilehq/reconcile/engine/fault"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/archive"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/inventory"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/jobs"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/mend"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/mend/ledger"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/overview"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/people"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/queue"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/session"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/store"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/web"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/web/rest"
)

// serveFlags are the flags of reconcile serve.
type serveFlags struct {
	listen, cert, key string
	proxies, hosts    []string

	auditDays, addressDays int

	jobs int // of the worker beside it; -1: as the database says
}

func serveCommand(c *commandLine) *cobra.Command {
	var f serveFlags
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Serve the Inventory Screen, for a browser",
		Long: `Serve answers browsers and programs until it is stopped. When it is ready it prints its address. As long as nobody can log in it
also prints a link by which the first administrator is made; reconcile user looks after all others.

What is kept lies in the data folder. Without TLS it is meant for this machine alone: for others give it a certificate, or put a
proxy before it that has one.`,
		Example: `  reconcile serve
  reconcile serve --listen :8443 --tls-cert cert.pem --tls-key key.pem
  reconcile serve --trusted-proxy 127.0.0.1`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return c.serve(cmd.Context(), f) },
	}
	flags := cmd.Flags()
	flags.StringVar(&f.listen, "listen", "127.0.0.1:8484", "the address to listen at; port 0 takes a free one")
	flags.StringVar(&f.cert, "tls-cert", "", "a certificate in PEM, with which the server speaks TLS")
	flags.StringVar(&f.key, "tls-key", "", "the certificate's key")
	flags.StringSliceVar(&f.proxies, "trusted-proxy", nil, "an address or network of proxies that say where requests come from (repeatable)")
	flags.StringSliceVar(&f.hosts, "host", nil, "a name by which the server may be asked for, beside its addresses, this machine's name and the certificate's (repeatable)")
	flags.IntVar(&f.auditDays, "audit-days", 0, "remove entries of the audit trail that are older than so many days; 0: none")
	flags.IntVar(&f.addressDays, "address-days", 0, "forget addresses in the audit trail that are older than so many days; 0: none")
	flags.IntVar(&f.jobs, "jobs", -1, "how many shops are compared at a time as schedule blocks want it; 0: none, which workers do (default 1, with --database 0)")
	cmd.MarkFlagsRequiredTogether("tls-cert", "tls-key")
	return cmd
}

func (c *commandLine) serve(ctx context.Context, f serveFlags) (err error) {
	proxies, err := f.networks()
	if err != nil {
		return err
	}
	if f.auditDays < 0 || f.addressDays < 0 {
		return errors.New("--audit-days and --address-days are numbers of days, not below 0")
	}
	log := c.serverLog()
	var cert *web.Certificate
	if f.cert != "" {
		if cert, err = web.LoadCertificate(f.cert, f.key, log); err != nil {
			return err
		}
	}
	s, err := c.openStore(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	if f.auditDays+f.addressDays > 0 {
		pruning, stop := context.WithCancel(ctx)
		var pruned sync.WaitGroup
		pruned.Go(fault.Caught(func() { f.prune(pruning, s, log) }))
		defer pruned.Wait()
		defer stop()
	}
	users, err := s.HasUsers(ctx)
	if err != nil {
		return err
	}
	setup := ""
	if !users {
		setup = rand.Text()
	}
	l, err := net.Listen("tcp", f.listen)
	if err != nil {
		return fmt.Errorf("--listen %s: %w", f.listen, err)
	}
	runs, err := archive.New(s, c.configPath, c.shop)
	if err != nil {
		return errors.Join(err, l.Close())
	}
	imports := c.imports(s, runs, log)
	if f.jobs < 0 && !s.Shared() {
		f.jobs = 1
	}
	if f.jobs > 0 {
		scheduling, stop := context.WithCancel(ctx)
		beside := c.beside(f.jobs, s.Dir(), log)
		beside.Start(scheduling)
		defer beside.Wait()
		defer stop()
	}
	goods := &inventory.Shop{Session: c.session, Runs: runs, Store: s, Imports: imports}
	mending := c.mends(s, imports, log)
	collectSooner(2)
	server := web.New(web.Options{Store: s, Log: log, Version: version, Setup: setup, TLS: cert != nil, Proxies: proxies, Hosts: f.names(cert), Shop: goods, Records: goods, Mending: mending, Fleet: c.shopsOf(s)})
	at := url.URL{Scheme: "http", Host: f.host(l.Addr())}
	if cert != nil {
		at.Scheme = "https"
	}
	if cert == nil && len(proxies) == 0 && !loopback(l.Addr()) {
		c.term.Warn("others can reach %s, and what they send and see can be read on the way, passwords too: add --tls-cert and --tls-key, or put a proxy with TLS before it and name it with --trusted-proxy", at.Host)
	}
	said := fmt.Sprintf("Listening on %s\n", &at)
	if setup != "" {
		at.Path, at.RawQuery = "/setup", url.Values{"token": {setup}}.Encode()
		said += fmt.Sprintf("Set up the first administrator: %s\n", &at)
	}
	if _, err := fmt.Fprint(c.term.Out, said); err != nil {
		return errors.Join(err, l.Close())
	}
	stop := func() { imports.Stop(); mending.Workers.Stop() }
	defer context.AfterFunc(ctx, fault.Caught(stop))()
	err = server.Serve(ctx, l, cert)
	stop()
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), giveUp)
	defer cancel()
	return errors.Join(err, imports.Wait(end), mending.Workers.Wait(end))
}

// shopsOf returns what tells what became of the shops of the configuration's list.
func (c *commandLine) shopsOf(s *store.Store) rest.Fleet {
	return func(ctx context.Context, shops []string) (*overview.Status, error) {
		path, err := archive.Config(c.configPath)
		if err != nil {
			return nil, err
		}
		if config, err := c.loadFleet(); shops == nil && err == nil && config.Shops != nil {
			shops = config.Shops.Names // one that is not in the list any more needs nobody
		}
		return overview.Of(ctx, s, path, shops)
	}
}

// serverGrowth is by how many percent a server's memory may grow before garbage is collected: it keeps runs open for days.
const serverGrowth = 50

// collectSooner sets that pace, unless the user has set one, and sets it again after the next collections: the first one has a pace of its
// own, in all processes, which ends with it.
func collectSooner(again int) {
	if os.Getenv("GOGC") != "" {
		return
	}
	debug.SetGCPercent(serverGrowth)
	if again > 0 {
		unused := new([]string) // unreachable at once: it goes with the next collection
		runtime.AddCleanup(unused, func(int) { collectSooner(again - 1) }, 0)
	}
}

// pruneEvery is how often the audit trail is pruned.
const pruneEvery = 24 * time.Hour

// prune prunes the audit trail now and each day, until ctx is done.
func (f *serveFlags) prune(ctx context.Context, s *store.Store, log *slog.Logger) {
	for {
		removed, forgotten, err := s.Prune(ctx, store.Actor{Name: "reconcile serve"}, people.DaysAgo(f.auditDays), people.DaysAgo(f.addressDays), false)
		if err != nil && ctx.Err() == nil {
			log.Error("prune the audit trail", "error", err)
		} else if removed+forgotten > 0 {
			log.Info("pruned the audit trail", "entries", removed, "addresses", forgotten)
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(pruneEvery):
		}
	}
}

// giveUp is how long a server that is being stopped waits for imports, after it has answered what was under way.
const giveUp = time.Second

// imports returns what starts this program as workers.
func (c *commandLine) imports(s *store.Store, runs *archive.Archive, log *slog.Logger) *jobs.Imports {
	return &jobs.Imports{Log: log,
		Command: func(reconciliation string) (*exec.Cmd, error) {
			return c.self(s, importArg, "--", reconciliation)
		},
		Failed: func(reconciliation string, began time.Time, why string) {
			if err := runs.Fail(context.Background(), reconciliation, began, why); err != nil {
				log.Error("note that an import failed", "error", err)
			}
		}}
}

// mends returns what starts this program to make plans, and to carry them out.
func (c *commandLine) mends(s *store.Store, imports *jobs.Imports, log *slog.Logger) *inventory.Mending {
	return &inventory.Mending{Ledger: ledger.In(s.Dir()), Store: s, Imports: imports, Workers: &jobs.Workers{}, Log: log,
		Command: func() (*exec.Cmd, error) { return c.self(s, mend.WorkerArg) }}
}

// self returns the command that starts this program as a worker of a server, with a command's name and the words behind the flags.
func (c *commandLine) self(s *store.Store, name string, words ...string) (*exec.Cmd, error) {
	path, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find this program's own file: %w", err)
	}
	args := append([]string{os.Args[0], name, "--config", c.configPath, "--shop", c.shop, "--data", s.Dir()}, words...)
	return &exec.Cmd{Path: path, Args: args, Env: append(os.Environ(), databaseEnv+"="+c.databaseURL())}, nil
}

// beside returns what starts this program as the worker that does what schedules want.
func (c *commandLine) beside(jobs int, data string, log *slog.Logger) *queue.Beside {
	return &queue.Beside{Log: log, Err: c.term.Err,
		Command: func() (*exec.Cmd, error) {
			path, err := os.Executable()
			if err != nil {
				return nil, fmt.Errorf("find this program's own file: %w", err)
			}
			args := []string{os.Args[0], "worker", "--" + queue.WithParent, "--jobs", strconv.Itoa(jobs), "--config", c.configPath, "--data", data}
			if c.verbose {
				args = append(args, "--verbose")
			}
			return &exec.Cmd{Path: path, Args: args, Env: append(os.Environ(), databaseEnv+"="+c.databaseURL())}, nil
		},
		Schedules: func() (int, error) {
			config, err := c.loadFleet()
			if err != nil {
				return 0, err
			}
			return len(config.Schedules), nil
		}}
}

// importArg is the command by which a server starts this program to import: see package jobs.
const importArg = "__import"

func importCommand(c *commandLine) *cobra.Command {
	return &cobra.Command{Use: importArg + " NAME", Short: "Import for a server", Hidden: true, Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			jobs.LowerPriority()
			teller := jobs.NewTeller(os.Stdout)
			run, err := c.importRun(jobs.UntilEnd(cmd.Context(), os.Stdin), teller, args[0])
			if err != nil {
				teller.Say(jobs.Event{Failure: c.secrets.Hide(session.InWords(err))})
				return err
			}
			teller.Say(jobs.Event{Run: run})
			return nil
		}}
}

// importRun compares both sides of a reconciliation, and keeps the run.
func (c *commandLine) importRun(ctx context.Context, teller *jobs.Teller, name string) (string, error) {
	s, runs, err := c.openArchive(ctx)
	if err != nil {
		return "", err
	}
	defer s.Close()
	began := time.Now()
	options := c.options()
	options.Listener, options.CommandFor = teller, nil
	p, err := session.New(options).Prepare(ctx, name)
	if err != nil {
		return "", err
	}
	defer p.Close()
	result, err := p.Run(ctx, session.RunOptions{All: true, Brief: true})
	if err != nil {
		return "", err
	}
	defer p.CloseResult(result)
	draft, err := runs.Begin(result, began)
	if err != nil {
		return "", err
	}
	run, err := draft.Keep(ctx, p.Config.History)
	if err != nil && run.ID != "" {
		fmt.Fprintln(os.Stderr, err) // the run is kept; old ones could not be removed
		err = nil
	}
	return run.ID, err
}

// serverLog returns where a server writes what happens: stderr, a line each.
func (c *commandLine) serverLog() *slog.Logger {
	level := slog.LevelInfo
	if c.verbose {
		level = slog.LevelDebug
	}
	return slog.New(slog.NewTextHandler(c.term.Err, &slog.HandlerOptions{Level: level}))
}

// networks returns the networks of the proxies.
func (f *serveFlags) networks() ([]netip.Prefix, error) {
	var list []netip.Prefix
	for _, text := range f.proxies {
		if !strings.Contains(text, "/") {
			a, err := netip.ParseAddr(text)
			if err != nil {
				return nil, fmt.Errorf("--trusted-proxy: %w", err)
			}
			list = append(list, netip.PrefixFrom(a, a.BitLen()))
			continue
		}
		p, err := netip.ParsePrefix(text)
		if err != nil {
			return nil, fmt.Errorf("--trusted-proxy: %w", err)
		}
		list = append(list, p)
	}
	return list, nil
}

// names returns the names by which the server may be asked for. Behind a proxy these are only those that were given: the others are the
// proxy's business.
func (f *serveFlags) names(cert *web.Certificate) []string {
	names := slices.Clone(f.hosts)
	if len(f.proxies) > 0 {
		return names
	}
	if name, err := os.Hostname(); err == nil {
		names = append(names, name)
	}
	if host, _, err := net.SplitHostPort(f.listen); err == nil && host != "" {
		names = append(names, host)
	}
	return append(names, cert.Names()...)
}

// host returns what stands in an address of the server: a name of this machine where it listens at all of its addresses.
func (f *serveFlags) host(at net.Addr) string {
	tcp, ok := at.(*net.TCPAddr)
	if !ok || !tcp.IP.IsUnspecified() {
		return at.String()
	}
	return net.JoinHostPort("localhost", fmt.Sprint(tcp.Port))
}

func loopback(at net.Addr) bool {
	tcp, ok := at.(*net.TCPAddr)
	return ok && tcp.IP.IsLoopback()
}
