package starter

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// words are the names that other programs give a field's column, as plain writes them. A column by a sure name is the
// field's; one by a maybe name is asked about. AmberPOS's Product Number is neither: it is the vendor's code.
type words struct {
	field       string
	sure, maybe []string
}

// vocabulary lists the fields that are looked for, those first that decide more.
var vocabulary = []words{
	{"sku",
		list("sku skunumber skuno skucode itemsku productsku variantsku itemnumber itemnum itemno itemcode stocknumber stockno stockcode articlenumber articleno articlecode productcode"),
		list("item itemid article code productid productno partnumber partno number plu")},
	{"name",
		list("description name title itemname productname itemtitle producttitle itemdescription productdescription desc shortdescription"),
		list("item product label webname webtitle description1")},
	{"brand",
		list("brand brandname manufacturer manufacturername maker mfr mfg vendor vendorname"),
		list("supplier make label")},
	{"price",
		list("regularsellprice sellprice sellingprice sell price retail regularprice unitprice currentprice storeprice"),
		list("retailprice listprice msrp rrp price1 pricea")},
	{"qoh",
		list("qoh onhand qtyonhand quantityonhand stockonhand soh stock qty quantity instock stocklevel stockqty stockquantity inventory inventorylevel inventoryquantity currentstock"),
		list("available qtyavailable qtyavl availableqty availablequantity count units")},
	{"parent_sku",
		list("parentsku parent parentitem parentitemnumber parentcode parentnumber mastersku masteritem"),
		list("stylenumber styleno handle groupcode")},
	{"options", list("options option variantoptions itemoptions"), nil},
	{"sale_price", list("specialprice special saleprice sale promoprice promotionalprice discountprice"), nil},
	{"cost_price", list("listcost cost costprice unitcost lastcost averagecost avgcost buyprice"), nil},
	{"retail_price", list("msrp rrp srp suggestedretail suggestedretailprice manufacturersuggestedretailprice"), nil},
	{"upc", list("lookups lookup upc upccode barcode barcodes ean ean13 eancode gtin"), nil},
	{"bin", list("instorelocation bin binnumber binlocation binpickingnumber shelf"), nil},
	{"weight", list("weight itemweight unitweight shippingweight weightkg weightlb weightlbs"), nil},
}

// optionNames are columns that hold one option of a variant each.
var optionNames = list("size colour color flavour flavor material pattern finish scent style")

func list(s string) []string { return strings.Fields(s) }

// plain returns a column's name as it is compared with the vocabulary: letters and digits only, in lower case, without
// what stands in brackets. "Qty. On-Hand (Main)" is qtyonhand.
func plain(column string) string {
	depth := 0
	return strings.Map(func(r rune) rune {
		switch {
		case r == '(' || r == '[':
			depth++
		case r == ')' || r == ']':
			depth--
		case depth <= 0 && (unicode.IsLetter(r) || unicode.IsDigit(r)):
			return unicode.ToLower(r)
		}
		return -1
	}, norm.NFC.String(column))
}

// named returns the columns whose plain name is one of the names, in the order of the names.
func named(columns, names []string) []string {
	var found []string
	for _, name := range names {
		for _, column := range columns {
			if plain(column) == name && !slices.Contains(found, column) {
				found = append(found, column)
			}
		}
	}
	return found
}
