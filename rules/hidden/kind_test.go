package hidden_test

import (
	"strings"
	"testing"

	"github.com/reconcilehq/reconcile/rules/hidden"
)

// TestNoPasswordBesideName hides a password that looks like a name, where it stands beside the name of a sensitive setting.
func TestNoPasswordBesideName(t *testing.T) {
	t.Parallel()
	for _, line := range []string{`access_token "Sommer-2024" {}`, `access_token Sommer-2024 {}`, "access_token \"Sommer-2024\" {\n  }", `Sommer-2024 "access_token" {}`,
		`Sommer-2024 = "access_token"`, `Sommer-2024 = access_token`, `"Sommer-2024" = "access_token"`} {
		for _, outside := range []string{"source \"file\" \"shop\" {\n  LINE\n}\n", "source \"file\" \"shop\" { LINE }\n", "LINE\n"} {
			text := []byte(strings.ReplaceAll(outside, "LINE", line))
			if shown := string(hidden.Shorten(text, hidden.Find(text))); strings.Contains(shown, "Sommer") {
				t.Errorf("it shows\n%s", shown)
			}
		}
	}
}

// TestNoTextForNumber hides what is no number in a history block, and no word of a point of sale in a websync block.
func TestNoTextForNumber(t *testing.T) {
	t.Parallel()
	for _, head := range []string{"history {\n  runs = ", "history { runs = ", "history {\n  days = ", "websync {\n  names = ", "websync { names = ",
		"brakes {\n  max_changes = ", "brakes {\n  never = ", "rule \"Z\" {\n  remedy \"upload\" {\n    price = ", "rule \"Z\" {\n  remedy \"upload\" { price = "} {
		for _, value := range []string{`"` + tokens[0] + `"`, tokens[0], `["` + tokens[0] + `"]`, `"${` + tokens[0] + `}"`, `1 # "` + tokens[0] + `"`} {
			text := []byte(head + value + " }\n")
			if shown := string(hidden.Shorten(text, hidden.Find(text))); strings.Contains(shown, tokens[0]) {
				t.Errorf("it shows\n%s", shown)
			}
		}
	}
	for _, text := range []string{"history {\n  runs = 30 # a month\n  days = 2 * local.weeks\n}\n", "history { runs = 5 }\n", "websync {\n  names  = \"manual\"\n  prices = local.how\n}\n",
		"brakes {\n  max_changes = 30\n  never = [\"name\", \"sale_price\"]\n}\n",
		"rule \"Z\" {\n  when = pos.a\n  remedy \"upload\" {\n    price = pos.price\n    qoh = max(pos.qoh - coalesce(store.pending, 0), 0)\n    margin = -store.weight\n  }\n  note = \"Ask.\"\n}\n"} {
		if found := hidden.Find([]byte(text)); len(found) > 0 {
			t.Errorf("it hides %v of\n%s", found, text)
		}
	}
}
