package plan_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/change"
	"github.com/reconcilehq/reconcile/engine/plan"
)

const priceRule = "rule \"P\" {\n  when = pos.price != store.price\n  field = \"prices\"\n  remedy \"upload\" {\n    price = pos.price\n  }\n}\n"

const stockRules = `
rule "Q" {
  when = pos.qoh != store.qoh
  remedy "upload" {
    qoh = max(pos.qoh - coalesce(store.pending, 0), 0)
  }
}
`

// brief says of a plan what is done, what waits, what people have to do and what is left out, each on a line.
func brief(p *plan.Plan) (lines []string) {
	for _, c := range p.Changes {
		line := fmt.Sprintf("%s: %s %s %s -> %s for %s", c.Step, c.SKU, c.Field, c.Expected.Text(), c.Will.Text(), strings.Join(c.Rules, "+"))
		if len(c.Also) > 0 {
			line += " also " + strings.Join(c.Also, "+")
		}
		lines = append(lines, line)
	}
	for _, d := range p.Deferred {
		lines = append(lines, fmt.Sprintf("deferred: %s %s for %s waits for %s %s", d.SKU, d.Field, strings.Join(d.Rules, "+"), d.WaitsFor, d.Act))
	}
	for _, t := range p.Tasks {
		lines = append(lines, strings.TrimSpace(fmt.Sprintf("task: %s %s %s %s %s", t.Step, t.SKU, t.Rule, t.Field, t.Value)))
	}
	for _, l := range p.LeftOut {
		lines = append(lines, strings.Join(strings.Fields(fmt.Sprintf("left out: %s %s %s %s", l.SKU, l.Field, strings.Join(l.Rules, "+"), l.Reason)), " "))
	}
	for _, s := range p.Stops {
		lines = append(lines, strings.TrimSpace(fmt.Sprintf("stop: %s %s", s.Brake, strings.Join(s.SKUs, "+"))))
	}
	return lines
}

// pair returns an item of each side that differ as told, and are equal otherwise.
func pair(sku string, pos, store item) shop {
	base := func(more item) item {
		it := item{"sku": text(sku), "name": text("Bell"), "price": number("10"), "qoh": number("5"), "cost_price": number("1")}
		for name, v := range more {
			it[name] = v
		}
		return it
	}
	return shop{[]item{base(pos)}, []item{base(store)}}
}

func shops(of ...shop) (s shop) {
	for _, o := range of {
		s.pos, s.store = append(s.pos, o.pos...), append(s.store, o.store...)
	}
	return s
}

