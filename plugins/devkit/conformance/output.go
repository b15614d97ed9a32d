package conformance

import (
	"strings"
	"sync"
	"unicode"

	"github.com/reconcilehq/reconcile/engine/fault"
)

// maxOutput is how many bytes of a program's output are kept: the first half of them and the last.
const maxOutput = 4 << 20

// output is a Writer that keeps what a program writes, up to maxOutput.
type output struct {
	mu         sync.Mutex
	head, last []byte
	cut        bool
}

// Write never fails.
func (w *output) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	rest := p
	if room := maxOutput/2 - len(w.head); room > 0 {
		n := min(room, len(rest))
		w.head, rest = append(w.head, rest[:n]...), rest[n:]
	}
	w.last = append(w.last, rest...)
	if over := len(w.last) - maxOutput/2; over > maxOutput/2 { // not at each write
		w.last, w.cut = append([]byte(nil), w.last[over:]...), true
	}
	return len(p), nil
}

// all returns what was written, as far as it was kept.
func (w *output) all() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	middle := ""
	if w.cut {
		middle = "\n"
	}
	return string(w.head) + middle + string(w.last)
}

// tail returns the last lines joined to one, or the beginning of the last panic if there was one.
func (w *output) tail(lines int) string {
	all := strings.Split(strings.TrimSpace(w.all()), "\n")
	from := max(len(all)-lines, 0)
	for i, line := range all {
		if strings.HasPrefix(line, fault.Beginning) || strings.HasPrefix(line, "panic: ") || strings.HasPrefix(line, "fatal error: ") {
			from = i
		}
	}
	all = all[from:min(from+lines, len(all))]
	for i, line := range all {
		all[i] = printable(line)
	}
	return strings.Join(all, " / ")
}

// first returns the first line that is not empty.
func (w *output) first() string {
	line, _, _ := strings.Cut(strings.TrimSpace(w.all()), "\n")
	return printable(line)
}

// printable makes a line of a program safe for a message: short, and without control characters.
func printable(line string) string {
	const enough = 300
	line = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(line, "�"))
	if runes := []rune(line); len(runes) > enough {
		line = string(runes[:enough]) + "…"
	}
	return line
}

// addLine adds a line.
func (w *output) addLine(line string) { _, _ = w.Write([]byte(line + "\n")) }
