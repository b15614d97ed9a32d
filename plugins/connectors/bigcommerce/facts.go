package bigcommerce

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/plugins/sdk/webapi"
)

const (
	storePath    = "/v2/store"
	settingsPath = "/v3/settings/inventory"
)

// store is what the store says of itself.
type store struct {
	Name           string `json:"name"`
	Domain         string `json:"domain"`
	SecureURL      string `json:"secure_url"`
	Status         string `json:"status"`
	Currency       string `json:"currency"`
	Plan           string `json:"plan_name"`
	WeightUnits    string `json:"weight_units"`
	DimensionUnits string `json:"dimension_units"`
	PricesWithTax  *bool  `json:"is_price_entered_with_tax"`
	Timezone       struct {
		Name string `json:"name"`
	} `json:"timezone"`
}

func readStore(ctx context.Context, session *webapi.Session) (store, error) {
	var info store
	err := session.Do(ctx, webapi.Request{What: "GET " + storePath, Path: storePath, Read: func(a *webapi.Answer) error {
		info = store{}
		if err := webapi.Decode(a.Body, &info); err != nil {
			return err
		}
		if info.Name == "" && info.Currency == "" {
			return errors.New("it does not describe a store")
		}
		return nil
	}})
	return info, err
}

// storeFacts are the facts about the store that assembling items needs, and that a Local Copy keeps.
type storeFacts struct {
	Told     bool   `json:"told,omitempty"` // the store was asked for what follows
	URL      string `json:"url,omitempty"`  // of the shop, without a slash at the end
	Currency string `json:"currency,omitempty"`
	WithTax  *bool  `json:"with_tax,omitempty"` // its prices are entered with tax

	Measured bool   `json:"measured,omitempty"` // it was asked for these, too
	Weights  string `json:"weights,omitempty"`  // what weights are in, as the API names it
	Lengths  string `json:"lengths,omitempty"`  // what widths, heights and depths are in

	// StockUpdate is when an order takes its units out of stock, as the API names it; "" if it was not asked for.
	StockUpdate string `json:"stock_update,omitempty"`

	Orphans int `json:"orphans,omitempty"` // variants that belong to no product
}

// When orders take their units out of stock, as the API names it. unknownUpdate is our own word for an API that does not
// tell.
const (
	whenPlaced    = "order_placed"
	whenShipped   = "order_completed_or_shipped"
	unknownUpdate = "unknown"
)

// readFacts reads the facts about the store, if they are needed and not known yet.
func (f *fetch) readFacts(ctx context.Context) error {
	if f.facts.Told && f.facts.Measured || !f.source.wantsStore(f.needs) {
		return nil
	}
	info, err := readStore(ctx, f.session)
	if webapi.Forbidden(err) && !f.source.needsStore(f.needs) {
		return nil // prices are read without knowing their currency, weights without their unit; a warning says so
	}
	if err != nil {
		return err
	}
	f.facts.Told, f.facts.URL, f.facts.Currency, f.facts.WithTax = true, info.SecureURL, info.Currency, info.PricesWithTax
	f.facts.Measured, f.facts.Weights, f.facts.Lengths = true, info.WeightUnits, info.DimensionUnits
	return f.into.takeStore(f.facts)
}

// readStockUpdate reads when orders take their units out of stock, if that is not known yet.
func (f *fetch) readStockUpdate(ctx context.Context) (err error) {
	if f.facts.StockUpdate != "" {
		return nil
	}
	if f.facts.StockUpdate, err = readStockUpdate(ctx, f.session); err != nil {
		return err
	}
	return f.into.takeStore(f.facts)
}

// wantsStore reports whether the facts about the store are used: for addresses of pages, and for what prices, weights and lengths are in.
func (s *Source) wantsStore(n needs) bool { return n.parts[storeInfo] || n.prices || n.measures }

// needsStore reports whether the facts about the store are required: for addresses of pages, and for prices whose currency
// or tax the settings name.
func (s *Source) needsStore(n needs) bool {
	return n.parts[storeInfo] || n.prices && (s.Prices != "" || s.Currency != "")
}

