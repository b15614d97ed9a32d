package file

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/reconcilehq/reconcile/plugins/sdk/sdktest"
)

// emptyText stands for a cell that holds a text of no characters.
const emptyText = "an empty text"

// TestMergedCells says that a cell which is one with those of a row above is not taken for an empty one, that no value is read which
// merged cells hide, and which merged cells do no harm.
func TestMergedCells(t *testing.T) {
	items := []string{`{"sku":"A","brand":"Lumo","price":5}`, `{"sku":"B","brand":"","price":null}`, `{"sku":"C","brand":"","price":7}`}
	rows := [][3]string{{"A", "Lumo", "5"}, {"B", "", ""}, {"C", "", "7"}}
	blank := [][3]string{{"A", "Lumo", "5"}, {"", "", ""}, {"B", "Zeta", "7"}}
	empty := [][3]string{{"A", "Lumo", "5"}, {"B", emptyText, "6"}, {"C", "", "7"}}
	hidden := [][3]string{{"A", "Lumo", "5"}, {"B", "Zeta", "6"}, {"C", "Vega", "7"}}
	const told, hides = "and row 3 has no value of its own there", "and what they hide is read: the value of row "
	for _, c := range []struct {
		name, fields string
		rows         [][3]string
		merged       []string
		want         []string
		err          string
	}{
		{"none", "", rows, nil, items, ""},
		{"a brand over two rows", "", rows, []string{"B2:B3"}, nil, `sheet "Stock": column "brand": the cells B2:B3 are merged, ` + told},
		{"a brand over two rows, the second of which has an empty text", "", empty, []string{"B2:B3"}, nil, `sheet "Stock": column "brand": the cells B2:B3 are merged, ` + told},
		{"an empty text", "", empty, nil, []string{items[0], `{"sku":"B","brand":"","price":6}`, items[2]}, ""},
		{"a price over two rows", "", rows, []string{"C2:C3"}, nil, `column "price": the cells C2:C3 are merged, ` + told},
		{"a SKU over two rows", "", [][3]string{{"A", "Lumo", "5"}, {"", "Zeta", "6"}}, []string{"A2:A3"}, nil, `column "sku": the cells A2:A3 are merged, ` + told},
		{"over rows and columns", "", rows, []string{"B2:C3"}, nil, `column "brand": the cells B2:C3 are merged, ` + told},
		{"the second of several", "", rows, []string{"A10:A20", "B3:B4", "C8:C9"}, nil, `column "brand": the cells B3:B4 are merged, and row 4 has no value`},
		{"cells that overlap", "", rows, []string{"B2:B2", "B1:B9", "B2:B9"}, nil, `the cells B1:B9 are merged, ` + hides + "2"},
		{"a field that nobody asks for", "sku price", rows, []string{"B2:B3"}, []string{`{"sku":"A","price":5}`, `{"sku":"B","price":null}`, `{"sku":"C","price":7}`}, ""},
		{"across", "", rows, []string{"B3:C3"}, items, ""},
		{"with the header", "", [][3]string{{"A", "", "5"}}, []string{"B1:B2"}, []string{`{"sku":"A","brand":"","price":5}`}, ""},
		{"items of two rows each", "", blank, []string{"A2:A3", "B2:B3", "C2:C3"}, []string{items[0], `{"sku":"B","brand":"Zeta","price":7}`}, ""},
		{"below the items", "", rows, []string{"B5:B9"}, items, ""},
		{"a brand that hides another", "", hidden, []string{"B2:B3"}, nil, `sheet "Stock": column "brand": the cells B2:B3 are merged, ` + hides + "3"},
		{"a brand that hides a price", "", hidden, []string{"B3:C3"}, nil, `column "price": the cells B3:C3 are merged, ` + hides + "3"},
		{"a SKU that hides its row", "", hidden, []string{"A4:C4"}, nil, `column "brand": the cells A4:C4 are merged, ` + hides + "4"},
		{"a SKU that hides another", "", hidden, []string{"A2:A3"}, nil, `column "sku": the cells A2:A3 are merged, ` + hides + "3"},
		{"a name that hides another", "", hidden, []string{"B1:C1"}, nil, `column "price": the cells B1:C1 are merged, ` + hides + "1"},
		{"the header that hides a value", "", hidden, []string{"C1:C2"}, nil, `column "price": the cells C1:C2 are merged, ` + hides + "2"},
		{"hidden values that nobody asks for", "sku price", hidden, []string{"B2:B4"}, []string{`{"sku":"A","price":5}`, `{"sku":"B","price":6}`, `{"sku":"C","price":7}`}, ""},
		{"no cells", "", rows, []string{"B2:"}, nil, `cells are merged as "B2:"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			var sheet strings.Builder
			sheet.WriteString(xmlHead + "<worksheet " + mainNS + "><sheetData>")
			for i, row := range append([][3]string{{"sku", "brand", "price"}}, c.rows...) {
				fmt.Fprintf(&sheet, `<row r="%d">`, i+1)
				for j, text := range row {
					switch {
					case text == emptyText:
						fmt.Fprintf(&sheet, `<c r="%c%d" t="str"><v></v></c>`, 'A'+j, i+1) // as some programs write what is covered
					case text == "" && j == 1:
						fmt.Fprintf(&sheet, `<c r="B%d" s="0"/>`, i+1) // an empty cell that is there, as one that only looks like something
					case text != "":
						fmt.Fprintf(&sheet, `<c r="%c%d" t="inlineStr"><is><t>%s</t></is></c>`, 'A'+j, i+1, text)
					}
				}
				sheet.WriteString("</row>")
			}
			sheet.WriteString("</sheetData><mergeCells>")
			for _, area := range c.merged {
				fmt.Fprintf(&sheet, `<mergeCell ref="%s"/>`, area)
			}
			sheet.WriteString("</mergeCells></worksheet>")
			t.Chdir(t.TempDir())
			if err := os.WriteFile("a.xlsx", zipped(t, bookParts([][3]string{{"Stock", "", sheet.String()}})), 0o600); err != nil {
				t.Fatal(err)
			}
			got, err := sdktest.Read(t.Context(), Connector(), sdktest.Settings{"path": "a.xlsx"}, strings.Fields(c.fields)...)
			if c.err != "" {
				if err == nil || !strings.Contains(err.Error(), c.err) {
					t.Errorf("%s, error %v, want %s", got.Items, err, c.err)
				}
				return
			}
			if diff := cmp.Diff(c.want, got.Items); err != nil || diff != "" {
				t.Errorf("%v (-want +got):\n%s", err, diff)
			}
		})
	}
}
