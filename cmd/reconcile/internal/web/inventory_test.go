package web

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/xuri/excelize/v2"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/store"
)

// newInventory returns a site whose shop has a run of goods, and a browser of somebody with that role.
func newInventory(t *testing.T, role store.Role) (*site, *shop, *http.Client) {
	t.Helper()
	of := newShop(t, firstOf(goods()), secondOf(goods()))
	of.run()
	s := newSite(t, Options{Shop: of})
	return s, of, s.user("Ann", role)
}

func firstOf(a, _ shelf) shelf  { return a }
func secondOf(_, b shelf) shelf { return b }

var skuLink = regexp.MustCompile(`data-item>(?:<span class="quiet">)?([^<]*)<`)

// skus are the SKUs of the rows of a page, in order.
func skus(text string) string {
	var list []string
	for _, m := range skuLink.FindAllStringSubmatch(text, -1) {
		list = append(list, m[1])
	}
	return strings.Join(list, " ")
}

// TestDecimals has both sides' prices have as many decimals, where one of them alone says in which currency they are.
func TestDecimals(t *testing.T) {
	of := newShop(t, firstOf(goods()), secondOf(goods()))
	of.currency = "CAD"
	of.run()
	s := newSite(t, Options{Shop: of})
	if page := s.get(s.user("Ann", store.Viewer), "/inventory/bigcommerce?show=rule.P"); !strings.Contains(page.text, "<em>price</em> <b>1299.00</b> ≠ <b>1199.00</b>") {
		t.Errorf("the prices are\n%s", page.text)
	}
}

// TestNoItems says of two sides without items that they are empty, and not that a filter is.
func TestNoItems(t *testing.T) {
	nothing := shelf(func(func(good) bool) {})
	of := newShop(t, nothing, nothing)
	of.run()
	s := newSite(t, Options{Shop: of})
	page := s.get(s.user("Ann", store.Viewer), "/inventory/bigcommerce")
	if !strings.Contains(page.text, "neither has an item") || !strings.Contains(page.text, "amberpos shop and bigcommerce web") || strings.Contains(page.text, "Show all items") {
		t.Errorf("%d\n%s", page.status, page.text)
	}
}

