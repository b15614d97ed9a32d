package sdktest_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/reconcilehq/reconcile/plugins/sdk/sdktest"
)

// TestFaultsOfAnHonestOne holds a connector that gives up at each fault against all of them.
func TestFaultsOfAnHonestOne(t *testing.T) {
	sdktest.TestFaults(t, lampShop(t), func(ctx context.Context, url string) (sdktest.Result, error) {
		got, err := readLamps(ctx, url, password)
		return got, err
	})
}

// fetch asks twice, and returns what came.
func fetch(t *testing.T, fault sdktest.Fault, limit time.Duration) string {
	t.Helper()
	asked := 0
	platform := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked++
		fmt.Fprintf(w, "answer %d", asked)
	})
	server := httptest.NewServer(sdktest.Faulty(platform, map[int]sdktest.Fault{2: fault}))
	defer server.Close()
	var said []string
	for range 3 {
		ctx, cancel := context.WithTimeout(t.Context(), limit)
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, server.URL, nil)
		if err != nil {
			t.Fatal(err)
		}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			said = append(said, "no answer")
			cancel()
			continue
		}
		text := make([]byte, 100)
		n, whole := 0, error(nil)
		for whole == nil {
			var more int
			more, whole = res.Body.Read(text[n:])
			n += more
		}
		said = append(said, fmt.Sprint(res.StatusCode, " ", string(text[:n]), " ", whole))
		res.Body.Close()
		cancel()
	}
	return strings.Join(said, ", ")
}

func TestFaulty(t *testing.T) {
	for name, c := range map[string]struct {
		fault sdktest.Fault
		limit time.Duration
		want  string
	}{
		"none":   {nil, time.Minute, "200 answer 1 EOF, 200 answer 2 EOF, 200 answer 3 EOF"},
		"busy":   {sdktest.Busy, time.Minute, "200 answer 1 EOF, 429  EOF, 200 answer 2 EOF"},
		"broken": {sdktest.Broken, time.Minute, "200 answer 1 EOF, 500  EOF, 200 answer 2 EOF"},
		"page":   {sdktest.Page, time.Minute, "200 answer 1 EOF, 200 <html><body>We are back soon.</body></html> EOF, 200 answer 2 EOF"},
		"again":  {sdktest.Again, time.Minute, "200 answer 1 EOF, 200 answer 1 EOF, 200 answer 2 EOF"},
		"cut":    {sdktest.Cut, time.Minute, "200 answer 1 EOF, 200 answ unexpected EOF, 200 answer 3 EOF"},
		"slow":   {sdktest.Slow(time.Millisecond), time.Minute, "200 answer 1 EOF, 200 answer 2 EOF, 200 answer 3 EOF"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := fetch(t, c.fault, c.limit); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// ExampleFaulty spoils the second request of a platform.
func ExampleFaulty() {
	platform := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(map[string]any{"products": sdktest.Catalogue(2)})
	})
	server := httptest.NewServer(sdktest.Faulty(platform, map[int]sdktest.Fault{2: sdktest.Busy}))
	defer server.Close()
	for range 3 {
		res, err := http.Get(server.URL)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(res.Status)
		_ = res.Body.Close()
	}
	// Output:
	// 200 OK
	// 429 Too Many Requests
	// 200 OK
}

// ExampleLines gives a made-up catalogue the shape of a platform, and says what has to come of it.
func ExampleLines() {
	items := sdktest.Catalogue(7)
	type product struct{ Code, Title, Price any }
	var answer []product
	for _, it := range items[5:] {
		answer = append(answer, product{it["sku"], it["name"], it["price"]})
	}
	text, err := json.Marshal(answer)
	fmt.Println(string(text), err)
	lines, err := sdktest.Lines(context.Background(), items[5:], "sku", "price", "options")
	fmt.Println(strings.Join(lines, "\n"), err)
	// Output:
	// [{"Code":"TORCH-0005","Title":"Crème brûlée torch 5","Price":"0.50"},{"Code":"TORCH-0006","Title":"Crème brûlée torch 6","Price":"0.60"}] <nil>
	// {"sku":"TORCH-0005","price":0.5,"options":{"Colour":"Red","Größe":"5"}}
	// {"sku":"TORCH-0006","price":0.6,"options":{"Colour":"Red","Größe":"6"}} <nil>
}
