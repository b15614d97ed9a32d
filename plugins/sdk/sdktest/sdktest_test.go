package sdktest

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/reconcilehq/reconcile/plugins/sdk"
)

// talker tells whatever a read can tell. It has nothing to configure.
type talker struct {
	Breaks bool `setting:"breaks"`
}

func (*talker) Schema(context.Context) ([]sdk.Field, error) {
	return append(sdk.Known("sku", "price", "qoh"), sdk.Field{Name: "tags", Type: sdk.List}), nil
}

func (s *talker) Read(_ context.Context, req sdk.ReadRequest, emit func(sdk.Item) error) error {
	req.Notice("guessed")
	req.Warn("take %s", "care")
	req.Currency("price", "CAD")
	req.Unreadable("B", "broken")
	req.Skipped(2)
	err := emit(sdk.Item{"sku": "A", "price": "10.10", "qoh": 3, "tags": []string{"x", "y"}})
	if s.Breaks {
		return errors.New("broke off")
	}
	return errors.Join(err, emit(sdk.Item{"sku": "C"}))
}

// TestRead says that all that a read tells is in its result, and of one that fails what came before.
func TestRead(t *testing.T) {
	connector := sdk.Connector{New: func() sdk.Source { return &talker{} }}
	want := Result{
		Items:      []string{`{"sku":"A","price":10.1,"qoh":3,"tags":["x","y"]}`, `{"sku":"C","price":null,"qoh":null,"tags":[]}`},
		Warnings:   []string{"take care"},
		Notices:    []string{"guessed"},
		Unreadable: []string{"B"},
		Skipped:    2,
		Currencies: map[string]string{"price": "CAD"},
		Texts:      map[string][]string{"sku": {"A", "C"}, "price": {"10.1", ""}, "qoh": {"3", ""}, "tags": {"x|y", ""}},
	}
	got, err := Read(t.Context(), connector, nil)
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	got, err = Read(t.Context(), connector, nil, "qoh", "sku")
	if diff := cmp.Diff([]string{`{"qoh":3,"sku":"A"}`, `{"qoh":null,"sku":"C"}`}, got.Items); diff != "" || err != nil {
		t.Errorf("two fields: %v (-want +got):\n%s", err, diff)
	}
	got, err = Read(t.Context(), connector, Settings{"breaks": true})
	if err == nil || err.Error() != "broke off" || len(got.Warnings) != 1 {
		t.Errorf("a read that fails: %v, %+v", err, got)
	}
	if _, err := Read(t.Context(), connector, nil, "colour"); err == nil {
		t.Error("a field that is not there is read")
	}
	if _, err := Read(t.Context(), connector, Settings{"brakes": true}); err == nil || err.Error() != `unknown setting "brakes"` {
		t.Errorf("an unknown setting: %v", err)
	}
}
