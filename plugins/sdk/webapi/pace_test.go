package webapi_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/reconcilehq/reconcile/plugins/sdk"
	"github.com/reconcilehq/reconcile/plugins/sdk/webapi"
)

// ask makes n requests, all at once, and returns how long they took by the server's clock.
func ask(t *testing.T, s *server, client *webapi.Client, n int) time.Duration {
	t.Helper()
	began := s.clock.Now()
	var all sync.WaitGroup
	for range n {
		all.Go(func() {
			if err := client.Session(nil).Do(t.Context(), webapi.Request{Path: "/hello"}); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	return s.clock.Now().Sub(began)
}

// TestRateLimit makes no more requests a second than the setting allows.
func TestRateLimit(t *testing.T) {
	s := serve(t, func(_ int, w http.ResponseWriter, _ *http.Request) { write(w, hello) })
	rate := 4.0
	client := s.client(func(c *webapi.Config) { c.Pace.RateLimit = &rate })
	if took := ask(t, s, client, 21); took < 5*time.Second || took > 6*time.Second {
		t.Errorf("21 requests at 4 a second took %s", took)
	}
}

// TestConcurrency has no more requests under way than the setting allows, and as many.
func TestConcurrency(t *testing.T) {
	for setting, want := range map[int64]int64{0: webapi.BlindInFlight, 1: 1, 7: 7, 20: 20} {
		var running, most atomic.Int64
		gate := make(chan struct{})
		s := serve(t, func(n int, w http.ResponseWriter, _ *http.Request) {
			if n > 1 { // the first goes alone
				if now := running.Add(1); now == want {
					close(gate)
				} else if now > want {
					t.Errorf("concurrency %d: %d requests at a time", setting, now)
				}
				<-gate
				most.Store(max(most.Load(), running.Load()))
				running.Add(-1)
			}
			write(w, hello)
		})
		client := s.client(func(c *webapi.Config) {
			if setting > 0 {
				c.Pace.Concurrency = &setting
			}
		})
		ask(t, s, client, 1)
		ask(t, s, client, int(want))
		if most.Load() != want {
			t.Errorf("concurrency %d: %d at a time, want %d", setting, most.Load(), want)
		}
	}
}

func TestCheckPace(t *testing.T) {
	for _, c := range []struct {
		rate  float64
		most  int64
		wrong string
	}{{0.01, 1, ""}, {1000, 32, ""}, {0, 1, "rate_limit"}, {-1, 1, "rate_limit"}, {1001, 1, "rate_limit"}, {1, 0, "concurrency"}, {1, 33, "concurrency"}} {
		problems := webapi.Pace{RateLimit: &c.rate, Concurrency: &c.most}.CheckPace()
		var wrong *sdk.SettingError
		if c.wrong == "" && len(problems) > 0 || c.wrong != "" && (len(problems) != 1 || !errors.As(problems[0], &wrong) || wrong.Path[0] != c.wrong) {
			t.Errorf("%+v: %v", c, problems)
		}
	}
	if problems := (webapi.Pace{}).CheckPace(); problems != nil {
		t.Error(problems)
	}
}

// fiveAMinute serves a platform that allows five requests in a minute and says so in the usual headers.
func fiveAMinute(t *testing.T) (*server, *webapi.Client) {
	t.Helper()
	left, ends := 5, time.Time{}
	var mu sync.Mutex
	var s *server
	s = serve(t, func(_ int, w http.ResponseWriter, _ *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		if now := s.clock.Now(); !now.Before(ends) {
			left, ends = 5, now.Add(time.Minute)
		}
		if left--; left < 0 {
			t.Error("a request more than is allowed")
		}
		w.Header().Set("X-RateLimit-Limit", "5")
		w.Header().Set("X-RateLimit-Remaining", strconv.Itoa(max(left, 0)))
		w.Header().Set("X-RateLimit-Reset", strconv.FormatInt(ends.Unix(), 10))
		write(w, hello)
	})
	return s, s.client(func(c *webapi.Config) { c.Limits = webapi.RateLimitHeaders })
}

// TestTheWindowIsKept makes more requests than a window allows.
func TestTheWindowIsKept(t *testing.T) {
	s, client := fiveAMinute(t)
	began := s.clock.Now()
	for range 23 {
		ask(t, s, client, 1)
	}
	if took := s.clock.Now().Sub(began); took < 4*time.Minute || took > 5*time.Minute {
		t.Errorf("23 requests, five a minute, took %s", took)
	}
	if quota := client.Quota(); !strings.HasPrefix(quota, "5 requests in 1m") {
		t.Error(quota)
	}
}

// TestTakes holds what is said of how long so many requests take against how long they then take, from any place in a window on.
func TestTakes(t *testing.T) {
	for _, n := range []int{1, 3, 5, 6, 12, 23} {
		for before := 1; before <= 5; before++ {
			s, client := fiveAMinute(t)
			for range before {
				ask(t, s, client, 1)
			}
			said, began := client.Takes(int64(n), time.Second), s.clock.Now()
			for range n {
				if err := s.clock.Sleep(t.Context(), time.Second); err != nil { // as long as an answer takes
					t.Fatal(err)
				}
				ask(t, s, client, 1)
			}
			if took := s.clock.Now().Sub(began); said < took*8/10-2*time.Second || said > took*12/10+2*time.Second {
				t.Errorf("%d requests after %d others were to take %s, and took %s", n, before, said, took)
			}
		}
	}
}

// TestALongWindowIsNotWaitedFor fails where a quota is used up for longer than the host stands, and says so.
func TestALongWindowIsNotWaitedFor(t *testing.T) {
	s := serve(t, func(_ int, w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("RateLimit-Limit", "500, 500;w=3600")
		w.Header().Set("RateLimit-Remaining", "0")
		w.Header().Set("RateLimit-Reset", "1800")
		write(w, hello)
	})
	session := s.client(func(c *webapi.Config) { c.Limits = webapi.RateLimitHeaders }).Session(nil)
	if err := session.Do(t.Context(), webapi.Request{Path: "/hello"}); err != nil {
		t.Fatal(err)
	}
	err := session.Do(t.Context(), webapi.Request{Path: "/hello"})
	var failure *webapi.Failure
	if want := "GET /hello: Corner Shop's quota is used up for another 30m1s; try again then, or ask for less"; err == nil || err.Error() != want ||
		!errors.As(err, &failure) || failure.Sent != webapi.NotSent || s.asked.Load() != 1 {
		t.Errorf("%v\nwant %s", err, want)
	}
}

// TestTheBucketIsKept asks a platform that takes points out of a bucket, and tells it in the body.
func TestTheBucketIsKept(t *testing.T) {
	const size, perSecond, cost = 1000.0, 50.0, 180.0
	var mu sync.Mutex
	var s *server
	points, at := size, time.Time{}
	s = serve(t, func(_ int, w http.ResponseWriter, _ *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		now := s.clock.Now()
		if !at.IsZero() {
			points = min(size, points+perSecond*now.Sub(at).Seconds())
		}
		at = now
		if points < cost {
			t.Errorf("%v points are left", points)
		}
		points -= cost
		if err := json.NewEncoder(w).Encode(map[string]any{"left": int(points), "cost": cost}); err != nil {
			t.Error(err)
		}
	})
	client := s.client(func(c *webapi.Config) {
		c.BodyLimits = func(body []byte) (webapi.Limits, bool) {
			var told struct{ Left, Cost int64 }
			err := webapi.Decode(body, &told)
			return webapi.Limits{Quota: size, Left: told.Left, PerSecond: perSecond, Cost: told.Cost}, err == nil
		}
	})
	ask(t, s, client, 1)  // what they cost is known only now
	ask(t, s, client, 30) // at the same time
	began := s.clock.Now()
	const n = 30
	for range n {
		ask(t, s, client, 1)
	}
	if took, most := s.clock.Now().Sub(began), n*cost/perSecond+1; took.Seconds() > most {
		t.Errorf("it took %s, want at most %v seconds", took, most)
	}
	if quota := client.Quota(); !strings.HasPrefix(quota, "1000 points, of which ") {
		t.Error(quota)
	}
}
