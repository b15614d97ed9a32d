package expr

import (
	"errors"
	"regexp"
	"strings"
	"testing"

	"github.com/reconcilehq/reconcile/engine/fault"
)

// TestGrowthIsBounded checks that what grows beyond MaxValue ends the evaluation before it takes the memory.
func TestGrowthIsBounded(t *testing.T) {
	long := strings.Repeat("x", 1<<20)
	many := make([]string, 100)
	for why, grow := range map[string]func(){
		"replace":      func() { replaceAll(long, "", long) },
		"join":         func() { joined(long, listOf(many)) },
		"split":        func() { splitAt("", strings.Repeat("é", maxItems)) },
		"regexreplace": func() { replaceMatches(regexp.MustCompile("x"), long, "$0"+long) },
	} {
		var large *TooLargeError
		if err := fault.CaughtError(func() error { grow(); return nil })(); !errors.As(err, &large) || !strings.Contains(err.Error(), "max_value") {
			t.Errorf("%s: %v", why, err)
		}
	}
}

// TestReplaceMatches holds our replacing of matches against the standard library's.
func TestReplaceMatches(t *testing.T) {
	for _, pattern := range []string{"", "a", "a*", "(a)(b)?", "^", "$", "b|", `\b`, "é"} {
		re := regexp.MustCompile(pattern)
		for _, s := range []string{"", "a", "baac", "aab ab", "éaé", "\xffa", "b b"} {
			for _, with := range []string{"", "-", "$1$2", "${1}x", "$$", "$9"} {
				if got, want := replaceMatches(re, s, with), re.ReplaceAllString(s, with); got != want {
					t.Errorf("%q in %q by %q: %q, want %q", pattern, s, with, got, want)
				}
			}
		}
	}
}
