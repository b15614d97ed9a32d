package webapi_test

import (
	"encoding/json"
	"testing"

	"github.com/reconcilehq/reconcile/plugins/sdk"
	"github.com/reconcilehq/reconcile/plugins/sdk/webapi"
)

// TestOfMinor says what numbers of minor units come to, exactly.
func TestOfMinor(t *testing.T) {
	for _, c := range []struct {
		text   string
		digits int
		want   string
	}{
		{"1999", 2, "19.99"}, {"5", 2, "0.05"}, {"-1250", 2, "-12.5"}, {"0", 2, "0"}, {"1999", 0, "1999"}, {`"123456789012345678901"`, 3, "123456789012345678.901"},
		{"null", 2, "none"}, {"1", 10, "none"}, {"1", -1, "none"},
	} {
		var a webapi.Amount
		if err := json.Unmarshal([]byte(c.text), &a); err != nil {
			t.Fatal(err)
		}
		got := "none"
		if d := a.OfMinor(c.digits); d != nil {
			got = d.String()
		}
		if got != c.want {
			t.Errorf("%s with %d digits: got %s, want %s", c.text, c.digits, got, c.want)
		}
	}
}

// TestNoAmount says that what is no number is told apart: a platform may mean something by null, such as the product's, that "" does not say.
func TestNoAmount(t *testing.T) {
	for text, want := range map[string]webapi.Given{`{}`: webapi.Absent, `{"price": null}`: webapi.Null, `{"price": ""}`: webapi.Empty, `{"price": "0"}`: webapi.Present} {
		var answer struct {
			Price webapi.Amount `json:"price"`
		}
		if err := json.Unmarshal([]byte(text), &answer); err != nil {
			t.Fatal(err)
		}
		if got := answer.Price; got.Given != want || (got.Value == nil) != (want != webapi.Present) {
			t.Errorf("%s: %+v", text, got)
		}
	}
}

func TestMinor(t *testing.T) {
	for text, want := range map[string]string{"19.99": "1999", "4.35": "435", "0.005": "1", "-4.355": "-436", "1e3": "100000", "12345678901234567890.125": "1234567890123456789013"} {
		d, err := sdk.ParseDecimal(text)
		if err != nil {
			t.Fatal(err)
		}
		if got := webapi.Minor(d, 2).String(); got != want {
			t.Errorf("%s are %s, want %s", text, got, want)
		}
	}
}
