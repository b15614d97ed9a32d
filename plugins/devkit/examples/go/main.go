// A connector for reconcile that reads the products of an online shop, which answers with pages of JSON.
//
// Make it yours from top to bottom: what the user sets, which fields your platform has, and how a page of it is read.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/reconcilehq/reconcile/plugins/sdk"
)

func main() {
	if len(os.Args) == 3 && os.Args[1] == "sandbox" {
		serveSandbox(os.Args[2])
	}
	sdk.Serve(sdk.Connector{
		Name:    "example-shop",
		Version: "0.1.0",
		Doc:     "Reads the products of an online shop over its JSON API.",
		New:     func() sdk.Source { return &Shop{} },
	})
}

// Shop is a configured source. Its tagged fields are what a source block may hold.
type Shop struct {
	URL   string `setting:"url,required" doc:"The shop's address, such as https://shop.example.com, or sandbox for a sample shop that the connector serves itself."`
	Token string `setting:"token,sensitive" doc:"The token of an API account that may read products."`
}

// Configure checks the settings. It does not ask the shop for anything.
func (s *Shop) Configure(context.Context) (err error) {
	if size, ok := strings.CutPrefix(s.URL, "sandbox"); ok {
		s.URL, s.Token, err = startSandbox(size)
		return err
	}
	if !strings.HasPrefix(s.URL, "https://") && !strings.HasPrefix(s.URL, "http://") {
		return &sdk.SettingError{Path: []string{"url"}, Summary: "The url is no web address",
			Detail: `It begins with https:// or http://. To try the connector without a shop, set url = "sandbox".`}
	}
	s.URL = strings.TrimSuffix(s.URL, "/")
	return nil
}

// Schema says which fields there are. Known fields have the same name and type in every connector; others are
// sdk.Field{Name: "season", Type: sdk.String, Doc: "..."}.
func (s *Shop) Schema(context.Context) ([]sdk.Field, error) {
	return sdk.Known("sku", "name", "price", "qoh", "options"), nil
}

// Check tries the address and the token.
func (s *Shop) Check(ctx context.Context) ([]sdk.Fact, error) {
	var shop shopInfo
	err := s.get(ctx, "/shop", &shop, nil)
	return []sdk.Fact{{Name: "store", Value: shop.Name}, {Name: "currency", Value: shop.Currency}}, err
}

// shopInfo is what the shop says of itself.
type shopInfo struct{ Name, Currency string }

func (i *shopInfo) missing() string {
	if i.Name == "" {
		return "a name"
	}
	return ""
}

// product is one product as the shop tells of it. A json.Number keeps a price's digits as they stand.
type product struct {
	SKU     string            `json:"sku"`
	Name    string            `json:"name"`
	Price   json.Number       `json:"price"`
	Stock   json.Number       `json:"stock"`
	Options map[string]string `json:"options"`
}

// page is a page of products. A shop without products answers with an empty list: an answer without a list is something
// else, such as a word about maintenance, and never an empty shop.
type page struct {
	Products []product
	Next     int
	Total    *int
}

func (p *page) missing() string {
	switch {
	case p.Products == nil:
		return "a list of products"
	case p.Total == nil:
		return "a total"
	}
	return ""
}

// Read hands over all products, page by page. An error fails the run, which is right whenever a product may be missing.
//
// Each page begins after the last product of the one before. By numbered pages a product that is deleted meanwhile would
// move another one onto a page that was read already.
func (s *Shop) Read(ctx context.Context, req sdk.ReadRequest, emit func(sdk.Item) error) error {
	read := 0
	for after := 0; ; {
		var answer page
		path := fmt.Sprintf("/products?after=%d", after)
		if err := s.get(ctx, path, &answer, req.Waiting); err != nil {
			return err
		}
		for _, p := range answer.Products {
			read++
			err := emit(sdk.Item{
				"sku":     p.SKU,
				"name":    p.Name,
				"price":   string(p.Price),
				"qoh":     string(p.Stock),
				"options": p.Options,
			})
			if err != nil {
				return err
			}
		}
		req.Progress(int64(read), int64(*answer.Total), "products")
		switch {
		case answer.Next > after:
			after = answer.Next
		case answer.Next != 0:
			return fmt.Errorf("GET %s: the shop leads back to product %d", path, answer.Next)
		case read != *answer.Total:
			return fmt.Errorf("the shop has %d products, but its pages held %d: the catalogue changed while it was read; run again", *answer.Total, read)
		default:
			return nil
		}
	}
}

// answer is what a path answers with. missing says what is not there though it must be; "" if all is.
type answer interface{ missing() string }

// get asks the shop for a path and reads its answer. A shop that is busy is asked again, five times in all. waiting, unless it
// is nil, is told how long that takes, which the host would count as silence otherwise.
func (s *Shop) get(ctx context.Context, path string, answer answer, waiting func(until time.Time, why string)) error {
	for try := 1; ; try++ {
		wait, err := s.ask(ctx, path, answer)
		if err != nil {
			err = fmt.Errorf("GET %s: %w", path, err)
		}
		if err == nil || wait < 0 || try == 5 {
			return err
		}
		if waiting != nil {
			waiting(time.Now().Add(wait), "the busy shop")
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

const final = time.Duration(-1) // asking again would not help

// ask asks once. With an error it says how long to wait before asking again.
func (s *Shop) ask(ctx context.Context, path string, answer answer) (wait time.Duration, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL+path, nil)
	if err != nil {
		return final, err
	}
	req.Header.Set("Authorization", "Bearer "+s.Token)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return time.Second, err
	}
	defer res.Body.Close()
	switch {
	case res.StatusCode == http.StatusUnauthorized || res.StatusCode == http.StatusForbidden:
		return final, fmt.Errorf("the shop answered %s: check the token, and that its account may read products", res.Status)
	case res.StatusCode == http.StatusTooManyRequests || res.StatusCode >= 500:
		wait = time.Second
		if seconds, err := strconv.Atoi(res.Header.Get("Retry-After")); err == nil {
			wait = time.Duration(seconds) * time.Second
		}
		if wait > time.Minute {
			wait = final
		}
		return wait, fmt.Errorf("the shop answered %s", res.Status)
	case res.StatusCode != http.StatusOK:
		return final, fmt.Errorf("the shop answered %s", res.Status)
	}
	body, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	if err != nil {
		return time.Second, fmt.Errorf("the shop's answer breaks off: %w", err)
	}
	if err := json.Unmarshal(body, answer); err != nil { // all of it: one JSON value and nothing behind it
		return final, fmt.Errorf("the shop's answer is not the JSON that was expected: %w; it begins with %.60q", err, body)
	}
	if missing := answer.missing(); missing != "" {
		return final, fmt.Errorf("the shop's answer lacks %s, and begins with %.60q: see whether url is that of its API, and whether the shop is open", missing, body)
	}
	return 0, nil
}

// maxAnswer is more than a page has: an answer without an end is cut there, and then is no JSON.
const maxAnswer = 64 << 20
