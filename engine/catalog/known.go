package catalog

import (
	"slices"
	"strings"
)

// Unit says what the numbers of a known field measure.
type Unit uint8

// The units.
const (
	NoUnit Unit = iota // it is no number
	Money              // in the source's currency
	Pieces
	Weight
	Length
)

// String returns the unit as words for a sentence: "a quantity".
func (u Unit) String() string {
	return [...]string{"no number", "an amount", "a quantity", "a weight", "a length"}[u]
}

// knownField is everything that is known about a field from its name.
type knownField struct {
	Field
	unit Unit

	// sure and maybe are names that other programs give the field's column, in letters and digits only. A column with a sure
	// name is the field's; for a column with a maybe name init asks. AmberPOS's Product Number is neither: it is the vendor's
	// code. If two fields have the same name for a column, the first counts.
	sure, maybe []string
}

func list(names string) []string { return strings.Fields(names) }

// known are the fields that have the same name and type in every connector.
var known = []knownField{
	{Field{"sku", String, "The item's stock keeping unit; the default key for pairing."}, NoUnit,
		list("sku skunumber skuno skucode itemsku productsku variantsku itemnumber itemnum itemno itemcode stocknumber stockno stockcode articlenumber articleno articlecode productcode artikelnummer artikelnr artikelno artnr artikelcode codearticle"),
		list("item itemid article code productid productno partnumber partno number plu artikel nummer bestellnummer bestellnr référence reference numéro")},
	{Field{"name", String, "The item's name."}, NoUnit,
		list("description name title itemname productname itemtitle producttitle itemdescription productdescription desc shortdescription bezeichnung artikelbezeichnung artikelname produktname produkttitel produktbezeichnung titel nom désignation designation libellé"),
		list("item product label webname webtitle description1 beschreibung artikel produkt produit")},
	{Field{"brand", String, "The brand's name."}, NoUnit,
		list("brand brandname manufacturer manufacturername maker mfr mfg vendor vendorname marke hersteller herstellername marque fabricant"),
		list("supplier make label lieferant fournisseur")},
	{Field{"price", Number, "The regular selling price, in the source's currency."}, Money,
		list("regularsellprice sellprice sellingprice sell price retail regularprice unitprice currentprice storeprice verkaufspreis vk vkpreis vkbrutto bruttopreis preis prix prixdevente"),
		list("retailprice listprice msrp rrp price1 pricea listenpreis ladenpreis uvp vk1")},
	{Field{"sale_price", Number, "The special price, in the source's currency; null if there is none."}, Money,
		list("specialprice special saleprice sale promoprice promotionalprice discountprice sonderpreis aktionspreis angebotspreis prixpromo"),
		nil},
	{Field{"cost_price", Number, "What the shop pays, in the source's currency; null if unknown."}, Money,
		list("listcost cost costprice unitcost lastcost averagecost avgcost buyprice ek ekpreis einkaufspreis prixdachat"),
		nil},
	{Field{"retail_price", Number, "The manufacturer's suggested retail price, in the source's currency; null if there is none."}, Money,
		list("msrp rrp srp suggestedretail suggestedretailprice manufacturersuggestedretailprice uvp"),
		nil},
	{Field{"qoh", Number, "The quantity on hand."}, Pieces,
		list("qoh onhand qtyonhand quantityonhand stockonhand soh stock qty quantity instock stocklevel stockqty stockquantity inventory inventorylevel inventoryquantity currentstock bestand lagerbestand artikelbestand menge quantité"),
		list("available qtyavailable qtyavl availableqty availablequantity count units verfügbar anzahl stückzahl disponible")},
	{Field{"pending", Number, "Units on web orders that the point of sale has not imported yet."}, Pieces, nil, nil},
	{Field{"safety_stock", Number, "Units on hand that are kept back from sale, and that qoh leaves out."}, Pieces, nil, nil},
	{Field{"tracked", Bool, "Whether stock is tracked for the item."}, NoUnit, nil, nil},
	{Field{"options", Map, "This variant's options: option name to value."}, NoUnit,
		list("options option variantoptions itemoptions optionen"),
		nil},
	{Field{"variation", List, "The parent's option structure: one Name=value|value entry an option, both sorted."}, NoUnit, nil, nil},
	{Field{"parent_sku", String, "The SKU of the product that this item is a variant of."}, NoUnit,
		list("parentsku parent parentitem parentitemnumber parentcode parentnumber mastersku masteritem hauptartikel hauptartikelnummer vaterartikel vaterartikelnummer elternartikel"),
		list("stylenumber styleno handle groupcode")},
	{Field{"upc", String, "The universal product code or another bar code."}, NoUnit,
		list("lookups lookup upc upccode barcode barcodes ean ean13 eancode gtin eannummer gtinean strichcode"),
		nil},
	{Field{"bin", String, "Where the item lies in the shop or the warehouse."}, NoUnit,
		list("instorelocation bin binnumber binlocation binpickingnumber shelf lagerplatz lagerort regal"),
		nil},
	{Field{"weight", Number, "The weight, in the source's unit."}, Weight,
		list("weight itemweight unitweight shippingweight weightkg weightlb weightlbs gewicht poids"),
		nil},
	{Field{"width", Number, "The width, in the source's unit."}, Length, nil, nil},
	{Field{"height", Number, "The height, in the source's unit."}, Length, nil, nil},
	{Field{"depth", Number, "The depth, in the source's unit."}, Length, nil, nil},
	{Field{"visible", Bool, "Whether customers can see the item."}, NoUnit, nil, nil},
	{Field{"id", String, "The platform's own identifier of the item."}, NoUnit, nil, nil},
	{Field{"url", String, "The address of the item's page."}, NoUnit, nil, nil},
	{Field{"modified_at", String, "When the item was last changed (RFC 3339)."}, NoUnit, nil, nil},
}

// KnownFields returns the fields that have the same name and type in every connector, in their usual order.
func KnownFields() []Field {
	fields := make([]Field, len(known))
	for i := range known {
		fields[i] = known[i].Field
	}
	return fields
}

// KnownField returns the known field of that name, and whether there is one.
func KnownField(name string) (Field, bool) {
	k := knownBy(name)
	return k.Field, k.Name != ""
}

// UnitOf returns the unit of a known field; NoUnit for all other fields.
func UnitOf(name string) Unit { return knownBy(name).unit }

// HeadersOf returns the names that other programs give a known field's column: those that are surely the field's, and those
// that may be. They have only lower-case letters and digits. Most fields have none.
func HeadersOf(name string) (sure, maybe []string) {
	k := knownBy(name)
	return slices.Clone(k.sure), slices.Clone(k.maybe)
}

func knownBy(name string) knownField {
	if i := slices.IndexFunc(known, func(k knownField) bool { return k.Name == name }); i >= 0 {
		return known[i]
	}
	return knownField{}
}
