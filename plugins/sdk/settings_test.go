package sdk

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/reconcilehq/reconcile/engine/catalog"
)

type shared struct {
	Mode string `setting:"mode" default:"slow" values:"slow|fast" doc:"How."`
}

type shop struct {
	URL   string            `setting:"url,required" doc:"Where."`
	Token string            `setting:"token,sensitive"`
	Port  int               `setting:"port" default:"80"`
	Rate  Decimal           `setting:"rate" default:"0.5"`
	Limit *int64            `setting:"limit"`
	Tags  []string          `setting:"tags" default:"a,b"`
	IDs   []int64           `setting:"ids"`
	Names map[string]string `setting:"names"`
	Dry   bool              `setting:"dry"`
	DB    *database         `setting:"database"`
	shared
	state int
}

type database struct {
	DSN   string `setting:"dsn,required,sensitive"`
	Table string `setting:"table" default:"items"`
}

func TestSettingsOf(t *testing.T) {
	got, err := SettingsOf(&shop{})
	if err != nil {
		t.Fatal(err)
	}
	want := &catalog.Settings{
		Attributes: []catalog.Attribute{
			{Name: "url", Type: catalog.SettingString, Doc: "Where.", Required: true},
			{Name: "token", Type: catalog.SettingString, Sensitive: true},
			{Name: "port", Type: catalog.SettingNumber, Default: "80"},
			{Name: "rate", Type: catalog.SettingNumber, Default: "0.5"},
			{Name: "limit", Type: catalog.SettingNumber},
			{Name: "tags", Type: catalog.SettingStrings, Default: `["a", "b"]`},
			{Name: "ids", Type: catalog.SettingNumbers},
			{Name: "names", Type: catalog.SettingStringsMap},
			{Name: "dry", Type: catalog.SettingBool},
			{Name: "mode", Type: catalog.SettingString, Doc: "How.", Default: `"slow"`, Values: []string{"slow", "fast"}},
		},
		Blocks: []catalog.Block{{Name: "database", Settings: catalog.Settings{Attributes: []catalog.Attribute{
			{Name: "dsn", Type: catalog.SettingString, Required: true, Sensitive: true},
			{Name: "table", Type: catalog.SettingString, Default: `"items"`},
		}}}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("settings (-want +got):\n%s", diff)
	}
}

func TestFillSettings(t *testing.T) {
	var s shop
	err := FillSettings(&s, []byte(`{"url": "u", "limit": 7, "rate": 0.1, "ids": [1, 2], "names": {"a": "b"}, "database": {"dsn": "d"}}`))
	if err != nil {
		t.Fatal(err)
	}
	if s.URL != "u" || *s.Limit != 7 || s.Rate.String() != "0.1" || s.Port != 80 || s.DB.Table != "items" || s.DB.DSN != "d" ||
		strings.Join(s.Tags, "") != "ab" || len(s.IDs) != 2 || s.Names["a"] != "b" || s.state != 0 {
		t.Errorf("filled with %+v", s)
	}
	if s.Mode != "slow" {
		t.Errorf("the default of an embedded setting is %q", s.Mode)
	}
}

func TestFillSettingsMistakes(t *testing.T) {
	cases := []struct {
		why, settings string
		path, want    string
	}{
		{"a required one is missing", `{}`, "url", `setting "url" is missing`},
		{"an unknown one", `{"url": "u", "x": 1}`, "x", `unknown setting "x"`},
		{"text for a number", `{"url": "u", "port": "80"}`, "port", `setting "port" is not a whole number`},
		{"a fraction for a whole number", `{"url": "u", "port": 8.5}`, "port", `setting "port" is not a whole number`},
		{"text for a decimal", `{"url": "u", "rate": "0.1"}`, "rate", `setting "rate" is not a number`},
		{"a value that is not allowed", `{"url": "u", "mode": "x"}`, "mode", `has a value that it cannot have`},
		{"a required one of a block", `{"url": "u", "database": {}}`, "database.dsn", `setting "dsn" is missing`},
		{"a block that is none", `{"url": "u", "database": 1}`, "database", `"database" is a block`},
		{"a secret of a wrong type", `{"url": "u", "token": ["tr0ub4dor"]}`, "token", `setting "token" is not a string`},
	}
	for _, c := range cases {
		t.Run(c.why, func(t *testing.T) {
			err := FillSettings(&shop{}, []byte(c.settings))
			var setting *SettingError
			if !errors.As(err, &setting) || strings.Join(setting.Path, ".") != c.path || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v at %v, want %q at %s", err, setting, c.want, c.path)
			}
			if strings.Contains(err.Error(), "tr0ub4dor") {
				t.Errorf("the error holds the value: %v", err)
			}
		})
	}
}

