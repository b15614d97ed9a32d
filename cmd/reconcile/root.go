package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/reconcilehq/reconcile/plugins/host"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/backup"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/jobs"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/mend"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/orders"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/past"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/people"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/queue"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/session"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/store"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/terminal"
	"github.com/reconcilehq/reconcile/engine/replace"
	"github.com/reconcilehq/reconcile/rules"
)

// commands are all commands of the program. A new one is a file of its own and a line here.
var commands = []func(*commandLine) *cobra.Command{
	runCommand, planCommand, applyCommand, journalCommand, revertCommand, ordersCommand, pullCommand, validateCommand, sourcesCommand, rulesCommand, acceptCommand, explainCommand, testCommand,
	initCommand, fmtCommand, consoleCommand, pluginCommand, sandboxCommand, doctorCommand,
	runsCommand, diffCommand, serveCommand, importCommand, userCommand, tokenCommand, auditCommand, backupCommand, restoreCommand, workerCommand, fleetCommand, mendWorkerCommand,
}

// commandLine is what all commands have: the terminal, and the flags of the root.
type commandLine struct {
	term    *terminal.Terminal
	args    []string      // all that was typed behind the program's name
	secrets *host.Secrets // of all sources, which the terminal shows to nobody

	configPath, dataDir, color string
	database                   string // the address of PostgreSQL; "" for what databaseEnv says, or else SQLite
	shop                       string // of the configuration's list; "" for none
	reconciliation             string // of the command, which may take it as a word instead
	verbose                    bool
	output                     string // the file that the command writes; "" if it writes none
	stop                       <-chan struct{}
	listener                   session.Listener // of sessions; nil: the terminal
	copies                     struct {         // the flags of commands that read sources
		offline bool
		maxAge  time.Duration
	}
}

func newCommandLine() *commandLine {
	secrets := &host.Secrets{}
	return &commandLine{term: terminal.New(secrets.Hide), secrets: secrets}
}