func TestMake(t *testing.T) {
	null := catalog.NullValue(catalog.Number)
	zero := catalog.Int(0)
	price := func(pos, store string) shop {
		return pair("A-1", item{"price": number(pos)}, item{"price": number(store)})
	}
	for _, c := range []struct {
		name, rules string
		shop        shop
		job         func(*plan.Job)
		want        []string
	}{
		{"nothing differs", priceRule, price("10", "10"), nil, nil},
		{"a price", priceRule, price("12.5", "10"), nil, []string{"item_fields: A-1 price 10 -> 12.5 for P"}},
		{"the store has none", priceRule + "rule \"Z\" {\n  when = store.price == null && pos.price > 0\n  remedy \"upload\" {\n    price = pos.price\n  }\n}\n", pair("A-1", nil, item{"price": null}), nil,
			[]string{"item_fields: A-1 price  -> 10 for Z"}},
		{"unknown in the point of sale is never 0", strings.Replace(priceRule, "pos.price != store.price", "store.price > 0", 1), pair("A-1", item{"price": null}, nil), nil, []string{"left out: A-1 price P unknown"}},
		{"what coalesce says is meant", strings.Replace(strings.Replace(priceRule, "pos.price != store.price", "store.price > 0", 1), "price = pos.price", "price = coalesce(pos.price, 0)", 1), pair("A-1", item{"price": null}, nil), nil,
			[]string{"item_fields: A-1 price 10 -> 0 for P", "stop: max_price_factor A-1"}},
		{"an empty name", "rule \"N\" {\n  when = pos.name != store.name\n  remedy \"upload\" {\n    name = pos.name\n  }\n}\n", pair("A-1", item{"name": text(" ")}, nil), nil, []string{"left out: A-1 name N empty"}},
		{"no remedy", "rule \"P\" {\n  when = pos.price != store.price\n}\n", price("12", "10"), nil, []string{"left out: A-1 P no_remedy"}},
		{"nothing to do", "rule \"P\" {\n  when = pos.price != store.price\n  remedy \"none\" {}\n}\n", price("12", "10"), nil, nil},
		{"what is only told", "rule \"P\" {\n  severity = \"info\"\n  when = pos.price != store.price\n}\n", price("12", "10"), nil, nil},
		{"intentional", priceRule + "intentional \"x\" {\n  rules = [\"P\"]\n  reason = \"so\"\n}\n", price("12", "10"), nil, nil},
		{"explained", priceRule + "rule \"X\" {\n  explains = [\"P\"]\n  when = pos.price == 12\n  remedy \"correct\" {}\n}\n", price("12", "10"), nil, []string{"task: correct A-1 X"}},
		{"one cell stays red", "rule \"P\" {\n  when = pos.price != store.price || pos.name != store.name\n  remedy \"upload\" {\n    price = pos.price\n  }\n}\n",
			pair("A-1", item{"price": number("12"), "name": text("x")}, nil), nil, []string{"left out: A-1 price P stays_red"}},
		{"another turns red", priceRule + "rule \"C\" {\n  when = store.price > 11\n}\n", price("12", "10"), nil, []string{"left out: A-1 price P turns_red"}},
		{"one cell stays red, and that is allowed", "rule \"P\" {\n  when = pos.price != store.price || pos.name != store.name\n  remedy \"upload\" {\n    price = pos.price\n  }\n}\n",
			pair("A-1", item{"price": number("12"), "name": text("x")}, nil), func(j *plan.Job) { j.Allowed = []string{"stays_red"} }, []string{"item_fields: A-1 price 10 -> 12 for P", "left out: A-1 P stays_red"}},
		{"another turns red, and that is allowed", priceRule + "rule \"C\" {\n  when = store.price > 11\n}\n", price("12", "10"), func(j *plan.Job) { j.Allowed = []string{"turns_red"} }, []string{"item_fields: A-1 price 10 -> 12 for P", "left out: A-1 C no_remedy"}},
		{"what is allowed is not what it is", priceRule + "rule \"C\" {\n  when = store.price > 11\n}\n", price("12", "10"), func(j *plan.Job) { j.Allowed = []string{"stays_red"} }, []string{"left out: A-1 price P turns_red"}},
		{"another cannot be checked any more", priceRule + "rule \"C\" {\n  when = 1 / (store.price - 12) > 5\n}\n", price("12", "10"), nil, []string{"left out: A-1 price P turns_red"}},
		{"two together do what one cannot", "rule \"A\" {\n  when = store.price != store.cost_price && pos.price != 10\n  remedy \"upload\" {\n    price = pos.price\n    cost_price = pos.price\n  }\n}\n",
			pair("A-1", item{"price": number("12")}, nil), nil, []string{"item_fields: A-1 price 10 -> 12 for A", "item_fields: A-1 cost_price 1 -> 12 for A", "stop: max_price_factor A-1"}},
		{"two rules want different values", priceRule + "rule \"X\" {\n  when = pos.price != store.price\n  remedy \"upload\" {\n    price = pos.price + 1\n  }\n}\n", price("12", "10"), nil, []string{"left out: A-1 price P+X disputed"}},
		{"two rules want the same", priceRule + strings.Replace(priceRule, "\"P\"", "\"X\"", 1), price("12", "10"), nil, []string{"item_fields: A-1 price 10 -> 12 for P+X"}},
		{"a negative quantity waits for a person", stockRules + "rule \"QN\" {\n  when = pos.qoh < 0\n  remedy \"correct\" {}\n}\n", pair("A-1", item{"qoh": number("-1")}, nil), nil,
			[]string{"deferred: A-1 qoh for Q waits for QN correct", "task: correct A-1 QN"}},
		{"orders that are not imported", stockRules + priceRule + "rule \"QP\" {\n  when = store.pending > 0 && pos.qoh - store.pending == store.qoh\n  explains = [\"Q\"]\n  remedy \"import_orders\" {}\n}\n",
			pair("A-1", item{"price": number("12")}, item{"qoh": number("3"), "pending": number("2")}), nil, []string{"item_fields: A-1 price 10 -> 12 for P", "task: import_orders A-1 QP"}},
		{"what waited for a person does not any more", stockRules + priceRule + "rule \"X\" {\n  when = pos.qoh != store.qoh\n  remedy \"correct\" {}\n}\nintentional \"x\" {\n  rules = [\"X\"]\n  where = pos.price == store.price\n  reason = \"so\"\n}\n",
			pair("A-1", item{"price": number("12"), "qoh": number("4")}, nil), nil, []string{"item_fields: A-1 price 10 -> 12 for P", "quantities: A-1 qoh 5 -> 4 for Q"}},
		{"quantities come last", stockRules + priceRule, pair("A-1", item{"price": number("12"), "qoh": number("4")}, nil), nil,
			[]string{"item_fields: A-1 price 10 -> 12 for P", "quantities: A-1 qoh 5 -> 4 for Q"}},
		{"the rule that is chosen", priceRule + stockRules, pair("A-1", item{"price": number("12"), "qoh": number("4")}, nil), func(j *plan.Job) { j.Choice.Rules = []string{"Q"} }, []string{"quantities: A-1 qoh 5 -> 4 for Q"}},
		{"the item that is chosen", priceRule, shops(price("12", "10"), pair("A-2", item{"price": number("13")}, nil)), func(j *plan.Job) { j.SKUs = []string{"A-2"} }, []string{"item_fields: A-2 price 10 -> 13 for P"}},
		{"websync off", "websync {\n  prices = \"off\"\n}\n" + priceRule, price("12", "10"), nil, nil},
		{"websync manual", "websync {\n  prices = \"manual\"\n}\n" + priceRule, price("12", "10"), nil, []string{"left out: A-1 P not_chosen"}},
		{"websync manual, and chosen by item", "websync {\n  prices = \"manual\"\n}\n" + priceRule, price("12", "10"), func(j *plan.Job) { j.SKUs = []string{"A-1"} }, []string{"item_fields: A-1 price 10 -> 12 for P"}},
		{"websync manual, and chosen by rule", "websync {\n  prices = \"manual\"\n}\n" + priceRule, price("12", "10"), func(j *plan.Job) { j.Choice.Rules = []string{"P"} }, []string{"item_fields: A-1 price 10 -> 12 for P"}},
		{"a field that never changes", "brakes {\n  never = [\"price\"]\n}\n" + priceRule, price("12", "10"), nil, []string{"left out: A-1 price P never"}},
		{"a field that the connector does not write", priceRule, price("12", "10"), func(j *plan.Job) { j.Writable = map[string]change.Writable{} }, []string{"task: correct A-1 P price 12"}},
		{"the platform rounds", strings.Replace(priceRule, "pos.price != store.price", "abs(pos.price - store.price) > 0.01", 1), price("12.345", "10"), func(j *plan.Job) { j.Writable = map[string]change.Writable{"price": {Scale: 2}} },
			[]string{"item_fields: A-1 price 10 -> 12.35 for P"}},
		{"what it rounds to is not the same", priceRule, price("12.345", "10"), func(j *plan.Job) { j.Writable = map[string]change.Writable{"price": {Scale: 2}} }, []string{"left out: A-1 price P stays_red"}},
		{"the platform takes no such value", priceRule, price("-1", "10"), func(j *plan.Job) { j.Writable = map[string]change.Writable{"price": {Scale: 2, Min: &zero}} }, []string{"left out: A-1 price P limit"}},
		{"a sibling that agrees", priceRule, siblings("12", "12", ""), shared, []string{"product_fields: V-1 price 10 -> 12 for P", "product_fields: V-2 price 10 -> 12 for P"}},
		{"a sibling that wants another value", priceRule, siblings("12", "13", ""), shared, []string{"left out: V-1 price P siblings", "left out: V-2 price P siblings"}},
		{"a sibling that would turn red", priceRule, siblings("12", "10", ""), shared, []string{"left out: V-1 price P siblings"}},
		{"a sibling that nobody compares", strings.Replace(priceRule, "when =", "applies = coalesce(store.tracked, true)\n  when =", 1), siblings("12", "10", "no"), shared, []string{"product_fields: V-1 price 10 -> 12 for P also V-2"}},
		{"a sibling that is meant to differ", priceRule + "intentional \"x\" {\n  rules = [\"P\"]\n  skus = [\"V-2\"]\n  reason = \"so\"\n}\n", siblings("12", "11", ""), shared,
			[]string{"product_fields: V-1 price 10 -> 12 for P also V-2"}},
		{"a sibling that is meant to have another value", priceRule + "intentional \"x\" {\n  rules = [\"P\"]\n  skus = [\"V-2\"]\n  reason = \"so\"\n  where = store.price == 10\n}\n", siblings("12", "11", ""), shared,
			[]string{"left out: V-1 price P siblings"}},
		{"a factor in a price", priceRule, price("31", "10"), nil, []string{"item_fields: A-1 price 10 -> 31 for P", "stop: max_price_factor A-1"}},
		{"just not the factor", priceRule, price("30", "10"), nil, []string{"item_fields: A-1 price 10 -> 30 for P"}},
		{"a factor downwards", priceRule, price("3", "10"), nil, []string{"item_fields: A-1 price 10 -> 3 for P", "stop: max_price_factor A-1"}},
		{"a factor that is allowed", priceRule, price("31", "10"), func(j *plan.Job) { j.Allowed = []string{"max_price_factor"} }, []string{"item_fields: A-1 price 10 -> 31 for P"}},
		{"no change is allowed", "brakes {\n  max_changes = 0\n}\n" + priceRule, price("12", "10"), nil, []string{"item_fields: A-1 price 10 -> 12 for P", "stop: max_changes"}},
		{"nothing may become 0", "brakes {\n  max_to_zero = 0\n}\n" + stockRules, pair("A-1", item{"qoh": number("0")}, nil), nil, []string{"quantities: A-1 qoh 5 -> 0 for Q", "stop: max_to_zero A-1"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			config, p := compile(t, t.TempDir(), c.rules)
			made := made(t, config, p, c.shop, c.job)
			if diff := cmp.Diff(c.want, brief(made)); diff != "" {
				t.Errorf("the plan (-want +got):\n%s", diff)
			}
			if may := len(made.Changes) > 0 && len(made.Stops) == 0; made.MayRun() != may {
				t.Errorf("it may run: %v", made.MayRun())
			}
			for _, change := range made.Changes {
				if change.Why == "" || change.Now == nil {
					t.Errorf("nothing says why: %+v", change)
				}
			}
		})
	}
}