// source gives the items that it is made of.
type source struct{ items []Item }

func (s *source) Schema(context.Context) ([]Field, error) {
	return append(Known("sku", "name", "price", "tracked", "options", "variation"), Field{Name: "margin", Type: Number}), nil
}

func (s *source) Read(_ context.Context, _ ReadRequest, emit func(Item) error) error {
	for _, it := range s.items {
		if err := emit(it); err != nil {
			return err
		}
	}
	return nil
}

func TestItems(t *testing.T) {
	cases := []struct {
		why  string
		item Item
		want string // of the fields' texts
		err  string
	}{
		{"every kind of number", Item{"sku": "A", "price": 10.1, "margin": int32(3)}, "A 10.1    3", ""},
		{"text as a number", Item{"price": "1.50", "margin": ""}, " 1.5    ", ""},
		{"maps, lists, bools", Item{"options": map[string]string{"b": "2", "a": "1"}, "variation": []string{"x", "y"}, "tracked": false}, "  false a:1|b:2 x|y ", ""},
		{"text is brought to NFC", Item{"sku": "Cafe\u0301"}, "Caf\u00e9     ", ""},
		{"what was not asked for is left alone", Item{"sku": "A", "name": struct{}{}}, "A     ", ""},
		{"integers are exact", Item{"price": int64(math.MinInt64), "margin": uint64(math.MaxUint64)}, " -9223372036854775808    18446744073709551615", ""},
		{"integers are exact in JSON", Item{"price": json.Number("123456789012345678901234567890"), "margin": "-98765432109876543210"},
			" 123456789012345678901234567890    -98765432109876543210", ""},
		{"a float as far as it is exact", Item{"price": float64(1<<53 - 1), "margin": float32(1<<24 - 1)}, " 9007199254740991    16777215", ""},
		{"a float that may be rounded", Item{"price": float64(1 << 53)}, "", "9.007199254740992e+15 is an integer that a float holds only rounded"},
		{"a short float that may be rounded", Item{"price": float32(-1 << 24)}, "", "-1.6777216e+07 is an integer that a float holds only rounded"},
		{"a field that is misspelt", Item{"sku": "A", "margn": 1}, "", `item 1 (SKU "A"): Schema offers no field "margn": did you mean "margin"?`},
		{"a field that is not offered", Item{"sku": "A", "colour": "red"}, "", `no field "colour", but: sku, name, price, tracked, options, variation, margin`},
		{"a field that is not offered and null", Item{"pric": nil}, "", `did you mean "price"?`},
		{"a wrong type", Item{"sku": "A", "price": true}, "", `item 1 (SKU "A"), field "price": a bool does not fit a number`},
		{"text that is no number", Item{"price": "cheap"}, "", `"cheap" is not a decimal number`},
		{"text that is not UTF-8", Item{"sku": "\xff"}, "", "not valid UTF-8"},
	}
	for _, c := range cases {
		t.Run(c.why, func(t *testing.T) {
			var got []string
			fields := []string{"sku", "price", "tracked", "options", "variation", "margin"}
			n, err := ReadAll(t.Context(), &source{[]Item{c.item}}, NewReadRequest(fields, nil), func(b *catalog.Batch) error {
				for i := range b.Len() {
					for f := range fields {
						got = append(got, b.Column(f).Value(i).Text())
					}
				}
				return nil
			})
			if c.err != "" {
				if err == nil || !strings.Contains(err.Error(), c.err) {
					t.Errorf("error %v, want %q", err, c.err)
				}
				return
			}
			if err != nil || n != 1 || strings.Join(got, " ") != c.want {
				t.Errorf("%d items, error %v, texts %q, want %q", n, err, strings.Join(got, " "), c.want)
			}
		})
	}
}

