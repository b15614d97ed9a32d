package words

import "testing"

func TestCommand(t *testing.T) {
	for _, c := range []struct {
		why   string
		about About
		words []string
		want  string
	}{
		{"the usual configuration need not be named", About{Config: "reconcile.hcl"}, []string{"run"}, "reconcile run"},
		{"nor need what nobody has said", About{}, []string{"pull", "bigcommerce.web"}, "reconcile pull bigcommerce.web"},
		{"another one", About{Config: "us/us.hcl"}, []string{"explain", "us", "SKU"}, "reconcile explain us SKU --config us/us.hcl"},
		{"a shop, and another data folder", About{Shop: "paris", Data: "/srv/data"}, []string{"run"}, "reconcile run --shop paris --data /srv/data"},
	} {
		if got := c.about.Command(c.words...); got != c.want {
			t.Errorf("%s: %s, want %s", c.why, got, c.want)
		}
	}
}

func TestShellWord(t *testing.T) {
	for _, c := range []struct{ word, want, windows string }{
		{"us.hcl", "us.hcl", "us.hcl"},
		{"", "''", `""`},
		{"my shop.hcl", "'my shop.hcl'", `"my shop.hcl"`},
		{"joe's", `'joe'\''s'`, `"joe's"`},
		{"$HOME", "'$HOME'", `"$HOME"`},
		{`a"b`, `'a"b'`, `"a\"b"`},
	} {
		if got := shellWord(c.word, false); got != c.want {
			t.Errorf("%q: %s, want %s", c.word, got, c.want)
		}
		if got := shellWord(c.word, true); got != c.windows {
			t.Errorf("%q on Windows: %s, want %s", c.word, got, c.windows)
		}
	}
}
