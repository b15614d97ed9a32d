// Package overview says of all shops of a configuration what their last jobs came to, those first that need a person, with the workers and
// how much there is to do. Commands and the API show it.
package overview

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/store"
)

// format is the version of what is written as JSON. Within a version the object only grows.
const format = "1"

// Status is what there is to do, who does it, and what became of it.
type Status struct {
	FormatVersion string         `json:"format_version"`
	Jobs          map[string]int `json:"jobs"` // by state
	Retrying      int            `json:"retrying"`
	OldestSeconds float64        `json:"oldest_seconds"` // for how long the job waits that waits longest
	Workers       []Machine      `json:"workers"`
	Shops         []ShopState    `json:"shops"` // those first that need a person
}

// Machine is one worker.
type Machine struct {
	Worker   string    `json:"worker"`
	Host     string    `json:"host"`
	Version  string    `json:"version"`
	Jobs     int       `json:"jobs"`
	Running  int       `json:"running"`
	Began    time.Time `json:"began"`
	Draining bool      `json:"draining"`
}

// ShopState is what the last job of a shop came to.
type ShopState struct {
	Shop           string        `json:"shop"`
	Reconciliation string        `json:"reconciliation"`
	Night          string        `json:"night"`
	State          string        `json:"state"`
	Failure        string        `json:"failure,omitempty"` // of the last try that came to nothing
	Tries          int           `json:"tries"`             // how many came to nothing
	Run            string        `json:"run,omitempty"`
	Counts         *store.Counts `json:"counts,omitempty"`
	Ended          *time.Time    `json:"ended,omitempty"`
}

// Of returns how the jobs of a configuration are. shops are those that are shown; nil: all of which there is a job.
func Of(ctx context.Context, s *store.Store, config string, shops []string) (*Status, error) {
	q, err := s.Queue(ctx, config)
	if err != nil {
		return nil, err
	}
	st := &Status{FormatVersion: format, Jobs: q.States, Retrying: q.Retrying, OldestSeconds: q.OldestSeconds, Workers: []Machine{}, Shops: []ShopState{}}
	workers, err := s.Workers(ctx, config)
	if err != nil {
		return nil, err
	}
	for _, w := range workers {
		st.Workers = append(st.Workers, Machine{w.ID, w.Host, w.Version, w.Jobs, w.Running, w.Began.UTC(), w.Draining})
	}
	jobs, err := s.LastJobs(ctx, config)
	if err != nil {
		return nil, err
	}
	counts, err := s.CountsOfJobs(ctx, config)
	if err != nil {
		return nil, err
	}
	shown := map[string]bool{}
	for _, shop := range shops {
		shown[shop] = true
	}
	for _, j := range jobs {
		if shops != nil && !shown[j.Shop] {
			continue
		}
		of := ShopState{Shop: j.Shop, Reconciliation: j.Reconciliation, Night: j.Night, State: j.State, Failure: j.Failure, Tries: j.Tries, Run: j.Run}
		if c, is := counts[j.ID]; is {
			of.Counts = &c
		}
		if j.Ended.UnixMilli() > 0 {
			ended := j.Ended.UTC()
			of.Ended = &ended
		}
		st.Shops = append(st.Shops, of)
	}
	slices.SortStableFunc(st.Shops, func(a, b ShopState) int {
		return cmp.Or(cmp.Compare(b.rank(), a.rank()), cmp.Compare(b.wrong(), a.wrong()))
	})
	return st, nil
}

func (s *ShopState) rank() int {
	switch {
	case s.State == store.Failed:
		return 4
	case s.Failure != "":
		return 3
	case s.wrong() > 0:
		return 2
	case s.State == store.Done:
		return 0
	}
	return 1
}

func (s *ShopState) wrong() int {
	if s.Counts == nil {
		return 0
	}
	return s.Counts.NotSynchronized + s.Counts.NotChecked + s.Counts.NotPaired
}

// Table writes the status for people, with so many shops at most; 0 for all.
func (s *Status) Table(w io.Writer, most int) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	if len(s.Workers) > 0 {
		fmt.Fprintln(t, "WORKER\tHOST\tVERSION\tJOBS\tRUNNING\t")
		for _, m := range s.Workers {
			note := ""
			if m.Draining {
				note = "takes no more"
			}
			fmt.Fprintf(t, "%s\t%s\t%s\t%d\t%d\t%s\n", m.Worker, m.Host, m.Version, m.Jobs, m.Running, note)
		}
		fmt.Fprintln(t)
	}
	if len(s.Shops) > 0 {
		fmt.Fprintln(t, "SHOP\tRECONCILIATION\tSTATE\tFOR\tITEMS\tNOT SYNCHRONIZED\tNOT CHECKED\tNOT PAIRED\tNEW")
	}
	shown := s.Shops
	if most > 0 && len(shown) > most {
		shown = shown[:most]
	}
	for _, of := range shown {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t", cmp.Or(of.Shop, "-"), of.Reconciliation, of.State, of.Night)
		if c := of.Counts; c != nil {
			fmt.Fprintf(t, "%d\t%d\t%d\t%d\t%d\n", c.Items, c.NotSynchronized, c.NotChecked, c.NotPaired, c.New)
		} else {
			fmt.Fprintln(t, "-\t-\t-\t-\t-")
		}
	}
	if err := t.Flush(); err != nil {
		return err
	}
	if more := len(s.Shops) - len(shown); more > 0 {
		fmt.Fprintf(w, "and %d more: --max-rows 0 shows all\n", more)
	}
	for _, of := range shown {
		if of.Failure != "" && of.State != store.Done {
			fmt.Fprintf(w, "\n%s: %s\n", cmp.Or(of.Shop, of.Reconciliation), of.Failure)
		}
	}
	if len(s.Shops) > 0 || len(s.Workers) > 0 {
		fmt.Fprintln(w)
	}
	_, err := fmt.Fprintf(w, "%d workers. Jobs: %d failed, %d running, %d waiting (%d of them once more), %d cancelled, %d done.\n",
		len(s.Workers), s.Jobs[store.Failed], s.Jobs[store.Running], s.Jobs[store.Waiting], s.Retrying, s.Jobs[store.Cancelled], s.Jobs[store.Done])
	return err
}