func rootCommand(c *commandLine) *cobra.Command {
	root := &cobra.Command{
		Use:   "reconcile",
		Short: "Compare a point of sale's catalogue with an online store's, item by item",
		Long: `Reconcile compares a point of sale's catalogue with an online store's, item by item, and says what is
out of sync, why, and what to do. Sources, rules and notes stand in reconcile.hcl.`,
		Version:       version,
		SilenceUsage:  true,
		SilenceErrors: true,
		Args:          cobra.NoArgs,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetOut(c.term.Out)
	root.SetErr(c.term.Err)
	flags := root.PersistentFlags()
	flags.StringVar(&c.configPath, "config", "reconcile.hcl", "the configuration: a file, or a folder of .hcl files")
	flags.StringVar(&c.dataDir, "data", "", "the folder for what is kept (users, runs, Local Copies), if not the usual one or $"+session.DataEnv)
	flags.StringVar(&c.database, "database", "", "keep users and runs in this PostgreSQL database, for several machines: postgres://USER@HOST/DATABASE, if not $"+databaseEnv)
	flags.StringVar(&c.shop, "shop", "", "the shop of the configuration's list that this is about; reconcile run and reconcile validate know all")
	flags.BoolVar(&c.verbose, "verbose", false, "show the connectors' own log on stderr")
	flags.StringVar(&c.color, "color", "auto", "colours: auto, always or never; auto respects NO_COLOR")
	root.PersistentPreRunE = func(*cobra.Command, []string) error { return c.term.SetUp(c.color, c.verbose) }
	for _, command := range commands {
		root.AddCommand(command(c))
	}
	c.addCompletions(root)
	return root
}

// session returns the application as the flags want it.
func (c *commandLine) session() *session.Session { return session.New(c.options()) }

func (c *commandLine) options() session.Options {
	hears := c.listener
	if hears == nil {
		hears = listener{c.term}
	}
	return session.Options{Self: self(c.dataDir), ConfigPath: c.configPath, Shop: c.shop, DataDir: c.dataDir, Output: c.output, Stop: c.stop, Offline: c.copies.offline, MaxAge: c.copies.maxAge,
		Log: c.term.Log, Secrets: c.secrets, Listener: hears, TellAfter: tellAfter, CommandFor: c.commandFor}
}

// databaseEnv is the address of the database, where it has a password that nobody is to see in a list of processes.
const databaseEnv = "RECONCILE_DATABASE_URL"

// databaseURL returns the address of the database; "" if it is SQLite in the data folder.
func (c *commandLine) databaseURL() string { return cmp.Or(c.database, os.Getenv(databaseEnv)) }

// openStore opens the database of the data folder that the flags name.
func (c *commandLine) openStore(ctx context.Context) (*store.Store, error) {
	dir, err := c.session().DataFolder()
	if err != nil {
		return nil, err
	}
	if url := c.databaseURL(); url != "" {
		return store.OpenShared(ctx, dir, url)
	}
	return store.Open(ctx, dir)
}

func planCommand(c *commandLine) *cobra.Command    { return mend.PlanCommand(c.mending()) }
func applyCommand(c *commandLine) *cobra.Command   { return mend.ApplyCommand(c.mending()) }
func journalCommand(c *commandLine) *cobra.Command { return mend.JournalCommand(c.mending()) }
func revertCommand(c *commandLine) *cobra.Command  { return mend.RevertCommand(c.mending()) }

// mendWorkerCommand is what a server starts to make a plan, and to carry one out.
func mendWorkerCommand(c *commandLine) *cobra.Command {
	return mend.WorkerCommand(func(t *jobs.Teller) mend.Desk {
		c.listener = t
		return c.mending()
	}, c.secrets.Hide)
}

func (c *commandLine) mending() mend.Desk {
	return mend.Desk{Term: c.term, Named: c.named, Prepare: c.prepare, ToApply: c.prepareToApply, Writes: c.writes, Note: c.note, Command: c.command,
		Data: func() (string, error) { return c.session().DataFolder() }, Flags: func(cmd *cobra.Command) {
			c.addReconciliationFlag(cmd)
			c.addCopyFlags(cmd)
		}}
}

// note adds to the audit trail what somebody does at the terminal, where the data folder has a database.
func (c *commandLine) note(ctx context.Context, e store.Entry) error {
	dir, err := c.session().DataFolder()
	if err != nil || c.databaseURL() == "" && !store.Exists(dir) {
		return err
	}
	s, err := c.openStore(ctx)
	if err != nil {
		return err
	}
	e.After = c.secrets.Hide(e.After)
	return errors.Join(s.Note(ctx, people.Typist(), e), s.Close())
}

func ordersCommand(c *commandLine) *cobra.Command {
	return orders.Command(orders.Desk{Term: c.term, Named: c.named, Writes: c.writes, Flags: c.addReconciliationFlag, Version: version, Command: c.command,
		Open: func(ctx context.Context, name string) (*session.Store, error) {
			opened, err := c.session().OpenStore(ctx, name)
			if err != nil {
				return nil, err
			}
			if err := c.term.Show(opened.Files, opened.Diags); err != nil {
				opened.Close()
				return nil, err
			}
			return opened, nil
		}})
}

func workerCommand(c *commandLine) *cobra.Command { return queue.WorkerCommand(c.fleetDesk()) }
func fleetCommand(c *commandLine) *cobra.Command  { return queue.FleetCommand(c.fleetDesk()) }

func (c *commandLine) fleetDesk() queue.Desk {
	return queue.Desk{Term: c.term, Open: c.openStore, Load: c.loadFleet, Session: c.sessionOf, Hide: c.secrets.Hide, Log: c.serverLog, Version: version, Command: c.command,
		ConfigPath: func() string { return c.configPath }, Shop: func() string { return c.shop }}
}

// loadFleet reads the configuration for no shop. What is wrong with what a shop has, that shop's job says.
func (c *commandLine) loadFleet() (*rules.Config, error) {
	s := c.sessionOf("", listener{c.term})
	config, diags := s.Load()
	switch {
	case config.ScheduleMistakes.HasErrors():
		return nil, s.Refuse(config, config.ScheduleMistakes)
	case diags.HasErrors() && (config.Shops == nil || config.Shops.Broken):
		return nil, s.Refuse(config, diags)
	}
	return config, nil
}

func backupCommand(c *commandLine) *cobra.Command  { return backup.BackupCommand(c.vault()) }
func restoreCommand(c *commandLine) *cobra.Command { return backup.RestoreCommand(c.vault()) }

func (c *commandLine) vault() backup.Desk {
	return backup.Desk{Term: c.term, Open: c.openStore, Folder: func() (string, error) { return c.session().DataFolder() }, Version: version, Shared: func() bool { return c.databaseURL() != "" }}
}

func (c *commandLine) desk() people.Desk {
	return people.Desk{Term: c.term, Open: c.openStore, Command: c.command}
}

func (c *commandLine) records() past.Desk {
	return past.Desk{Term: c.term, Open: c.openArchive, Command: c.command, Shops: c.shopsToName}
}

func runsCommand(c *commandLine) *cobra.Command { return past.RunsCommand(c.records()) }
func diffCommand(c *commandLine) *cobra.Command { return past.DiffCommand(c.records()) }

func userCommand(c *commandLine) *cobra.Command  { return people.UserCommand(c.desk()) }
func tokenCommand(c *commandLine) *cobra.Command { return people.TokenCommand(c.desk()) }
func auditCommand(c *commandLine) *cobra.Command { return people.AuditCommand(c.desk()) }

// tellAfter is the longest silence of a source before its fields are known. Tests make it longer: their machine may be slow.
var tellAfter = 2 * time.Second

// writes says which file the command will write, before it opens anything: one that is read, or kept, is refused.
func (c *commandLine) writes(path string) error {
	c.output = path                                                     // which the session compares with what the configuration reads
	if dir, err := c.session().DataFolder(); err == nil && path != "" { // else who needs the folder says what is wrong with it
		return replace.Spare(path, store.Kept(dir))
	}
	return nil
}

// prepare opens a reconciliation and shows what there is to warn of. The result is to be closed.
func (c *commandLine) prepare(ctx context.Context, name string) (*session.Prepared, error) {
	if err := c.checkCopyFlags(); err != nil {
		return nil, err
	}
	return c.opened(c.session().Prepare(ctx, name))
}

// prepareToApply is prepare for what changes the store.
func (c *commandLine) prepareToApply(ctx context.Context, name string) (*session.Prepared, error) {
	return c.opened(c.session().PrepareToApply(ctx, name))
}

func (c *commandLine) opened(p *session.Prepared, err error) (*session.Prepared, error) {
	if err != nil {
		return nil, err
	}
	if err := c.term.Show(p.Files, p.Diags); err != nil {
		p.Close()
		return nil, err
	}
	return p, nil
}

// addCopyFlags gives a command the flags that say how Local Copies are used.
func (c *commandLine) addCopyFlags(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.BoolVar(&c.copies.offline, "offline", false, "take Local Copies as they are, and ask no platform that has one")
	flags.DurationVar(&c.copies.maxAge, "max-age", 0, `refresh a Local Copy only if it is older than this, such as "30m"`)
	cmd.MarkFlagsMutuallyExclusive("offline", "max-age")
}

func (c *commandLine) checkCopyFlags() error {
	if c.copies.maxAge < 0 {
		return fmt.Errorf("--max-age %s: an age is not negative", c.copies.maxAge)
	}
	return nil
}
