package queue

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/rules"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/overview"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/store"
)

// FleetCommand returns the command that looks after jobs and workers.
func FleetCommand(d Desk) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "fleet",
		Short: "Look after the shops that workers compare",
		Long: `Fleet says what workers are to compare, and what became of it. --shop names one shop; without it the commands are about all shops of the
configuration. The workers are reconcile worker, on this machine and, with --database, on others.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(startCommand(d), statusCommand(d), retryCommand(d), cancelCommand(d), drainCommand(d))
	return cmd
}

func startCommand(d Desk) *cobra.Command {
	tries, retryAfter, deadline := rules.DefaultTries, rules.DefaultRetryAfter, rules.DefaultDeadline
	cmd := &cobra.Command{
		Use:   "start [NAME]",
		Short: "Have all shops be compared now",
		Long: `Start has workers compare all shops of the configuration, or the one that --shop names, beside what schedules want. A shop that waits already,
or is being compared, is left out. NAME may be left out when the configuration has one reconciliation.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if tries < 1 || retryAfter < 0 || deadline < time.Second {
				return errors.New("--tries is 1 at least, --retry-after is not negative, and --deadline is a second at least")
			}
			config, err := d.Load()
			if err != nil {
				return err
			}
			name, err := reconciliationOf(config, strings.Join(args, ""))
			if err != nil {
				return err
			}
			shop, err := d.knownShop(config)
			if err != nil {
				return err
			}
			return d.with(cmd.Context(), func(s *store.Store, path string) error {
				jobs := Jobs(config, path, name, time.Now().UTC().Format("2006-01-02T15:04:05.000")+" by hand", shop)
				for i := range jobs {
					jobs[i].MostTries, jobs[i].RetryAfter, jobs[i].Deadline = tries, retryAfter, deadline
				}
				last, err := s.LastJobs(cmd.Context(), path)
				if err != nil {
					return err
				}
				all := len(jobs)
				jobs = slices.DeleteFunc(jobs, func(j store.Job) bool {
					return slices.ContainsFunc(last, func(l store.Job) bool {
						return l.Shop == j.Shop && l.Reconciliation == name && (l.State == store.Waiting || l.State == store.Running)
					})
				})
				added, err := s.Plan(cmd.Context(), jobs)
				if err != nil {
					return err
				}
				if all > added {
					d.Term.Say("%d of %d shops wait already, or are being compared.", all-added, all)
				}
				workers, err := s.Workers(cmd.Context(), path)
				if err != nil {
					return err
				}
				if len(workers) == 0 {
					d.Term.Warn("no worker is there: start %s", d.Command("worker"))
				}
				_, err = fmt.Fprintf(d.Term.Out, "Started %d jobs for %d workers.\n", added, len(workers))
				return err
			})
		},
	}
	cmd.Flags().IntVar(&tries, "tries", tries, "how often a shop is tried until it has failed")
	cmd.Flags().DurationVar(&retryAfter, "retry-after", retryAfter, "how long a shop waits after the first try that failed; after each further one twice as long")
	cmd.Flags().DurationVar(&deadline, "deadline", deadline, "how long one try may take")
	return cmd
}

// reconciliationOf returns the name of the reconciliation that is meant.
func reconciliationOf(config *rules.Config, name string) (string, error) {
	var names []string
	for _, r := range config.Reconciliations {
		names = append(names, r.Name)
	}
	switch {
	case name == "" && len(names) == 1:
		return names[0], nil
	case name == "":
		return "", fmt.Errorf("there are %d reconciliations: name one, of %s", len(names), strings.Join(names, ", "))
	case !slices.Contains(names, name):
		return "", fmt.Errorf("there is no reconciliation %q.%s", name, catalog.DidYouMean(name, names))
	}
	return name, nil
}

// knownShop returns the shop that the flags name; "" for all.
func (d *Desk) knownShop(config *rules.Config) (string, error) {
	shop := d.Shop()
	switch {
	case shop == "" || shop == "all":
		return "", nil
	case config.Shops == nil:
		return "", errors.New("--shop: the configuration has no list of shops")
	case !slices.Contains(config.Shops.Names, shop):
		return "", fmt.Errorf("--shop: there is no shop %q.%s", shop, catalog.DidYouMean(shop, config.Shops.Names))
	}
	return shop, nil
}

