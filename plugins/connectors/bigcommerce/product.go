package bigcommerce

import (
	"cmp"
	"errors"
	"fmt"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/plugins/sdk"
	"github.com/reconcilehq/reconcile/plugins/sdk/pack"
	"github.com/reconcilehq/reconcile/plugins/sdk/webapi"
)

// product is a product with its variants: those of its values that fields are made of.
type product struct {
	ID      int64
	SKU     string
	Name    string
	BrandID int64
	measures
	Tracking     string
	UPC          string
	Bin          string
	Visible      *bool
	Availability string
	Modified     string
	Path         string // of its page
	Variants     []variant
}

// How a product's stock is tracked: not at all, for each variant, or for all of its variants together.
const (
	untracked       = "none"
	trackedAsWhole  = "product"
	trackedVariants = "variant"
)

// measures are the numbers that a variant inherits from its product where its own are null.
type measures struct {
	Price  *sdk.Decimal
	Sale   *sdk.Decimal
	Cost   *sdk.Decimal
	Retail *sdk.Decimal
	Weight *sdk.Decimal
	Width  *sdk.Decimal
	Height *sdk.Decimal
	Depth  *sdk.Decimal
}

// all returns pointers to all of them, in a fixed order.
func (m *measures) all() [8]**sdk.Decimal {
	return [...]**sdk.Decimal{&m.Price, &m.Sale, &m.Cost, &m.Retail, &m.Weight, &m.Width, &m.Height, &m.Depth}
}

// tracked reports whether the product's stock is tracked. known is false if the API does not say, or says something that
// this connector does not know.
func (p *product) tracked() (tracked, known bool) {
	switch p.Tracking {
	case untracked:
		return false, true
	case trackedAsWhole, trackedVariants:
		return true, true
	}
	return false, false
}

// variation returns the option structure of the product's variants.
func (p *product) variation() []string {
	var b catalog.VariationBuilder
	for i := range p.Variants {
		b.Add(p.Variants[i].options())
	}
	return b.List()
}

// skuOf returns a variant's SKU. A base variant without one has that of its product, which it stands for.
func (p *product) skuOf(v *variant) string {
	if v.SKU == "" && v.isBase() && len(p.Variants) == 1 {
		return p.SKU
	}
	return v.SKU
}

// variant is a variant. A number that is nil is the product's.
type variant struct {
	ID        int64
	ProductID int64
	SKU       string
	measures
	UPC    string
	Bin    string
	Values []optionValue
}

// optionValue is what a variant has of one option.
type optionValue struct{ Option, Label string }

// isBase reports whether the variant stands for a product without options.
func (v *variant) isBase() bool { return len(v.Values) == 0 }

func (v *variant) options() []sdk.Entry {
	entries := make([]sdk.Entry, len(v.Values))
	for i, o := range v.Values {
		entries[i] = sdk.Entry{Key: o.Option, Value: o.Label}
	}
	return entries
}

// productAnswer is a product as V3 answers it.
type productAnswer struct {
	ID      webapi.Whole `json:"id"`
	SKU     webapi.Text  `json:"sku"`
	Name    webapi.Text  `json:"name"`
	BrandID webapi.Whole `json:"brand_id"`
	measuresAnswer
	Tracking     webapi.Text `json:"inventory_tracking"`
	UPC          webapi.Text `json:"upc"`
	Bin          webapi.Text `json:"bin_picking_number"`
	Visible      *bool       `json:"is_visible"`
	Availability webapi.Text `json:"availability"`
	Modified     webapi.Text `json:"date_modified"`
	Custom       struct {
		URL webapi.Text `json:"url"`
	} `json:"custom_url"`
	Variants []variantAnswer `json:"variants"` // nil if the answer has none at all
}

// Validate checks what every answer has, whatever was asked for.
func (a *productAnswer) Validate() error {
	if !a.ID.Identifies() {
		return errors.New("it has a product without its id")
	}
	for i := range a.Variants {
		v := &a.Variants[i]
		if err := v.check(); err != nil {
			return fmt.Errorf("product %d: %w", a.ID.Value, err)
		}
		if of := v.ProductID; of.Given == webapi.Present && of.Value != a.ID.Value {
			return fmt.Errorf("product %d comes with variant %d of product %d", a.ID.Value, v.ID.Value, of.Value)
		}
	}
	return nil
}

// product returns what the answer says. asked are the fields that were asked for, by the API's names. It is an error if one
// is absent that every product has.
func (a *productAnswer) product(asked []string) (product, error) {
	p := product{ID: a.ID.Value, SKU: a.SKU.Value, Name: a.Name.Value, BrandID: a.BrandID.Value, measures: a.values(),
		Tracking: a.Tracking.Value, UPC: a.UPC.Value, Bin: a.Bin.Value, Visible: a.Visible, Availability: a.Availability.Value,
		Modified: a.Modified.Value, Path: a.Custom.URL.Value}
	for _, name := range asked {
		if a.lacks(name) {
			return p, fmt.Errorf("product %d comes without its %s", p.ID, name)
		}
	}
	if a.Variants != nil {
		p.Variants = make([]variant, len(a.Variants))
	}
	for i := range a.Variants {
		var err error
		if p.Variants[i], err = a.Variants[i].variant(asked); err != nil {
			return p, fmt.Errorf("product %d: %w", p.ID, err)
		}
	}
	return p, nil
}

// lacks reports whether a required field is absent. Fields that may be unknown are not required.
func (a *productAnswer) lacks(name string) bool {
	switch name {
	case "sku":
		return a.SKU.Given == webapi.Absent
	case "name":
		return a.Name.Given != webapi.Present
	case "brand_id": // 0 or null where there is none
		return a.BrandID.Given == webapi.Absent || a.BrandID.Value < 0
	case "availability":
		return a.Availability.Given != webapi.Present
	case "upc":
		return a.UPC.Given == webapi.Absent
	case "bin_picking_number":
		return a.Bin.Given == webapi.Absent
	}
	return a.measuresAnswer.lacks(name)
}

