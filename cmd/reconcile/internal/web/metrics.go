package web

import (
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/store"
)

// counters are what /metrics tells.
type counters struct {
	mu       sync.Mutex
	requests [6]int64 // by the first digit of the status
	seconds  float64
	refusals int64 // of log-ins
	waits    int64 // log-ins that were told to wait
	since    time.Time
}

func newCounters() *counters { return &counters{since: time.Now()} }

func (c *counters) request(status int, took time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if class := status / 100; class < len(c.requests) {
		c.requests[class]++
	}
	c.seconds += took.Seconds()
}

func (c *counters) refused() { c.mu.Lock(); defer c.mu.Unlock(); c.refusals++ }
func (c *counters) slowed()  { c.mu.Lock(); defer c.mu.Unlock(); c.waits++ }

// health says whether the server can do its work: it needs its database.
func (s *Server) health(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	if err := s.Store.Ping(r.Context()); err != nil {
		s.Log.Error("the database does not answer", "error", err)
		w.WriteHeader(http.StatusServiceUnavailable)
		fmt.Fprintln(w, "the database does not answer")
		return
	}
	fmt.Fprintln(w, "ok")
}

// metrics answers in the text format of Prometheus, to who has a token, and to this machine.
func (s *Server) metrics(w http.ResponseWriter, r *http.Request) {
	if !s.onThisMachine(r) {
		if c, err := s.identify(r); err != nil || c.role == store.Nobody {
			w.Header().Set("WWW-Authenticate", `Bearer realm="reconcile"`)
			w.WriteHeader(http.StatusUnauthorized)
			fmt.Fprintln(w, "send a token, as Authorization: Bearer TOKEN")
			return
		}
	}
	queue, err := s.Store.Queue(r.Context(), "")
	var shops map[string]int
	var oldest time.Duration
	if err == nil {
		shops, oldest, err = s.Store.LastStates(r.Context())
	}
	if err != nil {
		s.Log.Error("count jobs", "error", err)
		w.WriteHeader(http.StatusServiceUnavailable)
		fmt.Fprintln(w, "the database does not answer")
		return
	}
	c := s.count
	c.mu.Lock()
	defer c.mu.Unlock()
	w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
	metric := func(name, kind, help string) { fmt.Fprintf(w, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, kind) }
	metric("reconcile_info", "gauge", "The version of the program.")
	fmt.Fprintf(w, "reconcile_info{version=%q} 1\n", s.Version)
	metric("reconcile_start_time_seconds", "gauge", "When the server was started.")
	fmt.Fprintf(w, "reconcile_start_time_seconds %d\n", c.since.Unix())
	metric("reconcile_requests_total", "counter", "Requests that were answered, by the class of the status.")
	for class, n := range c.requests[1:] {
		fmt.Fprintf(w, "reconcile_requests_total{status=\"%dxx\"} %d\n", class+1, n)
	}
	metric("reconcile_request_seconds_total", "counter", "How long that took.")
	fmt.Fprintf(w, "reconcile_request_seconds_total %g\n", c.seconds)
	metric("reconcile_logins_refused_total", "counter", "Log-ins with a wrong user name or password.")
	fmt.Fprintf(w, "reconcile_logins_refused_total %d\n", c.refusals)
	metric("reconcile_logins_slowed_total", "counter", "Log-ins that were told to wait.")
	fmt.Fprintf(w, "reconcile_logins_slowed_total %d\n", c.waits)
	metric("reconcile_jobs", "gauge", "Jobs of workers in the database, by state.")
	for _, state := range store.States {
		fmt.Fprintf(w, "reconcile_jobs{state=%q} %d\n", state, queue.States[state])
	}
	metric("reconcile_oldest_job_seconds", "gauge", "For how long the job waits that waits longest; 0 if none does.")
	fmt.Fprintf(w, "reconcile_oldest_job_seconds %g\n", queue.OldestSeconds)
	metric("reconcile_shops", "gauge", "Shops that had a job within a week, by the state of the last one.")
	for _, state := range store.States {
		fmt.Fprintf(w, "reconcile_shops{state=%q} %d\n", state, shops[state])
	}
	metric("reconcile_oldest_result_seconds", "gauge", "How long ago the last result of that shop was made whose last result is oldest; 0 if there is none.")
	fmt.Fprintf(w, "reconcile_oldest_result_seconds %g\n", oldest.Seconds())
}
