// Package restapi is the connector "rest": a platform whose API answers in JSON, declared in the configuration. Where it is, how to
// log in, how its lists are paged, and where in an answer each field stands are settings; there is no code for a platform.
//
// A read proves that it is whole, or fails: by a total, or by a last page that says that it is one. A value that is absent or of
// another type than its field is an error that names the item and the path; nothing is guessed.
package restapi

import (
	"context"
	"sync"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/plugins/sdk"
	"github.com/reconcilehq/reconcile/plugins/sdk/webapi"
)

// Connector returns the connector "rest".
func Connector() sdk.Connector {
	return sdk.Connector{Name: "rest", Version: sdk.Version,
		Doc: "Reads a catalogue from any API that answers in JSON: REST, or GraphQL over POST. The settings say how to log in, how lists are paged, and where in an answer each field stands.",
		New: func() sdk.Source { return &Source{} }}
}

// Source is an API, as a source block describes it.
type Source struct {
	BaseURL   string            `setting:"base_url,required" doc:"The address that path follows, such as https://shop.example/api. It is https; plain http is for this machine itself only, unless allow_http says otherwise."`
	AllowHTTP bool              `setting:"allow_http" doc:"Allow http to another machine: whoever sits in between reads the credentials and may change what the API answers."`
	Path      string            `setting:"path,required" doc:"The list, below base_url, with its query parameters: /products?status=any. Settings of the block page add theirs."`
	Method    string            `setting:"method" values:"GET|POST" doc:"How the list is asked for. Left out, POST where graphql or body is set, else GET."`
	Headers   map[string]string `setting:"headers" doc:"Headers of every request, as Name = \"value\". Credentials belong in the block auth, which keeps them out of messages."`
	Body      string            `setting:"body" doc:"The body of every request for the list, a JSON object."`
	GraphQL   string            `setting:"graphql" doc:"A GraphQL query. It is sent with POST; the block page fills the variables that it names. Any entry in an answer's errors fails the read."`
	Variables map[string]string `setting:"variables" doc:"Variables of the GraphQL query, as name = \"text\". Values of other types can stand in the query itself."`
	Errors    string            `setting:"errors" doc:"A path to what an answer with status 200 says where it is an error: what it selects fails the read, null aside. $.error.message, for example."`

	Parents      string            `setting:"parents" doc:"The path of products in an answer, where their variants stand within them: $.products[*]. The block page then counts products, and items is a path within a product."`
	Items        string            `setting:"items,required" doc:"The path of the items in an answer, one node an item: $.variants[*]."`
	Fields       map[string]string `setting:"fields,required,live" doc:"Where each field stands in an item, as field = \"$.path\". A field sku is required."`
	ParentFields map[string]string `setting:"parent_fields,live" doc:"The same for fields that stand in the product: name = \"$.title\". It needs parents."`
	Constants    map[string]string `setting:"constants,live" doc:"Fields that have the same value for every item, as field = \"value\"."`
	OptionFields map[string]string `setting:"option_fields,live" doc:"Options that stand in places of their own, as Name = \"$.path\". The block options reads those that stand in a list."`
	Types        map[string]string `setting:"types,live" doc:"The types of fields that reconcile does not know, as field = \"number\" (or string, bool, list, map); they are strings if nothing is said."`
	Optional     []string          `setting:"optional,live" doc:"Fields whose path may select nothing: the value is then null, or empty. For any other field that is an error. The word items stands for a product's list of items, and options for an item's list of options: where it is absent or null it is empty."`
	Combine      map[string]string `setting:"combine,live" doc:"What becomes of several values that a field's path selects: sum, min or max of numbers, any or all of bools. Several values are an error where nothing is said. Where one of them is null, so is the result."`
	Scale        map[string]string `setting:"scale,live" doc:"Numbers in minor units, as field = \"digits\": price = \"2\" makes 1999 the price 19.99. A number with decimals is an error then."`
	Words        map[string]string `setting:"words,live" doc:"What words of the answer mean, as field = \"word:value|word:value\": visible = \"ACTIVE:true|DRAFT:false\". No value behind the colon means unknown."`
	Currency     string            `setting:"currency,live" doc:"The currency of all prices, as its code, such as CAD."`
	CurrencyPath string            `setting:"currency_path,live" doc:"The path of the currency's code in an item. Items in two currencies fail the read."`
	WeightUnit   string            `setting:"weight_unit,live" values:"mg|g|kg|t|oz|lb" doc:"The unit of weights. The run fails where a rule would compare weights in two units as they are."`
	LengthUnit   string            `setting:"length_unit,live" values:"mm|cm|m|in|ft|yd" doc:"The unit of width, height and depth."`
	OnBadItem    string            `setting:"on_bad_item,live" default:"fail" values:"fail|skip" doc:"What to do about an item that cannot be read: fail the run, or skip the item: a warning tells, and the item is reported as unreadable, not as missing."`
	AllowEmpty   bool              `setting:"allow_empty,live" doc:"Take an answer without any item for an empty catalogue, also where no total of the block page says that there are 0 entries. Left out, it is an error: many APIs answer so where the credentials do not reach."`

	Options *options       `setting:"options" doc:"The options of a variant, where they stand in a list of the item. The field options is made of them, and the field variation where the parent is known."`
	Auth    *auth          `setting:"auth" doc:"How to log in; nothing is sent if it is left out."`
	Page    page           `setting:"page,required" doc:"How the list comes in pages, and how a read knows that it has all of them."`
	Since   *sinceSettings `setting:"since" doc:"Keep a Local Copy, of which only what the platform says has changed is read again."`

	webapi.Pace

	plan      *plan
	paging    *pagePlan
	method    string
	body      map[string]any
	errors    *path // what is an error in an answer; nil if only GraphQL says
	tokenPath *path
	clock     webapi.Clock // of tests

	once   sync.Once
	client *webapi.Client
	signs  webapi.Auth

	mu     sync.Mutex
	tokens []string // that logins gave
}

// These are optional abilities of a source.
var (
	_ sdk.Configurer   = (*Source)(nil)
	_ sdk.Checker      = (*Source)(nil)
	_ sdk.ColumnReader = (*Source)(nil)
	_ sdk.Confined     = (*Source)(nil)
)

// Needs implements sdk.Confined: it reads no file.
func (s *Source) Needs() sdk.Needs { return sdk.Needs{Network: true} }

// Schema returns the fields that the settings name.
func (s *Source) Schema(context.Context) ([]sdk.Field, error) {
	fields := make([]sdk.Field, 0, len(s.plan.fields))
	for _, f := range s.plan.fields {
		doc := ""
		if known, ok := catalog.KnownField(f.field.Name); ok {
			doc = known.Doc + " "
		}
		field := f.field
		field.Doc = doc + f.where() + "."
		fields = append(fields, field)
	}
	return fields, nil
}