// measuresAnswer are the numbers that products and variants have.
type measuresAnswer struct {
	Price  webapi.Amount `json:"price"`
	Sale   webapi.Amount `json:"sale_price"`
	Cost   webapi.Amount `json:"cost_price"`
	Retail webapi.Amount `json:"retail_price"`
	Weight webapi.Amount `json:"weight"`
	Width  webapi.Amount `json:"width"`
	Height webapi.Amount `json:"height"`
	Depth  webapi.Amount `json:"depth"`
}

func (a *measuresAnswer) values() measures {
	return measures{a.Price.Value, a.Sale.Value, a.Cost.Value, a.Retail.Value, a.Weight.Value, a.Width.Value, a.Height.Value, a.Depth.Value}
}

// lacks reports whether the number with this name is absent, or an empty text. A null is neither: it says that there is none, or of a variant
// that it is the product's, which an empty text does not say.
func (a *measuresAnswer) lacks(name string) bool {
	var number *webapi.Amount
	switch name {
	case "price":
		number = &a.Price
	case "sale_price":
		number = &a.Sale
	case "cost_price":
		number = &a.Cost
	case "retail_price":
		number = &a.Retail
	case "weight":
		number = &a.Weight
	case "width":
		number = &a.Width
	case "height":
		number = &a.Height
	case "depth":
		number = &a.Depth
	}
	return number != nil && (number.Given == webapi.Absent || number.Given == webapi.Empty)
}

// variantAnswer is a variant as V3 answers it. A number that is null is the product's.
type variantAnswer struct {
	ID        webapi.Whole `json:"id"`
	ProductID webapi.Whole `json:"product_id"` // 0 of those that deleted products have left behind
	SKU       webapi.Text  `json:"sku"`
	measuresAnswer
	UPC    webapi.Text         `json:"upc"`
	Bin    webapi.Text         `json:"bin_picking_number"`
	Values []optionValueAnswer `json:"option_values"` // none of a base variant
}

type optionValueAnswer struct {
	Option webapi.Text `json:"option_display_name"`
	Label  webapi.Text `json:"label"`
}

// Validate checks an entry of the list of variants.
func (a *variantAnswer) Validate() error {
	if err := a.check(); err != nil {
		return err
	}
	if a.ProductID.Given != webapi.Present || a.ProductID.Value < 0 {
		return fmt.Errorf("variant %d comes without its product_id", a.ID.Value)
	}
	return nil
}

// check checks what every variant has.
func (a *variantAnswer) check() error {
	lacks := ""
	switch {
	case !a.ID.Identifies():
		return errors.New("it has a variant without its id")
	case a.SKU.Given == webapi.Absent:
		lacks = "sku"
	case a.Values == nil: // without them it would be taken for a base variant
		lacks = "option_values"
	}
	for _, o := range a.Values {
		if o.Option.Given != webapi.Present || o.Label.Given != webapi.Present {
			lacks = cmp.Or(lacks, "options' names and labels")
		}
	}
	if lacks != "" {
		return fmt.Errorf("variant %d comes without its %s", a.ID.Value, lacks)
	}
	return nil
}

// variant returns what the answer says, and fails as productAnswer.product does.
func (a *variantAnswer) variant(asked []string) (variant, error) {
	v := variant{ID: a.ID.Value, ProductID: a.ProductID.Value, SKU: a.SKU.Value, measures: a.values(), UPC: a.UPC.Value, Bin: a.Bin.Value}
	for _, name := range asked {
		if name == "upc" && a.UPC.Given == webapi.Absent || name == "bin_picking_number" && a.Bin.Given == webapi.Absent || a.lacks(name) {
			return v, fmt.Errorf("variant %d comes without its %s", v.ID, name)
		}
	}
	if len(a.Values) > 0 {
		v.Values = make([]optionValue, len(a.Values))
	}
	for i, o := range a.Values {
		v.Values[i] = optionValue{o.Option.Value, o.Label.Value}
	}
	return v, nil
}

// copyVersion is the version of all records. Raise it when a record gets another form, as product.record does with each new
// datum of a product: the host then pulls everything again, and does not misread older records.
const copyVersion = 2

// record begins with the number of variants, which a pull reads without the rest.
func (p *product) record(r *pack.Record) {
	pack.Length(r, &p.Variants)
	r.Text(&p.SKU)
	r.Text(&p.Name)
	r.Whole(&p.BrandID)
	p.measures.record(r)
	r.Text(&p.Tracking)
	r.Text(&p.UPC)
	r.Text(&p.Bin)
	r.Flag(&p.Visible)
	r.Text(&p.Availability)
	r.Text(&p.Modified)
	r.Text(&p.Path)
	for i := range p.Variants {
		p.Variants[i].record(r)
	}
}

func (v *variant) record(r *pack.Record) {
	r.Whole(&v.ID)
	r.Text(&v.SKU)
	v.measures.record(r)
	r.Text(&v.UPC)
	r.Text(&v.Bin)
	pack.Each(r, &v.Values, (*optionValue).record)
}

func (o *optionValue) record(r *pack.Record) {
	r.Text(&o.Option)
	r.Text(&o.Label)
}

func (m *measures) record(r *pack.Record) {
	for _, d := range m.all() {
		r.Decimal(d)
	}
}

// setID takes the identifier from a record's key.
func (p *product) setID(key string) (err error) {
	p.ID, err = idOf(key)
	for i := range p.Variants {
		p.Variants[i].ProductID = p.ID
	}
	return err
}
