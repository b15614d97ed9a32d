package emulator

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/reconcilehq/reconcile/engine/catalog"
)

// numbers returns where a product's optional numbers are, by the API's names.
func (p *Product) numbers() map[string]**catalog.Decimal {
	return map[string]**catalog.Decimal{"sale_price": &p.Sale, "cost_price": &p.Cost, "retail_price": &p.Retail,
		"weight": &p.Weight, "width": &p.Width, "height": &p.Height, "depth": &p.Depth}
}

// numbers returns where a variant's numbers are, by the API's names.
func (v *Variant) numbers() map[string]**catalog.Decimal {
	return map[string]**catalog.Decimal{"price": &v.Price, "sale_price": &v.Sale, "cost_price": &v.Cost, "retail_price": &v.Retail,
		"weight": &v.Weight, "width": &v.Width, "height": &v.Height, "depth": &v.Depth}
}

// setCode sets a product's code or bin, and that of its base variant.
func (p *Product) setCode(field, text string) {
	if field == "upc" {
		p.UPC = text
	} else {
		p.Bin = text
	}
	if p.base != nil {
		p.base.UPC, p.base.Bin = p.UPC, p.Bin
	}
}

// kept is how many digits behind the point the store keeps.
const kept = 4

// amountOf reads a number of at least 0, as the store keeps it.
func amountOf(value json.RawMessage) (catalog.Decimal, bool) {
	if len(value) == 0 || value[0] == '"' || string(value) == "null" {
		return catalog.Decimal{}, false
	}
	var d catalog.Decimal
	err := json.Unmarshal(value, &d)
	return d.Round(kept), err == nil && d.Sign() >= 0
}

func wholeOf(value json.RawMessage) (int64, bool) {
	var n int64
	err := json.Unmarshal(value, &n)
	return n, err == nil && string(value) != "null"
}

// codeOf reads a code or a bin.
func codeOf(field string, value json.RawMessage) (string, bool) {
	var text string
	if string(value) == "null" || json.Unmarshal(value, &text) != nil {
		return "", false
	}
	return text, len([]rune(text)) <= map[string]int{"upc": 14, "bin_picking_number": 255}[field]
}

// putVariants answers PUT /v3/catalog/variants. It is all or nothing, unless the server takes parts of batches.
func (s *Server) putVariants(w http.ResponseWriter, r *http.Request) {
	entries, ok := s.batch(w, r, mostVariants)
	if !ok {
		return
	}
	var good []*Variant
	var wrong []problem
	plans := make([][]edit, len(entries))
	for i, entry := range entries {
		v, edits, why := s.planVariant(entry)
		if why != nil {
			why.at = i
			wrong = append(wrong, *why)
			continue
		}
		good, plans[i] = append(good, v), edits
	}
	if len(wrong) > 0 && (!s.writing.partial || len(good) == 0) {
		s.refuseVariants(w, wrong)
		return
	}
	s.makeAll(plans)
	data := make([]byte, 0, len(good)*512)
	for i, v := range good {
		if i > 0 {
			data = append(data, ',')
		}
		v.product.Modified = s.now().UTC().Format(time.RFC3339)
		v.product.modified, _ = time.Parse(time.RFC3339, v.product.Modified) // it was just written
		data = s.appendVariant(data, v, nil)
	}
	if len(wrong) > 0 {
		s.refuseVariants(w, wrong)
		return
	}
	sendJSON(w, http.StatusOK, append(append([]byte(`{"data":[`), data...), `],"meta":{}}`...))
}

// refuseVariants refuses a batch as the API does for variants: with each problem.
func (s *Server) refuseVariants(w http.ResponseWriter, wrong []problem) {
	var errors []map[string]any
	for _, p := range wrong {
		title := fmt.Sprintf("Entry %d: %s %s", p.at, p.field, p.text)
		if s.writing.vague {
			title = p.field + " " + p.text
		}
		errors = append(errors, map[string]any{"status": p.status, "title": title, "type": "about:blank", "errors": map[string]any{}})
	}
	send(w, http.StatusUnprocessableEntity, map[string]any{"batch_errors": errors})
}

// planVariant looks at what is to be changed of a variant.
func (s *Server) planVariant(entry map[string]json.RawMessage) (*Variant, []edit, *problem) {
	id, ok := wholeOf(entry["id"])
	at, found := slices.BinarySearchFunc(s.index.variants, id, func(v *Variant, id int64) int { return cmp.Compare(v.ID, id) })
	if !ok || !found || s.index.variants[at].product == nil {
		return nil, nil, &problem{status: http.StatusNotFound, field: "id", text: "is of no variant"}
	}
	v := s.index.variants[at]
	var edits []edit
	for _, field := range slices.Sorted(maps.Keys(entry)) {
		if field == "id" {
			continue
		}
		change, why := s.planVariantField(v, field, entry[field])
		if why == nil {
			why = s.refusal(variantEntry(id), field, entry[field])
		}
		if why != nil {
			why.field = field
			return nil, nil, why
		}
		edits = append(edits, edit{Written{variantEntry(id), field}, change})
	}
	return v, edits, nil
}

func (s *Server) planVariantField(v *Variant, field string, value json.RawMessage) (func(), *problem) {
	unfit := func(text string) (func(), *problem) {
		return nil, &problem{status: http.StatusUnprocessableEntity, text: text}
	}
	if v == v.product.base { // what it has is its product's
		if string(value) == "null" {
			return unfit("of a base variant cannot be null")
		}
		return s.planProductField(v.product, field, value, nil)
	}
	if field == "upc" || field == "bin_picking_number" {
		text, ok := codeOf(field, value)
		if !ok {
			return unfit("must be a short text")
		}
		return func() {
			if field == "upc" {
				v.UPC = text
			} else {
				v.Bin = text
			}
		}, nil
	}
	at := v.numbers()[field]
	if at == nil {
		return unfit("is not a field that can be changed here")
	}
	if string(value) == "null" {
		return func() { *at = nil }, nil
	}
	d, ok := amountOf(value)
	if !ok {
		return unfit("must be a number of at least 0, or null")
	}
	return func() { *at = &d }, nil
}
