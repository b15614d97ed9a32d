package conformance_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/reconcilehq/reconcile/plugins/devkit/conformance"
	"github.com/reconcilehq/reconcile/plugins/sdk"
)

// shelf is a source whose platform is a file beside the configuration.
type shelf struct {
	sdk.ItemRecords
	way string

	kept []sdk.Item // what the way "caches" has read first
}

func (s *shelf) items() (items []sdk.Item, err error) {
	if s.way == "caches" && s.kept != nil {
		return s.kept, nil
	}
	text, err := os.ReadFile("shelf.json")
	if err == nil {
		err = json.Unmarshal(text, &items)
	}
	s.kept = items
	return items, err
}

func (s *shelf) Schema(context.Context) ([]sdk.Field, error) { return sdk.Known("sku", "name"), nil }

func (s *shelf) Read(_ context.Context, _ sdk.ReadRequest, emit func(sdk.Item) error) error {
	items, err := s.items()
	for i := 0; i < len(items) && err == nil; i++ {
		err = emit(items[i])
	}
	return err
}

func (s *shelf) Pull(_ context.Context, req sdk.PullRequest, out *sdk.CopyUpdate) error {
	out.SetCursor([]byte("next"))
	if s.way == "deaf" && req.Cursor != nil {
		return nil // it asks for changes, and takes it that there are none
	}
	items, err := s.items()
	for _, item := range items {
		if err := out.PutItem(item["sku"].(string), item); err != nil {
			return err
		}
	}
	if err != nil {
		return err
	}
	return out.Complete(sdk.ItemKind)
}

func serveShelf(way string) {
	sdk.Serve(sdk.Connector{Name: "shelf", Version: "0", New: func() sdk.Source { return &shelf{way: way} }})
}

// TestChange says that the suite finds out who does not see what the platform has changed.
func TestChange(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	change := fmt.Sprintf("[%q, %q]", self, "sell-from-shelf")
	for way, want := range map[string]struct {
		change string
		failed []string
		says   string
	}{
		"well":    {change, nil, ""},
		"deaf":    {change, []string{"8.7"}, `1 items came, and 2 in the first read`},
		"caches":  {change, []string{"6.31"}, "the connector keeps what it has read"},
		"nothing": {fmt.Sprintf("[%q, %q]", self, "-test.run=none"), []string{"6.31"}, "Either that changes nothing"},
		"missing": {`["./no-such-command"]`, []string{"6.31"}, "./no-such-command"},
	} {
		if way != "well" && way != "deaf" && os.Getenv("RECONCILE_TEST_BAD_CONNECTORS") == "" {
			continue // each is held against the whole suite
		}
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			for name, text := range map[string]string{"shelf.json": `[{"sku": "A-1", "name": "Bell"}]`,
				"reconcile.hcl": "source \"shelf\" \"one\" {}\nexpect \"one\" {\n  change = " + want.change + "\n}\n"} {
				if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			report, err := conformance.Run(t.Context(), conformance.Target{Command: []string{self, "shelf-connector", way},
				Config: filepath.Join(dir, "reconcile.hcl"), Timeout: 30 * time.Second})
			if err != nil {
				t.Fatal(err)
			}
			if failed := report.Failed(); !slices.Equal(failed, want.failed) {
				t.Errorf("failed: %v, want %v", failed, want.failed)
			}
			for _, r := range report.Results {
				if said := strings.Join(r.Seen, "\n"); slices.Contains(want.failed, r.Number) && !strings.Contains(said, want.says) {
					t.Errorf("%s says %q, want %q", r.Number, said, want.says)
				}
				if r.Number == "8.7" && want.failed == nil && r.Status != conformance.Passed {
					t.Errorf("%s is %s: %s", r.Number, r.Status, r.Seen)
				}
			}
		})
	}
}