func TestInventory(t *testing.T) {
	s, _, b := newInventory(t, store.Viewer)
	page := s.get(b, "/inventory/bigcommerce?details=1")
	if page.status != http.StatusOK {
		t.Fatalf("%d\n%s", page.status, page.text)
	}
	for _, want := range []string{
		"<b>amberpos</b><span class=\"role\">master</span>", `Display Discrepancy Details</label>`, `Search</span>`,
		`title="Price"`, `title="Price: not synchronized. price: amberpos 49.95, bigcommerce 44.95"><span class="c N">N</span>`,
		`title="Quantity on hand: synchronized, the difference is explained by QP"`,
		`intentional, &#34;vendor sets the web price&#34;: Fender sets the price of its instruments online`,
		`title="Quantity on hand: not checked, unknown: pos.qoh, store.qoh"`,
		`Only in amberpos: not linked online`, `Only in bigcommerce: amberpos does not know it`, `Key not unique: which one is meant?`, `No key: nothing to pair by`,
		`<em>price</em> <b>49.95</b> ≠ <b>44.95</b>`, `<em>qoh</em> <b>5</b> ≠ <b>4</b></span><span><em>pending</em> <b>1</b> in bigcommerce`, `19 of 19 items`, `title="Name, SKU appended: not synchronized (info)`,
	} {
		if !strings.Contains(page.text, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	if n := strings.Count(s.get(b, "/inventory/bigcommerce?show=all").text, "data-since>"); n != 2 {
		t.Errorf("%d items say since when they are not synchronized, of 2 of which that is known", n)
	}
	if strings.Contains(page.text, `<script>document`) || strings.Contains(page.text, " style=") {
		t.Error("the page has a script of the data, or a style that the policy forbids")
	}
	if t.Failed() {
		t.Log(page.text)
	}
}

// TestFilters holds what each filter shows against the count that it promises.
func TestFilters(t *testing.T) {
	s, of, b := newInventory(t, store.Viewer)
	of.run() // so that there is a run before
	link := regexp.MustCompile(`<a href="([^"]*)" data-go[^>]*><span>([^<]*)</span>(?:<kbd[^>]*>[^<]*</kbd>)?<span class="n">(\d+)</span>`)
	found := link.FindAllStringSubmatch(s.get(b, "/inventory/bigcommerce").text, -1)
	for _, m := range found {
		page := s.get(b, strings.ReplaceAll(m[1], "&amp;", "&"))
		if !strings.Contains(page.text, `role="status">`+m[3]+" of 19 items") || strings.Count(page.text, "data-item>") != atoi(t, m[3]) {
			t.Errorf("%s promises %s items, and shows %s", m[2], m[3], skus(page.text))
		}
		if !strings.Contains(page.text, `aria-current="true"`) {
			t.Errorf("nothing says that %s is chosen", m[2])
		}
	}
	if len(found) < 16 {
		t.Errorf("there are only %d filters: %v", len(found), found)
	}
}

func atoi(t *testing.T, s string) (n int) {
	t.Helper()
	for _, c := range s {
		n = 10*n + int(c-'0')
	}
	return n
}

func TestQueries(t *testing.T) {
	s, of, b := newInventory(t, store.Viewer)
	of.run()
	for query, want := range map[string]string{
		"show=rule.P":                     "BK-ROAD-54 LIGHT-F",
		"show=rule.P&sort=-sku":           "LIGHT-F BK-ROAD-54",
		"show=new":                        "LIGHT-R",
		"show=not_checked":                "GIFT-50",
		"show=intentional":                "GTR-STRAT-MN",
		"show=duplicate":                  "STRINGS-10 STRINGS-10 STRINGS-10",
		"show=no_key":                     "(none)",
		"show=no such filter":             "",
		"q=LIGHT":                         "LIGHT-F LIGHT-R",
		"q=helmet&show=pos_only":          "HELMET-L",
		"q=helmet&show=rule.IV":           "HELMET-S",
		"q=nothing":                       "",
		"q=bike&sort=rule.P":              "BK-ROAD-54 BK-ROAD-52",
		"q=bike&sort=-rule.P":             "BK-ROAD-52 BK-ROAD-54",
		"q=bike&sort=-name":               "BK-ROAD-54 BK-ROAD-52",
		"q=bike&row=2":                    "BK-ROAD-54",
		"q=bike&row=99999999999999999999": "BK-ROAD-52 BK-ROAD-54",
		"q=bike&row=70":                   "BK-ROAD-52 BK-ROAD-54", // beyond the end
		"q=bike&run=run-1&sort=item":      "BK-ROAD-54 BK-ROAD-52",
	} {
		address := "/inventory/bigcommerce?" + strings.ReplaceAll(query, " ", "%20")
		page := s.get(b, address)
		if got := skus(page.text); page.status != http.StatusOK || got != want {
			t.Errorf("%s: %d, %s; want %s", query, page.status, got, want)
		}
		if part := s.get(b, strings.Replace(address, "?", "/rows?", 1)); skus(part.text) != want || strings.Contains(part.text, "<html") {
			t.Errorf("the rows of %s: %s", query, part.text)
		}
	}
	for address, want := range map[string]int{"/inventory/bigcommerce?run=nosuch": 404, "/inventory/nosuch": 404, "/inventory/outlet": 200, "/inventory/outlet/rows": 404} {
		if page := s.get(b, address); page.status != want {
			t.Errorf("%s: %d, want %d", address, page.status, want)
		}
	}
}

func TestWhyOfItems(t *testing.T) {
	s, _, b := newInventory(t, store.Viewer)
	for query, want := range map[string][]string{
		"item=LIGHT-F":                      {"amberpos, price", ">49.95<", ">44.95<", "when pos.price != store.price", "Re-upload the item.", "49.95 != 44.95", "differs from"},
		"item=LIGHT-F&at=2":                 {"Front Light 400 lm"}, // another place than it has: another run's
		"item=LIGHT-F&rule=Q":               {"Quantity on hand: synchronized", "equals"},
		"item=PUMP-F":                       {"Quantity on hand: synchronized, explained by QP", "It explains Q"},
		"item=GTR-STRAT-MN":                 {"Intentional by “vendor sets the web price”"},
		"item=GIFT-50":                      {"not checked", ">unknown<"},
		"item=HELMET-L":                     {"not linked online", "upload it, or link it", `<dt>price</dt><dd dir="auto">79</dd>`},
		"item=STRINGS-10":                   {"Key not unique", "old listing", `data-twin>`, ">in bigcommerce<"},
		"item=&at=14":                       {"(no SKU)", "Give it a SKU"},
		"item=BELL-BR":                      {"The values themselves were not kept"},
		"item=NO-SUCH":                      {"This run has no such item", "NO-SUCH"},
		"item=" + url.QueryEscape(`<b>&"'`): {"&lt;b&gt;&amp;"},
	} {
		for _, address := range []string{"/inventory/bigcommerce?", "/inventory/bigcommerce/why?"} {
			page := s.get(b, address+query)
			_, text, _ := strings.Cut(page.text, `<aside class="drawer"`)
			for _, part := range want {
				if page.status != http.StatusOK || !strings.Contains(text, part) {
					t.Errorf("%s%s: %d, lacks %s in\n%s", address, query, page.status, part, text)
				}
			}
		}
	}
}

func TestImport(t *testing.T) {
	of := newShop(t, firstOf(goods()), secondOf(goods()))
	s := newSite(t, Options{Shop: of})
	viewer, operator := s.user("Eve", store.Viewer), s.user("Ann", store.Operator)
	if r := s.post(viewer, "/inventory/bigcommerce/import"); r.status != http.StatusForbidden || len(of.kept) != 0 {
		t.Errorf("a viewer imports: %d", r.status)
	}
	if r := s.get(viewer, "/"); !strings.Contains(r.text, "id=\"import\" disabled aria-describedby=\"import-no\">Import Skus") || strings.Contains(r.text, "/import\"") {
		t.Errorf("a viewer is offered to import:\n%s", r.text)
	}
	if r := s.get(operator, "/"); !strings.Contains(r.text, ">BigCommerce</button>") || !strings.Contains(r.text, "never imported") {
		t.Errorf("an operator is not offered to import:\n%s", r.text)
	}
	if r := s.get(operator, "/inventory/bigcommerce"); !strings.Contains(r.text, "Nothing has been compared yet") {
		t.Errorf("before the first import:\n%s", r.text)
	}
	of.slow = true
	if r := s.post(operator, "/inventory/bigcommerce/import"); r.status != http.StatusSeeOther || r.Header.Get("Location") != "/inventory/bigcommerce" {
		t.Fatalf("import: %d\n%s", r.status, r.text)
	}
	for _, address := range []string{"/inventory/bigcommerce", "/inventory/bigcommerce/band"} {
		if r := s.get(viewer, address); !strings.Contains(r.text, "20 of 32 items, 138 of 150 requests left") || !strings.Contains(r.text, "data-busy") {
			t.Errorf("%s while importing:\n%s", address, r.text)
		}
	}
	of.finish()
	if r := s.get(viewer, "/inventory/bigcommerce/band"); strings.Contains(r.text, "data-busy") || r.Header.Get("X-Last-Run") != "run-1" {
		t.Errorf("after the import: %v\n%s", r.Header, r.text)
	}
	of.fail = "page 1 of GET /v3/catalog/brands: 401 Unauthorized"
	if r := s.get(viewer, "/inventory/bigcommerce"); !strings.Contains(r.text, "401 Unauthorized") || !strings.Contains(r.text, "LIGHT-F") {
		t.Errorf("after a failure:\n%s", r.text)
	}
}

// TestDownload has files say what the table says, no more and no less. The page's menu leads to the API: there is one place that writes them.
func TestDownload(t *testing.T) {
	of := newShop(t, firstOf(goods()), secondOf(goods()))
	of.run()
	s := newSite(t, Options{Shop: of, Records: records{of}})
	b := s.user("Ann", store.Viewer)
	file := func(format, query string) got {
		t.Helper()
		page := s.get(b, "/inventory/bigcommerce"+query)
		for _, m := range regexp.MustCompile(`href="(/api/v1/runs/[^"]*)" download`).FindAllStringSubmatch(page.text, -1) {
			if link := strings.ReplaceAll(m[1], "&amp;", "&"); strings.Contains(link, "format="+format+"&") || strings.HasSuffix(link, "format="+format) {
				return s.get(b, link)
			}
		}
		t.Fatalf("the page has no link to a download as %s", format)
		return got{}
	}
	r := file("csv", "?show=rule.P&sort=-sku&details=1&item=LIGHT-F&row=2")
	lines := strings.Split(strings.TrimPrefix(r.text, "\ufeff"), "\n")
	if len(lines) != 4 || !strings.HasPrefix(lines[0], "sku,name,status,N,NS,IV,B,Q,QP,QN,P,pos.") || !strings.HasPrefix(lines[1], "LIGHT-F,") || !strings.HasPrefix(lines[2], "BK-ROAD-54,") || !strings.Contains(lines[1], "49.95") {
		t.Errorf("%q", lines)
	}
	if got, want := r.Header.Get("Content-Disposition"), "attachment; filename=bigcommerce-"+of.made.UTC().Format("2006-01-02")+".csv"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	// Of synchronized items no values are kept: a file with them has none.
	for _, query := range []string{"?show=all", "?show=synchronized", "?q=BK-ROAD"} {
		r = file("csv", query)
		if head, _, _ := strings.Cut(r.text, "\n"); r.status != http.StatusOK || head != "\ufeffsku,name,status,N,NS,IV,B,Q,QP,QN,P,unknown" || !strings.Contains(r.text, "\nBK-ROAD-52,Strada Road Bike,matched,S,S,S,S,S,S,S,S,\n") {
			t.Errorf("%s: %d\n%s", query, r.status, r.text)
		}
	}
	r = file("xlsx", "?show=rule.P")
	book, err := excelize.OpenReader(strings.NewReader(r.text))
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	for _, sheet := range book.GetSheetList() {
		rows, err := book.GetRows(sheet)
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range rows {
			for _, cell := range row {
				found[cell] = true
			}
		}
	}
	if !found["LIGHT-F"] || !found["BK-ROAD-54"] || found["LIGHT-R"] || found["BK-ROAD-52"] {
		t.Errorf("the workbook has %v", found)
	}
	for format, want := range map[string][2]string{"json": {"?show=duplicate", `"STRINGS-10"`}, "ndjson": {"?q=oud", `"OUD-7"`}, "html": {"?show=all", "LIGHT-F"}} {
		if r := file(format, want[0]); r.status != http.StatusOK || !strings.Contains(r.text, want[1]) {
			t.Errorf("%s: %d\n%s", format, r.status, r.text)
		}
	}
	for _, address := range []string{"run-1/download?format=exe", "run-1/download?values=some", "run-1/download?bom=0"} {
		if r := s.get(b, "/api/v1/runs/"+address); r.status != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d", address, r.status)
		}
	}
	if r := s.get(b, "/api/v1/runs/nosuch/download"); r.status != http.StatusNotFound {
		t.Errorf("no such run: %d", r.status)
	}
	if r := s.get(s.browser(), "/api/v1/runs/run-1/download"); r.status != http.StatusUnauthorized {
		t.Errorf("a stranger: %d", r.status)
	}
}

// TestManyRuns has many look at more runs than stay open, and at one whose file was damaged for a while.
func TestManyRuns(t *testing.T) {
	s, of, b := newInventory(t, store.Viewer)
	for range 11 {
		of.run()
	}
	damaged := of.kept[3].Path
	good, err := os.ReadFile(damaged)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(damaged, good[:len(good)/2], 0o600); err != nil {
		t.Fatal(err)
	}
	if r := s.get(b, "/inventory/bigcommerce?run=run-4"); r.status != http.StatusInternalServerError || strings.Contains(r.text, "BELL-BR") {
		t.Errorf("a damaged run: %d\n%s", r.status, r.text)
	}
	if err := os.WriteFile(damaged, good, 0o600); err != nil {
		t.Fatal(err)
	}
	var working sync.WaitGroup
	for w := range 6 {
		working.Go(func() {
			for i := range 24 {
				address := fmt.Sprintf("/inventory/bigcommerce?run=run-%d&sort=name&show=rule.P", (w*5+i)%12+1)
				if r := s.get(b, address); r.status != http.StatusOK || skus(r.text) != "LIGHT-F BK-ROAD-54" {
					t.Errorf("%s: %d, %s", address, r.status, skus(r.text))
				}
			}
		})
	}
	working.Wait()
}
