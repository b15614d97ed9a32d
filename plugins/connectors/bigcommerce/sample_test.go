package bigcommerce

import (
	"encoding/csv"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/reconcilehq/reconcile/engine/catalog"
)

// sampleCells says what the sample shows: the codes that are not synchronized, "ok" where all are, a status where the
// item is not compared.
var sampleCells = map[string]string{
	"BK-ROAD-52": "ok", "BK-ROAD-54": "ok", "BK-ROAD-56": "ok", "BELL-BR": "ok",
	"LIGHT-F": "P", "LIGHT-R": "B",
	"HELMET-S": "IV", "HELMET-M": "IV", "HELMET-L": "pos_only", // the store lacks one size
	"TEE-BLK-M": "ok", "TEE-BLK-L": "ok", "TEE-RED-XXL": "P", // the larger size costs more, the store has one price
	"LOCK-U": "Q",                    // the order that might explain it is imported
	"PUMP-F": "QP", "TUBE-700": "QP", // the second counts what was not refunded
	"CHAIN-11": "ok", // an un-imported order, but equal quantities
	"CASS-11":  "Q",  // the order that might explain it was cancelled
	"SADDLE-G": "QN", "SADDLE-L": "ok",
	"PANNIER-2": "NS", "SAC-ETE": "ok", "FRAME-TK": "P",
	"LABOUR-TUNE":  "pos_only",
	"GTR-STRAT-MN": "P", // intentional
	"GTR-TELE-RW":  "ok",
	"UKE-S":        "NS", "UKE-C": "N",
	"STRINGS-10": "duplicate", "": "no_key",
	"PICK-M": "N", "0042": "ok", "AMP-20": "Q P", "METRO-1": "ok",
	"GIFT-50":   "B", // and quantities do not apply
	"VINYL-KIT": "store_only",
}

// TestSample judges the sample as the shipped rules do, and so holds the inventory file and the store together.
func TestSample(t *testing.T) {
	source, err := configured(t, settings{"sandbox": true, "imported_through": 1000})
	if err != nil {
		t.Fatal(err)
	}
	store := map[string]item{}
	got := read(t, source, "sku", "name", "brand", "price", "qoh", "pending", "options", "variation")
	if got.err != nil {
		t.Fatal(got.err)
	}
	for _, it := range got.items {
		store[it["sku"]] = it
	}
	cells := map[string]string{}
	for sku, pos := range sampleInventory(t) {
		switch web, there := store[sku]; {
		case sku == "":
			cells[sku] = "no_key"
		case pos == nil:
			cells[sku] = "duplicate"
		case !there:
			cells[sku] = "pos_only"
		default:
			cells[sku] = judge(t, pos, web)
		}
		delete(store, sku)
	}
	for sku := range store {
		cells[sku] = "store_only"
	}
	if diff := cmp.Diff(sampleCells, cells); diff != "" {
		t.Errorf("cells (-want +got):\n%s", diff)
	}
}

// sampleInventory reads the file by SKU; nil for a SKU that occurs twice.
func sampleInventory(t *testing.T) map[string]item {
	t.Helper()
	file, err := os.Open("../../../docs/sample/inventory.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	items, parents := map[string]item{}, map[string]*catalog.VariationBuilder{}
	for _, row := range rows[1:] {
		it := item{}
		for i, column := range rows[0] {
			it[column] = row[i]
		}
		if _, twice := items[it["SKU"]]; twice {
			items[it["SKU"]] = nil
			continue
		}
		items[it["SKU"]] = it
		if parent := it["Parent Sku"]; parent != "" {
			options, err := catalog.ParseOptions(it["Options"])
			if err != nil {
				t.Fatal(err)
			}
			if parents[parent] == nil {
				parents[parent] = &catalog.VariationBuilder{}
			}
			parents[parent].Add(options)
		}
	}
	for _, it := range items {
		if b := parents[it["Parent Sku"]]; b != nil {
			it["variation"] = catalog.ListValue(b.List()).Text()
		}
	}
	return items
}

// judge returns the codes that are not synchronized.
func judge(t *testing.T, pos, store item) string {
	t.Helper()
	number := func(text string) catalog.Decimal { return *decimal(t, strings.ReplaceAll(text, ",", "")) }
	var codes []string
	say := func(code string, when bool) {
		if when {
			codes = append(codes, code)
		}
	}
	appended := store["name"] == pos["Description"]+" "+pos["SKU"]
	say("NS", appended)
	say("N", pos["Description"] != store["name"] && !appended)
	options, err := catalog.ParseOptions(pos["Options"])
	if err != nil {
		t.Fatal(err)
	}
	say("IV", pos["variation"] != store["variation"] || catalog.FormatOptions(options) != store["options"])
	say("B", !strings.EqualFold(strings.TrimSpace(pos["Brand"]), strings.TrimSpace(store["brand"])))
	if store["qoh"] != "" {
		here, there, pending := number(pos["QOH"]), number(store["qoh"]), number(store["pending"])
		explained := pending.Sign() > 0 && here.Sub(pending).Equal(there)
		switch {
		case here.Equal(there):
		case here.Sign() < 0:
			say("QN", true)
		default:
			say("QP", explained)
			say("Q", !explained)
		}
	}
	say("P", !number(pos["Regular Sell Price"]).Equal(number(store["price"])))
	if codes == nil {
		return "ok"
	}
	return strings.Join(codes, " ")
}
