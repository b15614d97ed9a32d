package starter

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// amber are the defaults of the connector for AmberPOS, as far as these tests need them.
var amber = []Default{{"sku", "SKU"}, {"name", "Description"}, {"brand", "Brand"}, {"price", "Regular Sell Price"},
	{"sale_price", "Special Price"}, {"qoh", "QOH"}, {"parent_sku", "Parent Sku"}, {"upc", "Lookups"}, {"options", "Options"}}

func TestMapping(t *testing.T) {
	for _, c := range []struct {
		name    string
		header  string
		set     string // field=column
		options string // name=column
		named   string
		ask     string // field(candidate|candidate); ! needed, ? open
		offer   string // option columns
		unused  string
	}{
		{name: "AmberPOS's own names", header: "SKU,Description,Brand,Regular Sell Price,QOH,Parent Sku,Options,Department", unused: "Department"},
		{name: "in any case", header: "sku, DESCRIPTION ,brand,regular sell price,qoh"},
		{name: "fields' own names", header: "sku,name,brand,price,qoh,Parent_SKU,Options"},
		{name: "others' names", header: "Item Number,Product Name,Manufacturer,Sell Price,On Hand,Barcode",
			named: "sku=Item Number name=Product Name brand=Manufacturer price=Sell Price qoh=On Hand upc=Barcode"},
		{name: "punctuation and brackets", header: "SKU #,Item-Title,Mfr.,Retail (CAD),Qty. on-hand [Main],E.A.N.",
			named: "sku=SKU # name=Item-Title brand=Mfr. price=Retail (CAD) qoh=Qty. on-hand [Main] upc=E.A.N."},
		{name: "underscores", header: "ITEM_NO,item_title,VENDOR,selling_price,stock_qty", named: "sku=ITEM_NO name=item_title brand=VENDOR price=selling_price qoh=stock_qty"},
		{name: "two candidates", header: "SKU,Name,Brand,Price,Qty,On Hand", ask: "qoh(On Hand|Qty)", unused: "Qty,On Hand"},
		{name: "two candidates for what no rule reads", header: "SKU,Name,Brand,Price,QOH,EAN,Barcode", named: "upc=Barcode", unused: "EAN"},
		{name: "perhaps", header: "Code,Name,Brand,Price,QOH", ask: "sku(Code)!", unused: "Code"},
		{name: "a description beside a name", header: "SKU,Description,Name,Brand,Price,QOH", ask: "name(Description|Name)", unused: "Description,Name"},
		{name: "answered", header: "SKU,Description,Name,Brand,Price,QOH", set: "name=name", named: "name=Name", unused: "Description"},
		{name: "answered by none", header: "SKU,Name,Brand,Price,Qty,On Hand", set: "qoh=", unused: "Qty,On Hand"},
		{name: "no SKU", header: "Name,Foo", ask: "sku()! brand()? price()? qoh()?", unused: "Foo"},
		{name: "a suggested price may be the price", header: "SKU,Name,Brand,Retail Price,QOH", ask: "price(Retail Price)"},
		{name: "and be both", header: "SKU,Name,Brand,Retail Price,QOH", set: "price=Retail Price", named: "price=Retail Price"},
		{name: "a taken column is nobody else's", header: "Item,Name,Brand,Price,QOH", set: "sku=Item", named: "sku=Item"},
		{name: "option columns", header: "SKU,Name,Brand,Price,QOH,Parent SKU,Size,Colour", offer: "Size Colour", unused: "Size,Colour"},
		{name: "taken", header: "SKU,Name,Brand,Price,QOH,Parent SKU,Size,Colour", options: "Size=size", unused: "Colour"},
		{name: "options stand together already", header: "SKU,Name,Brand,Price,QOH,Parent SKU,Options,Size", unused: "Size"},
		{name: "options without a parent", header: "SKU,Name,Brand,Price,QOH,Options,Foo", ask: "parent_sku()?", unused: "Foo"},
		{name: "a parent does not matter without options", header: "SKU,Name,Brand,Price,QOH,Foo", unused: "Foo"},
		{name: "fields of one's own", header: "SKU,Name,Brand,Price,QOH,Department", set: "department=Department", named: ""},
		{name: "under another name", header: "SKU,Name,Brand,Price,QOH,Dept.", set: "department=dept.", named: "department=Dept."},
		{name: "nameless columns do not count", header: "SKU,,Name, ,Brand,Price,QOH"},
		{name: "AmberPOS's Product Number is the vendor's", header: "SKU,Product Number,Name,Brand,Price,QOH", unused: "Product Number"},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := NewMapping(strings.Split(c.header, ","), amber)
			for _, pair := range strings.Split(c.set, ",") {
				if field, column, ok := strings.Cut(pair, "="); ok {
					if err := m.Set(field, column); err != nil {
						t.Fatal(err)
					}
				}
			}
			if name, column, ok := strings.Cut(c.options, "="); ok {
				if err := m.SetOption(name, column); err != nil {
					t.Fatal(err)
				}
			}
			want := []string{c.named, c.ask, c.offer, c.unused}
			got := []string{pairs(m.Named()), asking(m.Questions()), strings.Join(m.OptionColumns(), " "), strings.Join(m.Unused(), ",")}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("named, questions, options offered, unused (-want +got):\n%s", diff)
			}
		})
	}
}

func pairs(list []Default) string {
	var texts []string
	for _, d := range list {
		texts = append(texts, d.Field+"="+d.Column)
	}
	return strings.Join(texts, " ")
}

func asking(questions []Question) string {
	var texts []string
	for _, q := range questions {
		mark := ""
		if q.Needed {
			mark = "!"
		}
		if q.Open {
			mark += "?"
		}
		texts = append(texts, fmt.Sprintf("%s(%s)%s", q.Field, strings.Join(q.Candidates, "|"), mark))
	}
	return strings.Join(texts, " ")
}

func TestMappingRefuses(t *testing.T) {
	m := NewMapping([]string{"SKU", "Description"}, amber)
	for _, c := range []struct {
		name string
		err  error
		want string
	}{
		{"a column that is not there", m.Set("name", "Title"), `field name: there is no column "Title"; the columns are: "SKU", "Description"`},
		{"a field's name that rules cannot write", m.Set("On Hand", "SKU"), `"On Hand" cannot be a field's name`},
		{"an option's column that is not there", m.SetOption("Size", "Size"), `option Size: there is no column "Size"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.err == nil || !strings.HasPrefix(c.err.Error(), c.want) {
				t.Errorf("%v, want %s", c.err, c.want)
			}
		})
	}
}

func TestFieldForAColumn(t *testing.T) {
	for column, want := range map[string]string{"Größe": "groesse", "Référence": "reference", "Margin %": "margin", "2. Lager": "lager", "数量": "my_field"} {
		if got := fieldFor(column); got != want {
			t.Errorf("%s: %s, want %s", column, got, want)
		}
	}
}
