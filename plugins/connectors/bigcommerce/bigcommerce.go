// Package bigcommerce is the connector for BigCommerce stores. It reads the catalogue and the stock. If it is told which
// web orders the point of sale has imported, it also reads the units on the other orders. Read-only scopes for products, inventory,
// orders and store information are enough for that. It changes the store only where it is asked to, with a token of its own.
//
// One item is one variant, which is what BigCommerce sells. A product without options has one variant, its base variant.
// Products are read in the order of their identifiers, and each page is asked for by the last identifier received: so no
// page shifts when the catalogue changes meanwhile. In the end the number of variants is compared with the store's own.
package bigcommerce

import (
	"context"
	"sync"

	"github.com/reconcilehq/reconcile/plugins/connectors/bigcommerce/api"
	"github.com/reconcilehq/reconcile/plugins/sdk"
	"github.com/reconcilehq/reconcile/plugins/sdk/locations"
	"github.com/reconcilehq/reconcile/plugins/sdk/pull"
	"github.com/reconcilehq/reconcile/plugins/sdk/webapi"
)

// Connector returns the connector "bigcommerce".
func Connector() sdk.Connector {
	return sdk.Connector{Name: "bigcommerce", Version: sdk.Version,
		Doc: "Reads a BigCommerce store: products, variants, brands, stock, and units on web orders not yet imported.",
		New: func() sdk.Source { return &Source{} }}
}

// Source is a store, as a source block describes it.
type Source struct {
	StoreHash   string `setting:"store_hash" doc:"The store's hash: the abc123 in https://store-abc123.mybigcommerce.com. Required unless sandbox is true."`
	AccessToken string `setting:"access_token,sensitive,live" doc:"The access token of a store-level API account with the read-only scopes Products, Store Inventory, Orders and Information & Settings. Required unless sandbox is true."`
	APIURL      string `setting:"api_url" default:"https://api.bigcommerce.com" doc:"The API's address; /stores/{store_hash}/v3/ and /v2/ follow it."`

	WriteAccessToken string `setting:"write_access_token,sensitive,live,apply" doc:"The access token with which changes are made, of an API account with the scopes Products (modify) and Store Inventory (modify). It is needed where a plan is applied: nothing else ever sees it."`

	locations.Settings

	Currency string `setting:"currency,live" doc:"The currency of the prices that the store's are compared with, such as CAD. Where the store's are in another one they are left unknown (null), with a warning."`
	Prices   string `setting:"prices,live" values:"tax_inclusive|tax_exclusive" doc:"Whether the prices that the store's are compared with hold tax. A warning tells where the store's are entered the other way."`

	ImportedThrough  *int64   `setting:"imported_through,live" doc:"The number of the last web order that the point of sale has imported: it and all before it count as imported."`
	ImportedIDsFile  string   `setting:"imported_ids_file,path,live,imported" doc:"A file of imported web orders: one number a line, or a CSV file with a column named id. Lines that begin with # are comments. reconcile orders imported adds to it."`
	ImportedStatuses []string `setting:"imported_statuses,live" doc:"The order statuses, by name or number, that the point of sale sets on import. To spare reading all orders ever placed, set imported_through as well."`
	IgnoreStatuses   []string `setting:"ignore_statuses,live" default:"Refunded,Cancelled,Declined,RefundedFullOffline,RefundedPartialOffline,Error,DeclinedFixed" doc:"The order statuses, by name or number, whose orders take nothing out of stock. Incomplete (an abandoned checkout) and deleted orders never do."`

	FullRefresh string `setting:"full_refresh,live" default:"24h" doc:"How old the last full read of the store may be when its Local Copy is refreshed, such as 24h or 90m; after that, everything is read again. What a refresh cannot see is as late as this at most."`

	QuotaShare float64 `setting:"quota_share,live" default:"0.95" doc:"How much of the store's API quota may be used, from 0 to 1. The rest is always left to the store's other apps; what they are seen to use is left to them as well, up to half of the quota."`

	webapi.Pace

	Sandbox        bool   `setting:"sandbox" doc:"Read a sample store that this program serves itself, in place of a real one."`
	SandboxCatalog string `setting:"sandbox_catalog,path" doc:"A JSON file with the sandbox's store, in place of the sample."`

	clock       webapi.Clock
	pages       pageSizes // the usual ones if they are not set
	imported    imported
	fullRefresh pull.FullRefresh
	sandbox     sandbox
	once        sync.Once
	client      *webapi.Client
	failed      error
	places      places
	ahead       ahead
}

// pageSizes are how many entries are asked for at a time.
type pageSizes struct {
	products, variants, brands, stock, orders int

	parallel int // from how many pages of products on they are read at the same time; 0: the usual number
}

// usualPages are the largest pages that the API gives.
var usualPages = pageSizes{products: 250, variants: 250, brands: 250, stock: 1000, orders: 250}

// Entries of these types are validated: one that lacks a required member makes the whole answer broken.
var (
	_ api.Validator = (*productAnswer)(nil)
	_ api.Validator = (*listedProduct)(nil)
	_ api.Validator = (*variantAnswer)(nil)
	_ api.Validator = (*brandAnswer)(nil)
	_ api.Validator = (*stockAnswer)(nil)
)

// These are optional abilities of a source.
var (
	_ sdk.Configurer   = (*Source)(nil)
	_ sdk.Checker      = (*Source)(nil)
	_ sdk.ItemPager    = (*Source)(nil)
	_ sdk.ColumnReader = (*Source)(nil)
	_ sdk.Confined     = (*Source)(nil)
	_ sdk.Applier      = (*Source)(nil)
	_ sdk.OrderReader  = (*Source)(nil)
)

// Needs implements sdk.Confined. Configure has read the files that the settings name.
func (s *Source) Needs() sdk.Needs {
	needs := sdk.Needs{Network: true, Serves: s.Sandbox}
	if kept := s.sandbox.file; s.Sandbox && kept != nil && kept.Folder != "" {
		needs.Write = []string{kept.Folder}
	}
	return needs
}

// Schema returns the fields, which are the same for every store.
func (s *Source) Schema(context.Context) ([]sdk.Field, error) {
	fields := make([]sdk.Field, len(allFields()))
	for i, f := range allFields() {
		fields[i] = f.Field
	}
	return fields, nil
}

// ItemPage implements sdk.ItemPager: it is where the store's control panel has the product, with its variants. A sandbox and a store at
// another address have no such panel.
func (s *Source) ItemPage() string {
	if s.Sandbox || s.APIURL != usualAPIURL {
		return ""
	}
	return "https://store-" + s.StoreHash + ".mybigcommerce.com/manage/products/edit/{product_id}"
}

// connect returns the client. With sandbox = true it starts the sandbox first.
func (s *Source) connect(ctx context.Context) (*webapi.Client, error) {
	s.once.Do(func() {
		base, hash, token := s.APIURL, s.StoreHash, s.AccessToken
		if s.Sandbox {
			// The sandbox outlives the call that happens to need it first: it ends with the process.
			base, s.failed = s.sandbox.start(context.WithoutCancel(ctx))
			hash, token = s.sandbox.credentials()
		}
		if s.clock == nil {
			s.clock = webapi.WallClock{}
		}
		if s.pages == (pageSizes{}) {
			s.pages = usualPages
		}
		s.client = api.New(api.Config{URL: base, StoreHash: hash, Token: token, Share: s.QuotaShare, Pace: s.Pace, Clock: s.clock, ScopeOf: scopeFor})
	})
	return s.client, s.failed
}
