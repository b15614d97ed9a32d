package conformance

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// Style says how to write a report for people.
type Style struct {
	Color bool
	Width int  // the longest line; 0: no limit
	Brief bool // write only the demands that failed
}

// WriteText writes the report for people: a line for each demand, and under each that failed what happened and what to do.
func (r *Report) WriteText(w io.Writer, style Style) error {
	t := &textWriter{w: w, style: style}
	section, reason := "", ""
	for _, result := range r.Results {
		if style.Brief && result.Status != Failed {
			continue
		}
		if next, _, _ := strings.Cut(result.Number, "."); next != section {
			if section != "" {
				t.line("")
			}
			section = next
			t.line("%s", t.paint("1", sectionTitle(section)))
		}
		if why := strings.Join(result.Seen, "\n"); result.Status == Skipped {
			if why == reason {
				result.Seen = nil // the same as for the demand above
			}
			reason = why
		} else {
			reason = ""
		}
		t.result(result)
	}
	if section != "" {
		t.line("")
	}
	for _, note := range r.Notes {
		t.line("%s %s", t.paint("33", "Note:"), t.wrapped(note, len("Note: ")))
	}
	t.line("%s", r.summary(t))
	return t.err
}

func sectionTitle(section string) string {
	return map[string]string{"1": "1 Starting", "2": "2 Describe", "3": "3 Configure", "4": "4 Schema", "5": "5 Check", "6": "6 Read",
		"7": "7 Ending, and keeping quiet", "8": "8 The Local Copy", "9": "9 Single items", "10": "10 Changes", "11": "11 Web orders"}[section]
}

// textWriter keeps the first error.
type textWriter struct {
	w     io.Writer
	style Style
	err   error
}

func (t *textWriter) line(format string, args ...any) {
	if t.err == nil {
		_, t.err = fmt.Fprintf(t.w, format+"\n", args...)
	}
}

func (t *textWriter) paint(code, s string) string {
	if !t.style.Color {
		return s
	}
	return "\x1b[" + code + "m" + s + "\x1b[0m"
}

func (t *textWriter) result(r Result) {
	word := map[Status]string{Passed: t.paint("32", "passed "), Failed: t.paint("1;31", "FAILED "), Skipped: t.paint("33", "skipped")}[r.Status]
	const indent = 17
	t.line("  %-5s %s  %s", r.Number, word, t.wrapped(r.Title, indent))
	for _, seen := range r.Seen {
		switch r.Status {
		case Failed:
			t.line("%*s%s", indent, "", t.paint("31", t.wrapped(seen, indent)))
		default:
			t.line("%*s%s", indent, "", t.paint("2", t.wrapped(seen, indent)))
		}
	}
	if r.Status == Failed {
		t.line("%*s%s", indent, "", t.wrapped("To mend it: "+r.Mend, indent))
	}
}

// wrapped breaks a text into lines between words, indented, if there is room for that.
func (t *textWriter) wrapped(text string, indent int) string {
	room := t.style.Width - indent
	if room < 30 {
		return text
	}
	var lines []string
	line := ""
	for _, word := range strings.Fields(text) {
		if line != "" && len([]rune(line))+1+len([]rune(word)) > room {
			lines, line = append(lines, line), ""
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	return strings.Join(append(lines, line), "\n"+strings.Repeat(" ", indent))
}

func (r *Report) summary(t *textWriter) string {
	who := "The connector"
	if r.Connector != "" {
		who = fmt.Sprintf("Connector %q %s", r.Connector, r.Version)
	}
	passed, failed, skipped := len(r.numbers(Passed)), len(r.numbers(Failed)), len(r.numbers(Skipped))
	verdict := t.paint("32", "conforms")
	switch {
	case failed > 0:
		verdict = t.paint("1;31", "does not conform")
	case !slices.Contains(r.numbers(Passed), "6.1"):
		verdict = "conforms as far as it goes, but " + t.paint("33", "nothing could be read")
	}
	return fmt.Sprintf("%s %s: %d passed, %d failed, %d skipped, in %s.", who, verdict, passed, failed, skipped, r.Took.Round(100*time.Millisecond))
}