// siblings are two variants of one parent whose price in the store is 10.
func siblings(first, second, tracked string) shop {
	variant := func(sku, price string) shop {
		s := pair(sku, item{"price": number(price)}, item{"parent_sku": text("V")})
		if tracked != "" && sku == "V-2" {
			s.store[0]["tracked"] = catalog.BoolValue(false)
		}
		return s
	}
	return shops(variant("V-1", first), variant("V-2", second))
}

func shared(j *plan.Job) {
	j.Writable = map[string]change.Writable{"price": {Scale: -1, Parent: true}}
}

// TestShare: the share of the items counts from some changes on.
func TestShare(t *testing.T) {
	config, p := compile(t, t.TempDir(), priceRule)
	of := func(changed, items int) *plan.Plan {
		var list []shop
		for i := range items {
			price := "10"
			if i < changed {
				price = "11"
			}
			list = append(list, pair(fmt.Sprintf("A-%d", i), item{"price": number(price)}, nil))
		}
		return made(t, config, p, shops(list...), nil)
	}
	for _, c := range []struct{ changed, items, stops int }{{100, 100, 0}, {101, 101, 1}, {101, 505, 0}, {101, 504, 1}} {
		if made := of(c.changed, c.items); len(made.Changes) != c.changed || len(made.Stops) != c.stops {
			t.Errorf("%d of %d: %d changes, stopped by %+v", c.changed, c.items, len(made.Changes), made.Stops)
		}
	}
}

