package catalog

import "testing"

func TestWithArticle(t *testing.T) {
	for noun, want := range map[string]string{"rule": "a rule", `intentional "x"`: `an intentional "x"`, "expect": "an expect", "upc": "a upc", "int": "an int", "[]int": "a []int", "": "a "} {
		if got := WithArticle(noun); got != want {
			t.Errorf("%q: %q, want %q", noun, got, want)
		}
	}
}
