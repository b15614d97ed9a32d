package bigcommerce

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/reconcilehq/reconcile/plugins/connectors/bigcommerce/api"
	"github.com/reconcilehq/reconcile/plugins/sdk"
	"github.com/reconcilehq/reconcile/plugins/sdk/webapi"
)

// checkTries is how often a request is made where a person waits for the answer.
const checkTries = 3

// counted says how many there are, in words for one and for many.
func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// Check asks the store for its name and the like, and for one entry of each list that this configuration can need, so
// that a token that lacks a scope is found out before a run is half done.
func (s *Source) Check(ctx context.Context) ([]sdk.Fact, error) {
	client, err := s.connect(ctx)
	if err != nil {
		return nil, err
	}
	var clock webapi.ServerClock
	session := client.Session(nil)
	session.Tries, session.Answered = checkTries, clock.Note
	info, err := readStore(ctx, session)
	var lacking []probe
	if webapi.Forbidden(err) {
		lacking = append(lacking, probe{path: storePath, reason: "to know the store and its settings"})
	} else if err != nil {
		return nil, err
	}
	var scopes []string
	seen := firstStock{book: s.newStockBook()}
	for _, p := range s.probes(&seen) {
		switch err := p.try(ctx, session); {
		case webapi.Forbidden(err):
			lacking = append(lacking, p)
		case err != nil:
			return nil, err
		default:
			name, _, _ := strings.Cut(scopeFor(p.path), " (")
			scopes = append(scopes, name)
		}
	}
	if len(lacking) > 0 {
		return nil, lackOf(lacking)
	}
	may, err := s.checkWriting(ctx, client)
	if err != nil {
		return nil, err
	}
	facts := factsOf(info, seen.book.DisabledFact(), seen.book.SafetyFact(seen.first), append([]string{"Information & Settings"}, scopes...), client.Quota())
	return slices.Concat(facts, may, clock.Fact()), nil
}

// probe is a request that is only made to see whether it may be made.
type probe struct {
	path   string
	query  url.Values
	reason string // what the path is needed for
	read   func(*webapi.Answer) error
}

// firstItems is how many items of the inventory are asked for to see which locations there are, and whether there is safety
// stock: as many as the API gives at once.
const firstItems = 1000

// firstStock is what the first items of the inventory tell.
type firstStock struct {
	book  *stockBook
	first int // how many items were read, if there are more; 0 if not
}

// probes are for all that the configuration can need, whatever fields rules then use. They note what they come across of
// the stock.
func (s *Source) probes(seen *firstStock) []probe {
	list := func(a *webapi.Answer) error {
		_, err := api.ReadList[json.RawMessage](a)
		return err
	}
	stock := func(a *webapi.Answer) error {
		page, err := api.ReadList[stockAnswer](a)
		if err != nil {
			return err
		}
		if seen.first = 0; *page.Total > int64(len(page.Items)) {
			seen.first = len(page.Items)
		}
		for i := range page.Items {
			item := page.Items[i].item()
			seen.book.add(item)
			for _, l := range item.Locations {
				seen.book.AddLocation(l.Location())
			}
		}
		return nil
	}
	orders := func(a *webapi.Answer) error {
		var list []json.RawMessage
		if a.Status == http.StatusNoContent {
			return nil
		}
		return webapi.Decode(a.Body, &list)
	}
	one := func(more url.Values) url.Values {
		more.Set("limit", "1")
		return more
	}
	all := []probe{
		{productsPath, one(url.Values{"include_fields": {"sku"}}), "to read the catalogue", list},
		{inventoryPath, url.Values{"limit": {strconv.Itoa(firstItems)}}, "for qoh", stock},
	}
	if s.imported.known {
		all = append(all, probe{ordersPath, one(url.Values{"min_id": {strconv.FormatInt(s.imported.through+1, 10)}}), "for pending", orders})
	}
	return all
}

func (p probe) try(ctx context.Context, session *webapi.Session) error {
	return session.Do(ctx, webapi.Request{What: "GET " + p.path, Path: p.path, Query: p.query, Good: p.good(), Read: p.read})
}

// good says that a 204 is a good answer of one list: V2's of orders, when it is empty.
func (p probe) good() []int {
	if p.path == ordersPath {
		return []int{http.StatusNoContent}
	}
	return nil
}

// lackOf says which scopes the token lacks, as the control panel and as the API call them, and what each is for.
func lackOf(lacking []probe) error {
	var scopes []string
	for _, p := range lacking {
		scopes = append(scopes, scopeFor(p.path)+", "+p.reason)
	}
	return fmt.Errorf("403 Forbidden: the access token lacks %s: %s; give its API account (or a new one) at least read-only access, in BigCommerce's control panel under Settings > API > Store-level API accounts",
		counted(len(scopes), "scope", "scopes"), strings.Join(scopes, "; "))
}

// factsOf returns what people want to see of a store.
func factsOf(info store, disabled, safety string, scopes []string, quota string) []sdk.Fact {
	prices := ""
	if info.PricesWithTax != nil {
		prices = map[bool]string{true: "entered with tax", false: "entered without tax"}[*info.PricesWithTax]
	}
	var facts []sdk.Fact
	for _, f := range []sdk.Fact{{Name: "store", Value: info.Name}, {Name: "domain", Value: info.Domain},
		{Name: "status", Value: info.Status}, {Name: "currency", Value: info.Currency}, {Name: "prices", Value: prices},
		{Name: "plan", Value: info.Plan}, {Name: "time zone", Value: info.Timezone.Name},
		{Name: "weight unit", Value: info.WeightUnits}, {Name: "length unit", Value: info.DimensionUnits}, {Name: "disabled locations", Value: disabled}, {Name: "safety stock", Value: safety},
		{Name: "token may read", Value: strings.Join(scopes, ", ")}, {Name: "API quota", Value: quota}} {
		if f.Value != "" {
			facts = append(facts, f)
		}
	}
	return facts
}

// scopeFor names the scope that a request needs, as the control panel and as the API call it.
func scopeFor(path string) string {
	switch {
	case strings.Contains(path, "/catalog/"):
		return "Products (store_v2_products_read_only)"
	case strings.Contains(path, "/inventory/"):
		return "Store Inventory (store_inventory_read_only)"
	case strings.Contains(path, "/orders"):
		return "Orders (store_v2_orders_read_only)"
	}
	return "Information & Settings (store_v2_information_read_only)"
}