// TestMissing: an item that is chosen and is not there is a slip.
func TestMissing(t *testing.T) {
	_, p := compile(t, t.TempDir(), priceRule)
	result := run(t, p, pair("A-1", nil, nil))
	defer result.Close()
	if _, err := plan.Make(plan.Job{Program: p, Result: result, Choice: plan.Choice{SKUs: []string{"A-1", "A-2"}}}); err == nil || !strings.Contains(err.Error(), `"A-2"`) {
		t.Errorf("%v", err)
	}
}

// TestCurrencies: no amount is uploaded as one of another currency.
func TestCurrencies(t *testing.T) {
	config, p := compile(t, t.TempDir(), "rule \"P\" {\n  when = pos.qoh > 0\n  remedy \"upload\" {\n    price = pos.price\n  }\n}\n")
	s := pair("A-1", item{"price": number("12")}, nil)
	result := run(t, p, s)
	defer result.Close()
	result.Pos.Currencies, result.Store.Currencies = map[string]catalog.Currency{"price": "CAD"}, map[string]catalog.Currency{"price": "USD"}
	_, err := plan.Make(plan.Job{Program: p, Result: result, OnRequest: config.OnRequest, Brakes: config.Brakes})
	var wrong *plan.CurrencyError
	if !errors.As(err, &wrong) || wrong.Rule != "P" || wrong.Field != "price" || !strings.Contains(err.Error(), "reconcile.hcl:1") {
		t.Errorf("%v", err)
	}
	result.Pos.Currencies["price"] = "$"
	if _, err := plan.Make(plan.Job{Program: p, Result: result, OnRequest: config.OnRequest, Brakes: config.Brakes}); err != nil {
		t.Errorf("a currency that fits: %v", err)
	}
}

