package hidden_test

import (
	"os"
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

// TestNamesAreShown shows blocks by what reconcile accept and people call them, also with signs that a setting has.
func TestNamesAreShown(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"accepted: A-1 P", "accepted: = # (", "Fender (2026)"} {
		text := []byte("source \"file\" \"shop\" {\n  path = \"x7qk2m9v4b8n1w5z\"\n}\nintentional \"" + name + "\" {\n  rules  = [\"P\"]\n  skus   = [\"A-1\"]\n  reason = \"One.\"\n}\n")
		if found := hidden.Find(text); len(found) != 1 || !strings.Contains(string(text[found[0].From:found[0].To]), "x7qk2m9v4b8n1w5z") {
			t.Errorf("it hides %v of\n%s", found, text)
		}
	}
}

// TestNoPastedToken hides a token without quotation marks in a condition, in what is shown of the line and in what is said of it.
func TestNoPastedToken(t *testing.T) {
	t.Parallel()
	n := 0
	for _, token := range []string{tokens[0], "eyJhbGciOi.JzdWIiOjE.SflKxwRJSM", "shpat_0c4f9d8e7b6a5", "ghp_16C7e42F292c6912E7710c838347Ae17"} {
		for _, value := range []string{"TOKEN", "TOKEN == pos.name", "pos.name != TOKEN", "pos.TOKEN == \"\"", "pos.options.TOKEN == \"\"", "local.TOKEN == \"\"", `"${TOKEN}" == pos.name`, "upper(TOKEN) == pos.name", "TOKEN(pos.name)",
			"pos.name == store.name ||\n    TOKEN", "[\n    TOKEN,\n  ]", `pos.name == "a \" b" && TOKEN`, `"%{ if TOKEN }x%{ endif }" == ""`, `pos.name == "b` + "\n  TOKEN"} {
			for _, place := range []string{"rule \"Z\" {\n  when = SLIP\n}\n", "rule \"Z\" { when = SLIP }\n", "rule \"Z\" {\n  when SLIP\n}\n", "rule \"Z\" {\n  when = pos.name != store.name\n  applies = SLIP\n}\n",
				"rule \"Z\" {\n  when = pos.name != store.name\n  # SLIP\n}\n",
				"intentional \"i\" {\n  rules = [\"N\"]\n  reason = \"x\"\n  where = SLIP\n}\n", "reconciliation \"r\" {\n  pos   = source.file.a\n  store = source.file.b\n  key = SLIP\n}\nsource \"file\" \"a\" {}\nsource \"file\" \"b\" {}\n"} {
				if strings.Contains(token, ".") && strings.Contains(value, ".TOKEN") {
					continue // it would be a name of several parts
				}
				text := strings.ReplaceAll(strings.ReplaceAll(place, "SLIP", value), "TOKEN", token) + around
				if shown := string(hidden.Shorten([]byte(text), hidden.Find([]byte(text)))); leaks(shown, token) {
					t.Errorf("it shows\n%s", shown)
				}
				if n++; n%5 != 0 && os.Getenv("RECONCILE_TEST_LONG") == "" {
					continue
				}
				if said := told(t, text); leaks(said, token) {
					t.Errorf("it says\n%s", said)
				}
			}
		}
	}
	for _, value := range []string{`pos.custom_field_2_description == ""`, `local.discount_of_summer_2024 > 1`, `contains(pos.name, "FEN-0113902700-SSS-2024")`, `store.metafieldsCustomBarcode2 == ""`, `12345678901234567890.5 > pos.price`,
		`"${pos.sale_price_level_2} ${local.winter2024currency}" == ""`, `regexreplace(pos.name, "[a-f0-9]{16}", "x") == ""`, `pos.options["Colour of strings 10-46"] == ""`, `pos.name-store.name1 == 1`} {
		text := []byte("rule \"Z\" {\n  when = " + value + "\n}\n")
		if found := hidden.Find(text); len(found) > 0 {
			t.Errorf("it hides %v of\n%s", found, text)
		}
	}
	for _, value := range []string{`"aus"`, `"Manual"`, "true", "manual", "1"} { // nobody's secret
		text := []byte("websync {\n  names = " + value + "\n}\n")
		if found := hidden.Find(text); len(found) > 0 {
			t.Errorf("it hides %v of\n%s", found, text)
		}
	}
	if said := told(t, "websync {\n  names = [\"manual\"]\n}\n"+around); !strings.Contains(said, `"off", "manual", "on"`) {
		t.Errorf("of what is hidden it strikes what is allowed: %s", said)
	}
	for _, word := range []string{"horsebatterystaple", "hunter", "correct horse"} {
		text := "websync {\n  names = \"" + word + "\"\n}\n" + around
		if said := told(t, text); !strings.Contains(said, "Value not allowed") || strings.Contains(said, word) {
			t.Errorf("of %q it says\n%s", word, said)
		}
	}
}
