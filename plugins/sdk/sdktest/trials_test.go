package sdktest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/reconcilehq/reconcile/plugins/sdk"
)

// cupboard is a platform: so many of each, by SKU. It sets one with each request.
type cupboard struct {
	mu   sync.Mutex
	held map[string]int
}

func newCupboard() http.Handler { return &cupboard{held: map[string]int{"CUP": 1, "MUG": 2}} }

func (c *cupboard) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	sku := strings.TrimPrefix(r.URL.Path, "/")
	if r.Method == http.MethodPut {
		n := 0
		if json.NewDecoder(r.Body).Decode(&n) != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		c.held[sku] = n
	}
	fmt.Fprint(w, c.held[sku])
}

// counter is a connector of it, which does one thing wrong.
type counter struct {
	url, wrong string
	sent       int
}

func (*counter) Schema(context.Context) ([]sdk.Field, error) { return sdk.Known("sku", "qoh"), nil }

func (c *counter) ask(method, sku, body string) (n int, status int, err error) {
	req, err := http.NewRequest(method, c.url+"/"+sku, strings.NewReader(body))
	if err != nil {
		return 0, 0, err
	}
	if method == http.MethodPut {
		if c.sent++; c.wrong == "changes its keys" {
			req.Header.Set("Idempotency-Key", fmt.Sprint(c.sent))
		}
	}
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	answer, err := client.Do(req)
	if err != nil {
		return 0, 0, err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode == http.StatusOK {
		err = json.Unmarshal(text, &n)
	} else if err == nil {
		err = errors.New(answer.Status)
	}
	return n, answer.StatusCode, err
}

func (c *counter) Fetch(_ context.Context, req sdk.FetchRequest, emit func(sdk.Item) error) error {
	for _, ref := range req.Items {
		n, _, err := c.ask(http.MethodGet, ref.SKU, "")
		if err == nil {
			err = emit(sdk.Item{"sku": ref.SKU, "qoh": n})
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (c *counter) Writable() map[string]sdk.Writable {
	return map[string]sdk.Writable{"qoh": {Guarded: c.wrong == "says that the platform compares"}}
}

func (c *counter) Prepare(_ context.Context, req sdk.ApplyRequest, answer func(sdk.Prepared) error) (cost sdk.Cost, err error) {
	for _, change := range req.Changes {
		if c.wrong == "writes when it prepares" {
			_, _, _ = c.ask(http.MethodPut, change.Item.SKU, change.Desired.Text())
		}
		err = errors.Join(err, answer(sdk.Prepared{Key: change.Key, Will: change.Desired}))
	}
	return cost, err
}

func (c *counter) Apply(_ context.Context, req sdk.ApplyRequest, answer func(sdk.Outcome) error) error {
	for _, change := range req.Changes {
		o := c.set(change)
		o.Key = change.Key
		if err := answer(o); err != nil {
			return err
		}
		if o.Kind == sdk.Rejected && c.wrong == "gives up" {
			return errors.New("one was refused")
		}
	}
	return nil
}

func valueOf(n int) sdk.Value {
	v, _ := sdk.ValueOf(sdk.Number, n)
	return v
}

func (c *counter) set(change sdk.Change) sdk.Outcome {
	sku := change.Item.SKU
	had, _, err := c.ask(http.MethodGet, sku, "")
	if err != nil {
		return sdk.Outcome{Kind: sdk.Failed}
	}
	now := valueOf(had)
	if c.wrong == "does not compare" {
		now = change.Expected
	}
	if o, done := change.Guard(now); done && c.wrong != "writes again" {
		return o
	}
	_, status, err := c.ask(http.MethodPut, sku, change.Desired.Text())
	for tries := 0; err != nil && c.wrong == "tries again" && tries < 3; tries++ {
		_, status, err = c.ask(http.MethodPut, sku, change.Desired.Text())
	}
	switch {
	case err != nil && status >= 400 && status < 500:
		return sdk.Outcome{Kind: sdk.Rejected, Before: now, After: now}
	case err != nil && c.wrong == "takes silence for no":
		return sdk.Outcome{Kind: sdk.Failed, Before: now}
	case c.wrong == "does not look":
		return sdk.Outcome{Kind: sdk.Applied, Before: now, After: change.Desired}
	}
	n, _, failed := c.ask(http.MethodGet, sku, "")
	if failed != nil || !valueOf(n).Equal(change.Desired) {
		return sdk.Outcome{Kind: sdk.Unknown, Before: now}
	}
	if c.wrong == "calls it unchanged" && err != nil {
		return sdk.Outcome{Kind: sdk.Unchanged, Before: valueOf(n)}
	}
	return sdk.Outcome{Kind: sdk.Applied, Before: now, After: valueOf(n)}
}

// TestTrialsFind says which trial finds what a connector does wrong, and that they find nothing in a good one.
func TestTrialsFind(t *testing.T) {
	for wrong, finds := range map[string]struct{ trial, says string }{
		"":                                {"", ""},
		"writes when it prepares":         {"well", "Prepare has written: 2 requests"},
		"writes again":                    {"well", "Apply writes a second time what is there already"},
		"does not compare":                {"another app writes before", "change 1 should be a conflict"},
		"says that the platform compares": {"another app writes between", "the platform compares by itself (Guarded)"},
		"does not look":                   {"another app writes after", "change 1 is applied (1, then 5), and the platform has 3"},
		"tries again":                     {"lost in request 2", "it writes what is there already: PUT /CUP 5"},
		"takes silence for no":            {"lost in request 2", "change 1 is failed (1, then not seen), and the platform has 5"},
		"calls it unchanged":              {"lost in request 2", "change 1 is unchanged (5, then 5), and the platform had 1 at first: it was written"},
		"gives up":                        {"change 1 is refused with 422", "change 2 should be applied, and is without an outcome (one was refused)"},
		"changes its keys":                {"unsent in request 2", `PUT /CUP 5 is sent with the idempotency key "1", and then with "3"`},
	} {
		t.Run(wrong, func(t *testing.T) {
			t.Parallel()
			w := Writing{Platform: newCupboard,
				Source: func(_ context.Context, url string) (sdk.Applier, error) { return &counter{url: url, wrong: wrong}, nil },
				Sets: []Set{{Item: sdk.Ref{SKU: "CUP"}, Field: "qoh", From: 1, To: 5, Other: 3, Mark: "/CUP"},
					{Item: sdk.Ref{SKU: "MUG"}, Field: "qoh", From: 2, To: 6, Other: 4, Mark: "/MUG"}}}
			found, requests, err := w.well(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if finds.trial != "well" {
				for name, trial := range w.trials(requests) {
					if finds.trial != "" && name != finds.trial {
						continue
					}
					wrong, said, err := trial(t.Context())
					if err != nil {
						t.Errorf("%s: %v", name, err)
					}
					if finds.trial == "" && len(wrong) > 0 {
						t.Errorf("%s: %q; it says %s", name, wrong, said)
					}
					found = wrong
				}
			}
			if finds.says == "" {
				return
			}
			if !strings.Contains(strings.Join(found, "\n"), finds.says) {
				t.Errorf("%s finds %q", finds.trial, found)
			}
		})
	}
}