// changing returns a command that changes jobs or workers, and says how many.
func changing(d Desk, use, short, long, said string, args cobra.PositionalArgs, change func(cmd *cobra.Command, s *store.Store, config string, args []string) (int, error)) *cobra.Command {
	return &cobra.Command{Use: use, Short: short, Long: long, Args: args,
		RunE: func(cmd *cobra.Command, args []string) error {
			return d.with(cmd.Context(), func(s *store.Store, config string) error {
				n, err := change(cmd, s, config, args)
				if err != nil {
					return err
				}
				_, err = fmt.Fprintf(d.Term.Out, said+"\n", n)
				return err
			})
		}}
}

func (d *Desk) shop() string {
	if shop := d.Shop(); shop != "all" {
		return shop
	}
	return ""
}

// shown returns the shops that are shown: what became of one that is not in the list any more needs nobody. nil: all.
func (d *Desk) shown() []string {
	if shop := d.shop(); shop != "" {
		return []string{shop}
	}
	config, err := d.Load()
	if err != nil || config.Shops == nil {
		return nil // the jobs are there whatever the configuration says by now
	}
	return config.Shops.Names
}

func retryCommand(d Desk) *cobra.Command {
	return changing(d, "retry", "Have shops that failed or were cancelled be compared again",
		"Retry has the shops be compared again now whose last job failed for good, or was cancelled; with --shop that shop.", "%d jobs wait again.", cobra.NoArgs,
		func(cmd *cobra.Command, s *store.Store, config string, _ []string) (int, error) {
			return s.Retry(cmd.Context(), config, d.shop())
		})
}

func cancelCommand(d Desk) *cobra.Command {
	return changing(d, "cancel", "Take back jobs that are not done",
		"Cancel takes back all jobs that wait or are being done; with --shop those of that shop. What is being compared is given up within seconds, and nothing of it is kept.", "%d jobs were cancelled.", cobra.NoArgs,
		func(cmd *cobra.Command, s *store.Store, config string, _ []string) (int, error) {
			return s.Cancel(cmd.Context(), config, d.shop())
		})
}

func drainCommand(d Desk) *cobra.Command {
	return changing(d, "drain [HOST]", "Have workers end when they have done what they have",
		"Drain has the workers that are there now, or those on one machine, take no more jobs, and end when they have done what they have: before a machine is updated or switched off. What waits, waits for other workers.",
		"%d workers take no more jobs.", cobra.MaximumNArgs(1),
		func(cmd *cobra.Command, s *store.Store, config string, args []string) (int, error) {
			n, err := s.Drain(cmd.Context(), config, strings.Join(args, ""))
			if err == nil && n == 0 && len(args) > 0 {
				return 0, fmt.Errorf("there is no worker on %q: %s lists them", args[0], d.Command("fleet", "status"))
			}
			return n, err
		})
}

func statusCommand(d Desk) *cobra.Command {
	var format string
	most := 50
	cmd := &cobra.Command{
		Use:   "status",
		Short: "Say what is being compared, and which shops need a person",
		Long:  "Status lists the workers, counts the jobs, and shows of each shop what its last job came to, those first that need a person.",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if format != "table" && format != "json" {
				return fmt.Errorf("--format %s: use table or json", format)
			}
			return d.with(cmd.Context(), func(s *store.Store, config string) error {
				st, err := overview.Of(cmd.Context(), s, config, d.shown())
				if err != nil {
					return err
				}
				if format == "json" {
					enc := json.NewEncoder(d.Term.Data)
					enc.SetIndent("", "  ")
					enc.SetEscapeHTML(false)
					return enc.Encode(st)
				}
				return st.Table(d.Term.Out, most)
			})
		},
	}
	cmd.Flags().StringVar(&format, "format", "table", "how to show it: table or json")
	cmd.Flags().IntVar(&most, "max-rows", most, "show at most so many shops; 0 for all")
	_ = cmd.RegisterFlagCompletionFunc("format", cobra.FixedCompletions([]string{"table", "json"}, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}
