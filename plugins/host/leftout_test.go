package host

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/plugins/host/patience"
	"github.com/reconcilehq/reconcile/plugins/proto"
	sourcev1 "github.com/reconcilehq/reconcile/plugins/proto/source/v1"
)

// TestLeftOut counts what a connector has left out, and takes it from none that was asked for everything.
func TestLeftOut(t *testing.T) {
	asked := catalog.MustSchema(catalog.Field{Name: "sku", Type: catalog.String})
	for _, c := range []struct {
		looks   []string
		leftOut int64
		err     string
	}{
		{[]string{"a1"}, 7, ""},
		{[]string{""}, 7, ""},
		{nil, 0, ""},
		{nil, 7, "left out 7 items, though it was asked for all"},
		{[]string{"a1"}, -1, "left out -1 items"},
		{[]string{"a1"}, 101, "max_items"},
	} {
		r := &reading{process: &Process{label: "x", secrets: &Secrets{}, maxItems: 100}, asked: asked, looks: c.looks, watcher: unwatched{}, sink: func(*catalog.Batch) error { return nil }}
		r.patience = patience.Start(time.Hour, func() {})
		done, err := r.receiveAll(t.Context(), &ending{&sourcev1.Done{LeftOut: c.leftOut}})
		r.patience.Stop()
		if c.err == "" && (err != nil || done.Items != c.leftOut) {
			t.Errorf("%q, %d left out: %d items, %v", c.looks, c.leftOut, done.Items, err)
		}
		var failure *Failure
		if c.err != "" && (!errors.As(err, &failure) || !strings.Contains(failure.Text, c.err)) {
			t.Errorf("%q, %d left out: got %v, want %q", c.looks, c.leftOut, err, c.err)
		}
	}
}

// TestManyLeftOut: a connector that leaves everything out comes to an end as long as it gets on, and no longer.
func TestManyLeftOut(t *testing.T) {
	for _, c := range []struct {
		looks []string
		moves bool
		fails bool
	}{{[]string{"a1"}, true, false}, {[]string{"a1"}, false, true}, {nil, true, true}} {
		r := &reading{process: &Process{label: "x", secrets: &Secrets{}, maxItems: proto.MaxItems}, looks: c.looks, watcher: unwatched{}}
		var err error
		for i := int64(1); i <= proto.MaxMessagesWithoutItem+10 && err == nil; i++ {
			items := int64(1)
			if c.moves {
				items = i
			}
			_, err = r.handle(&sourcev1.ReadResponse{Message: &sourcev1.ReadResponse_Progress{Progress: &sourcev1.Progress{Items: items}}})
		}
		if (err != nil) != c.fails {
			t.Errorf("%+v: %v", c, err)
		}
	}
}