// example has everything that a plan can have.
func example(t *testing.T) *plan.Plan {
	t.Helper()
	config, p := compile(t, t.TempDir(), priceRule+stockRules+"rule \"QN\" {\n  when = pos.qoh < 0\n  note = \"<Correct> & see.\"\n  remedy \"correct\" {}\n}\nrule \"N\" {\n  when = pos.name != store.name\n}\n"+
		"rule \"O\" {\n  when = pos.options != store.options || pos.variation != store.variation\n  remedy \"upload\" {\n    options = pos.options\n    variation = pos.variation\n  }\n}\n")
	s := shops(pair("A-1", item{"price": number("99999999999999999999.12"), "name": text("Bell \u2028 \"x\"")}, item{"price": catalog.NullValue(catalog.Number)}), pair("A-2", item{"qoh": number("-1")}, nil),
		pair("A-3", item{"options": catalog.MapValue([]catalog.Entry{{Key: "Size", Value: "M"}}), "variation": catalog.ListValue([]string{"Size=M|L"}), "price": number("40")}, nil))
	made := made(t, config, p, s, nil)
	made.ID, made.MadeBy, made.MadeAt = "20261129-091500-abcdef", "ann", time.Date(2026, 11, 29, 9, 15, 0, 0, time.UTC)
	made.Expires, made.Basis = made.MadeAt.Add(time.Hour), plan.Basis{Configuration: "c", Program: "p", Store: "file.b", PosRead: made.MadeAt, StoreRead: made.MadeAt}
	if len(made.Changes) < 3 || len(made.Deferred)*len(made.Tasks)*len(made.LeftOut)*len(made.Stops) == 0 {
		t.Fatalf("it lacks something: %q", brief(made))
	}
	return made
}

func encoded(t *testing.T, p *plan.Plan) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := plan.Encode(&b, p); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestForeignID: the name of a plan is a part of the names of files, so none leads elsewhere, whoever has made the file.
func TestForeignID(t *testing.T) {
	for _, id := range []string{"", "../../x", "20261129-091500-../x", "/etc/x", `20261129-091500-a\x`, "20261129-091500-A", "20261129-091500-a\n", "20261129-091500-a.b"} {
		p := example(t)
		p.ID = id
		if _, err := plan.Decode(bytes.NewReader(encoded(t, p))); !errors.Is(err, plan.ErrDamaged) {
			t.Errorf("%q: %v", id, err)
		}
	}
}

