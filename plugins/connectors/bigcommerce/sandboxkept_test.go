package bigcommerce

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/reconcilehq/reconcile/plugins/connectors/bigcommerce/emulator"
	"github.com/reconcilehq/reconcile/plugins/sdk"
)

// keptSource returns a source whose sandbox keeps in folder what is written to it.
func keptSource(t *testing.T, folder, catalog string) *Source {
	t.Helper()
	source := Keeping(folder).New().(*Source)
	given := `{"sandbox": true}`
	if catalog != "" {
		given = `{"sandbox": true, "sandbox_catalog": "` + catalog + `"}`
	}
	if err := sdk.FillSettings(source, []byte(given)); err != nil {
		t.Fatal(err)
	}
	if err := source.Configure(t.Context()); err != nil {
		t.Fatal(err)
	}
	return source
}

// TestSandboxKeeps says that the next process finds what was written to a sandbox, until its catalogue is edited.
func TestSandboxKeeps(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "sandbox")
	t.Chdir(t.TempDir())
	if err := os.WriteFile("store.json", []byte(`{"products": [{"sku": "A", "name": "Ada", "price": 1, "stock": {"1": {"on_hand": 5, "safety_stock": 1}}}]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	fields := []string{"sku", "name", "price", "qoh"}
	source := keptSource(t, folder, "store.json")
	if needs := source.Needs(); len(needs.Write) != 1 || needs.Write[0] != folder {
		t.Errorf("%+v", needs)
	}
	before := read(t, source, fields...)
	if files, err := os.ReadDir(folder); err != nil || len(files) > 0 {
		t.Errorf("%v, %v", files, err)
	}
	id := read(t, source, "id").items[0]["id"]
	got, err := applied(t.Context(), t, source, []sdk.Change{want(t, "a", id, "A", "price", "1", "2.5"), want(t, "b", id, "A", "name", "Ada", "Bob")})
	if err != nil || got["a"].Kind != sdk.Applied || got["b"].Kind != sdk.Applied {
		t.Fatalf("%+v, %v", got, err)
	}
	again := read(t, keptSource(t, folder, "store.json"), fields...).items[0]
	if again["price"] != "2.5" || again["name"] != "Bob" || again["qoh"] != before.items[0]["qoh"] {
		t.Errorf("%v", again)
	}
	t.Chdir(t.TempDir()) // another configuration
	if got := read(t, keptSource(t, folder, ""), "sku"); got.err != nil || len(got.items) < 5 {
		t.Errorf("%+v", got)
	}
}

// TestSandboxThatCannotKeep says that nothing counts as done that could not be kept.
func TestSandboxThatCannotKeep(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "sandbox")
	t.Chdir(t.TempDir())
	source := keptSource(t, folder, "")
	if err := os.RemoveAll(folder); err != nil {
		t.Fatal(err)
	}
	source.clock = newClock()
	var id, price string
	for _, it := range read(t, source, "sku", "id", "price").items {
		id, price = it["id"], it["price"]
	}
	got, err := applied(t.Context(), t, source, []sdk.Change{want(t, "a", id, "", "price", price, "1234.5")})
	if err == nil || len(got) > 0 {
		t.Errorf("%+v, %v", got, err)
	}
}

// TestSandboxThatIsDamaged says how it is mended.
func TestSandboxThatIsDamaged(t *testing.T) {
	folder := t.TempDir()
	t.Chdir(t.TempDir())
	source := keptSource(t, folder, "")
	if err := os.WriteFile(source.sandbox.file.Path, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	again := Keeping(folder).New().(*Source)
	if err := sdk.FillSettings(again, []byte(`{"sandbox": true}`)); err != nil {
		t.Fatal(err)
	}
	if err := again.Configure(t.Context()); err == nil || !strings.Contains(err.Error(), "reconcile sandbox reset takes it back") {
		t.Error(err)
	}
	if _, err := emulator.Load(source.sandbox.file.Path); err == nil {
		t.Error("it is not damaged")
	}
}
