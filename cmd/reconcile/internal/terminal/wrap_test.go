package terminal

import (
	"strings"
	"testing"

	"github.com/clipperhouse/displaywidth"
)

// TestWrapped says that notices, warnings and errors are wrapped between words on a terminal, and left alone elsewhere.
func TestWrapped(t *testing.T) {
	const text = "file \"inventory.csv\": fields parted by \";\", 価格の列 in line 3\n  (guessed; can be set with a-word-that-is-longer-than-the-whole-line-is-wide)"
	for name, say := range map[string]func(*Terminal){
		"Tell": func(t *Terminal) { t.Tell(text) },
		"Warn": func(t *Terminal) { t.Warn("%s", text) },
		"Fail": func(t *Terminal) { t.Fail("%s", text) },
	} {
		var shown, piped strings.Builder
		hide := func(s string) string { return s }
		say(&Terminal{Err: &shown, err: &shown, errWidth: 30, hide: hide})
		say(&Terminal{Err: &piped, err: &piped, hide: hide})
		if strings.Count(piped.String(), "\n") != 2 || !strings.HasSuffix(piped.String(), text+"\n") {
			t.Errorf("%s, in a pipe: %q", name, piped.String())
		}
		for line := range strings.Lines(shown.String()) {
			if line = strings.TrimRight(line, "\n"); displaywidth.String(line) > 30 && strings.Contains(strings.TrimSpace(line), " ") {
				t.Errorf("%s: %q is wider than the terminal", name, line)
			}
		}
		if words, want := strings.Fields(shown.String()), strings.Fields(piped.String()); strings.Join(words, " ") != strings.Join(want, " ") {
			t.Errorf("%s: %q has not the words of %q", name, shown.String(), piped.String())
		}
	}
}

// TestInterrupted says that the last word stands on a line of its own where the terminal shows ^C.
func TestInterrupted(t *testing.T) {
	var shown, piped strings.Builder
	(&Terminal{Err: &shown, err: &shown, errIsTerminal: true}).Interrupted("", "Nothing was written.")
	(&Terminal{Err: &piped, err: &piped}).Interrupted("", "Nothing was written.")
	if piped.String() != "Interrupted. Nothing was written.\n" || shown.String() != "\n"+piped.String() {
		t.Errorf("%q on a terminal, %q in a pipe", shown.String(), piped.String())
	}
}
