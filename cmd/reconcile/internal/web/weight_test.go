package web

import "testing"

// mostSent is how many bytes all scripts and style sheets take on the way to a browser.
const mostSent = 90 << 10

// TestWeight has the scripts and style sheets of all pages be small: most shops have slow lines.
func TestWeight(t *testing.T) {
	s := newSite(t, Options{})
	sent := 0
	for name, a := range packAssets() {
		sent += len(a.zipped)
		if r := s.get(s.browser(), "/assets/"+name); len(r.text) != len(a.text) {
			t.Errorf("%s has %d bytes, %d of them are sent", name, len(a.text), len(r.text))
		}
	}
	t.Logf("%d bytes", sent)
	if sent == 0 || sent > mostSent {
		t.Errorf("scripts and style sheets have %d bytes when they are compressed; at most %d are wanted", sent, mostSent)
	}
}