func TestFile(t *testing.T) {
	was := example(t)
	file := encoded(t, was)
	read, err := plan.Decode(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(brief(was), brief(read)); diff != "" {
		t.Errorf("what was read is another plan:\n%s", diff)
	}
	if again := encoded(t, read); !bytes.Equal(again, file) {
		t.Errorf("written again it is another file:\n%s", cmp.Diff(string(file), string(again)))
	}
	if _, err := plan.Decode(bytes.NewReader(bytes.ReplaceAll(file, []byte("\n"), []byte("\r\n")))); err != nil {
		t.Errorf("with line ends of Windows: %v", err)
	}
}

// TestNoDamageIsRead changes a file at each of its places. What is read in spite of that must be the same plan.
func TestNoDamageIsRead(t *testing.T) {
	file := encoded(t, example(t))
	step := 11
	if os.Getenv("RECONCILE_TEST_LONG") != "" {
		step = 1
	}
	for at := 0; at < len(file); at += step {
		for _, with := range []byte{'7', '"', ' ', file[at] ^ 0x20} {
			damaged := bytes.Clone(file)
			if damaged[at] = with; bytes.Equal(damaged, file) {
				continue
			}
			p, err := plan.Decode(bytes.NewReader(damaged))
			if err != nil {
				continue
			}
			if !bytes.Equal(encoded(t, p), file) {
				t.Fatalf("with %q at %d another plan is read:\n%s", with, at, damaged)
			}
		}
		if _, err := plan.Decode(bytes.NewReader(file[:at])); err == nil && strings.TrimSpace(string(file[at:])) != "" {
			t.Fatalf("the first %d bytes are read as a plan", at)
		}
	}
	for name, text := range map[string]string{"nothing": "", "another file": `{"format_version": 1}`, "a list": "[]", "more behind it": string(file) + "{}", "an unknown name": strings.Replace(string(file), `"made_by"`, `"maid_by"`, 1),
		"a name in other letters": strings.Replace(string(file), `"id"`, `"ID"`, 1), "a name that is there twice": strings.Replace(string(file), `"made_by"`, `"made_by": "somebody", "made_by"`, 1),
		"another list for other readers": strings.Replace(string(file), `"changes"`, `"changes": [], "Changes"`, 1)} {
		if _, err := plan.Decode(strings.NewReader(text)); !errors.Is(err, plan.ErrDamaged) {
			t.Errorf("%s: %v", name, err)
		}
	}
	var version *plan.VersionError
	if _, err := plan.Decode(strings.NewReader(`{"format_version": "2"}`)); !errors.As(err, &version) || version.Version != "2" {
		t.Errorf("of another version: %v", err)
	}
	if _, err := plan.DecodeAtMost(endless{}, 1<<16); err == nil || !strings.Contains(err.Error(), "larger") {
		t.Errorf("without an end: %v", err)
	}
}

// endless is a file that does not end.
type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }

var _ io.Reader = endless{}

func TestRefusals(t *testing.T) {
	p := example(t)
	for name, c := range map[string]struct {
		change func(b *plan.Basis, now *time.Time, of *string)
		want   string
	}{
		"as it was":            {func(*plan.Basis, *time.Time, *string) {}, ""},
		"the copy is newer":    {func(b *plan.Basis, _ *time.Time, _ *string) { b.StoreRead = b.StoreRead.Add(time.Minute) }, ""},
		"just before its end":  {func(_ *plan.Basis, now *time.Time, _ *string) { *now = now.Add(59 * time.Minute) }, ""},
		"expired":              {func(_ *plan.Basis, now *time.Time, _ *string) { *now = now.Add(time.Hour) }, "expired"},
		"a clock":              {func(_ *plan.Basis, now *time.Time, _ *string) { *now = now.Add(-time.Hour) }, "clock"},
		"configuration":        {func(b *plan.Basis, _ *time.Time, _ *string) { b.Configuration = "d" }, "rules"},
		"lock file":            {func(b *plan.Basis, _ *time.Time, _ *string) { b.LockFile = "d" }, "lock file"},
		"program":              {func(b *plan.Basis, _ *time.Time, _ *string) { b.Program = "d" }, "version"},
		"store":                {func(b *plan.Basis, _ *time.Time, _ *string) { b.Store = "d" }, "another store"},
		"platform":             {func(b *plan.Basis, _ *time.Time, _ *string) { b.Platform = "d" }, "another shop of the list"},
		"other reconciliation": {func(_ *plan.Basis, _ *time.Time, of *string) { *of = "us" }, "reconciliation"},
	} {
		basis, now, of := p.Basis, p.MadeAt, p.Reconciliation
		c.change(&basis, &now, &of)
		if why := p.Refusals(of, basis, now); (c.want == "") != (len(why) == 0) || len(why) > 1 || c.want != "" && !strings.Contains(why[0], c.want) {
			t.Errorf("%s: %q", name, why)
		}
	}
}
