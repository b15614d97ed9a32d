package webapi

import (
	"strings"
	"testing"
)

func TestTitleOf(t *testing.T) {
	for page, want := range map[string]string{
		"<html><head><TITLE lang=en>Log in &amp;\n wait</TITLE></head>": "Log in & wait",
		" \n<!doctype html><title>Back soon":                            "Back soon",
		"<title></title><title>Second</title>":                          "",
		"<html><titles>No</titles>":                                     "No", // whatever begins so
		"<html>\xff\xfe<title>\xffA</title>":                            "A",
		"<title":                                                        "",
		"<p>title>x</p>":                                                "",
		"{\"a\": \"<title>x</title>\"}":                                 "",
		"<p>" + strings.Repeat("x", mostHead) + "<title>Far</title>":    "",
		"": "",
	} {
		if got := titleOf([]byte(page)); got != want {
			t.Errorf("%.80q: %q, want %q", page, got, want)
		}
	}
}