// readStockUpdate asks when orders take their units out of stock.
func readStockUpdate(ctx context.Context, session *webapi.Session) (when string, err error) {
	err = session.Do(ctx, webapi.Request{What: "GET " + settingsPath, Path: settingsPath, Read: func(a *webapi.Answer) error {
		var answer struct {
			Data struct {
				When string `json:"update_stock_behavior"`
			} `json:"data"`
		}
		if err := webapi.Decode(a.Body, &answer); err != nil {
			return err
		}
		switch when = answer.Data.When; when {
		case "":
			return errors.New("it does not say when orders are taken out of stock")
		case whenPlaced, whenShipped:
		default:
			when = unknownUpdate
		}
		return nil
	}})
	if webapi.Forbidden(err) || webapi.Status(err) == http.StatusNotFound {
		return unknownUpdate, nil // what is read does not depend on it: a warning does
	}
	return when, err
}

// tellFacts warns of what makes quantities or prices of the two sides incomparable.
func (a *assembly) tellFacts() {
	s := a.source
	if a.needs.parts[orders] && s.imported.known {
		switch a.store.StockUpdate {
		case whenShipped:
			a.warn("the store takes units out of stock when an order is completed or shipped, not when it is placed: units on web orders explain nothing about its quantities, and pending is left unknown for the items on them (so Q and QP may not be known). Stock can be updated when an order is placed: Settings > Inventory in the control panel")
		case unknownUpdate:
			a.warn("it cannot be read when the store takes orders out of stock: pending (QP) explains quantities only where that is when an order is placed. The access token may lack read-only access to Information & Settings (store_v2_information_read_only)")
		}
	}
	if !a.needs.prices {
		return
	}
	if !a.store.Told && s.Currency == "" && s.Prices == "" {
		a.warn("it is not known which currency the store's prices are in, so that they fit any: the access token may lack read-only access to Information & Settings (store_v2_information_read_only), or the Local Copy is to be refreshed")
		return
	}
	if !a.store.Told {
		fate := ""
		if s.Currency != "" {
			fate = ", so that its prices are left unknown"
		}
		a.warn("the Local Copy does not know the store's currency, nor whether its prices hold tax%s: refresh it", fate)
		return
	}
	switch {
	case s.Currency == "" && a.store.Currency == "":
		a.warn("the store does not say in which currency its prices are, so that they fit any; set the store's default currency")
	case s.Currency != "" && a.store.Currency == "":
		a.warn("the store does not say in which currency its prices are, and currency is %q: they cannot be held against it, and are left unknown; set the store's default currency, or take currency out to compare the amounts as they are", s.Currency)
	case a.foreign():
		a.warn("the store's prices are in %s, and currency is %q: they cannot be compared, and are left unknown", a.store.Currency, s.Currency)
	}
	if a.store.WithTax == nil && s.Prices != "" {
		a.warn("the store does not say whether its prices are entered with tax, and prices is %q: that cannot be held against it", s.Prices)
	}
	if with := a.store.WithTax; s.Prices != "" && with != nil && *with != (s.Prices == taxInclusive) {
		is := map[bool]string{true: taxInclusive, false: taxExclusive}[*with]
		a.warn("the store's prices are entered as %s, and prices is %q: prices of the two sides differ by the tax", is, s.Prices)
	}
}

// tellCurrency says what the prices are in, unless they are left unknown for it.
func (a *assembly) tellCurrency() {
	code := strings.ToUpper(a.store.Currency)
	if !currencyCode.MatchString(code) || a.foreign() {
		return
	}
	for _, f := range allFields() {
		if f.money() {
			a.w.Currency(f.Name, code)
		}
	}
}

// tellUnits says what weights and lengths are in.
func (a *assembly) tellUnits() {
	for i := range a.needs.columns {
		name := a.needs.columns[i].Name
		told := a.store.Lengths
		if name == "weight" {
			told = a.store.Weights
		}
		if unit, ok := catalog.ParseMeasure(told); ok && a.needs.columns[i].measure() {
			a.w.Unit(name, string(unit))
		}
	}
}

// foreign reports whether the store's prices are, or may be, in another currency than the setting currency says. An equal
// amount in another currency is not an equal price.
func (a *assembly) foreign() bool {
	is, want := a.store.Currency, a.source.Currency
	return want != "" && !strings.EqualFold(is, want)
}

// How prices are entered, as the setting prices says.
const (
	taxInclusive = "tax_inclusive"
	taxExclusive = "tax_exclusive"
)