func TestBatches(t *testing.T) {
	items := make([]Item, 20_000)
	for i := range items {
		items[i] = Item{"sku": strings.Repeat("x", 100)}
	}
	batches := 0
	n, err := ReadAll(t.Context(), &source{items}, NewReadRequest([]string{"sku"}, nil), func(b *catalog.Batch) error {
		if batches++; b.Len() > batchItems {
			t.Errorf("a batch of %d items", b.Len())
		}
		return nil
	})
	if err != nil || n != 20_000 || batches != 3 {
		t.Errorf("%d items in %d batches, error %v", n, batches, err)
	}
}

// size is a setting that describes itself.
type size string

func (size) DescribeSetting() (values []string, doc string) {
	return []string{"small", "large"}, "How large."
}

// TestSettingDescriber says that a type's own description counts where its setting is described, and where it is filled.
func TestSettingDescriber(t *testing.T) {
	var source struct {
		Size size `setting:"size,required" doc:"not this" values:"nor|these"`
	}
	got, err := SettingsOf(&source)
	if err != nil {
		t.Fatal(err)
	}
	want := &catalog.Settings{Attributes: []catalog.Attribute{
		{Name: "size", Type: catalog.SettingString, Doc: "How large.", Required: true, Values: []string{"small", "large"}}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for settings, want := range map[string]string{
		`{"size": "large"}`: "",
		`{"size": "nor"}`:   `setting "size" has a value that it cannot have: It is one of: small, large.`,
		`{}`:                `setting "size" is missing: How large.`,
	} {
		text := ""
		if err := FillSettings(&source, []byte(settings)); err != nil {
			text = err.Error()
		}
		if text != want {
			t.Errorf("%s: %q, want %q", settings, text, want)
		}
	}
	if source.Size != "large" {
		t.Errorf("the size is %q", source.Size)
	}
}

// TestSettingsToApply: settings that only changes need are filled only where there may be some.
func TestSettingsToApply(t *testing.T) {
	type shop struct {
		URL   string `setting:"url,required"`
		Token string `setting:"token,required,sensitive,apply" default:"none"`
	}
	described, err := SettingsOf(&shop{})
	if err != nil || described.Attribute("url").Apply || !described.Attribute("token").Apply || !described.Attribute("token").Sensitive {
		t.Fatalf("%+v, %v", described, err)
	}
	both := []byte(`{"url": "u", "token": "t"}`)
	read, apply := shop{}, shop{}
	if err := FillSettings(&read, both); err != nil || read != (shop{URL: "u"}) {
		t.Errorf("to read: %+v, %v", read, err)
	}
	if err := FillSettingsToApply(&apply, both); err != nil || apply != (shop{URL: "u", Token: "t"}) {
		t.Errorf("to apply: %+v, %v", apply, err)
	}
	if err := FillSettings(&read, []byte(`{"url": "u"}`)); err != nil {
		t.Errorf("to read, without a token: %v", err)
	}
	if err := FillSettingsToApply(&apply, []byte(`{"url": "u"}`)); err == nil || err.Error() != `setting "token" is missing` {
		t.Errorf("to apply, without a token: %v", err)
	}
	type block struct {
		Inner struct{} `setting:"inner,apply"`
	}
	if _, err := SettingsOf(&block{}); err == nil {
		t.Error("a block is tagged apply")
	}
}
