package emulator

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestScript(t *testing.T) {
	script, err := ParseScript("2=500", "orders@1-2=bare-429", "brands@2-=204", "store@/3=429", "products@1=shift")
	if err != nil {
		t.Fatal(err)
	}
	s := serve(t, shop(), WithScript(script))
	var got []string
	for _, path := range []string{"/v2/store", "/v2/store", "/v2/store", "/v2/orders", "/v2/orders", "/v2/orders",
		"/v3/catalog/brands", "/v3/catalog/brands", "/v3/catalog/brands", "/v3/catalog/products", "/v3/catalog/products"} {
		w := ask(s, path)
		got = append(got, fmt.Sprint(w.Code))
		if w.Code == http.StatusTooManyRequests && w.Header().Get("X-Retry-After") != "" {
			got[len(got)-1] += " with headers"
		}
		if strings.Contains(w.Body.String(), "ADDED-") {
			got[len(got)-1] += " and another product"
		}
	}
	want := []string{"200", "500", "429 with headers", "429", "429", "200", "200", "204", "204", "200", "200 and another product"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestScriptsThatAreNone(t *testing.T) {
	for _, entry := range []string{"", "500", "0=500", "x=500", "5-2=500", "/0=500", "1=99", "1=explode", "1-x=reset"} {
		if _, err := ParseScript(entry); err == nil || !strings.HasPrefix(err.Error(), fmt.Sprintf("fault %q: ", entry)) {
			t.Errorf("%q: %v", entry, err)
		}
	}
}

// TestOtherApp has another app take half of a quota: what is left is less by what it has done by then.
func TestOtherApp(t *testing.T) {
	at := now
	s := serve(t, shop(), WithQuota(10, 10*time.Second), WithOtherApp(5), WithClock(func() time.Time { return at }))
	for i, c := range []struct {
		pass time.Duration
		left string
	}{{0, "9"}, {4 * time.Second, "6"}, {4 * time.Second, "3"}, {3 * time.Second, "9"}, {20 * time.Second, "9"}} {
		at = at.Add(c.pass)
		if left := ask(s, "/v2/store").Header().Get("X-Rate-Limit-Requests-Left"); left != c.left {
			t.Errorf("request %d: %s left, want %s", i+1, left, c.left)
		}
	}
	want := Traffic{Allowed: 5, OthersAllowed: 15, Windows: 4}
	if diff := cmp.Diff(want, s.Traffic()); diff != "" {
		t.Errorf("traffic (-want +got):\n%s", diff)
	}
}
