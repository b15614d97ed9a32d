package conformance

import (
	"strings"
	"sync"
	"unicode"
)

// maxWords is how much of a program's output is kept, in bytes: half from its beginning, half from its end.
const maxWords = 4 << 20

// words keeps what a program writes.
type words struct {
	mu         sync.Mutex
	head, last []byte
	cut        bool
}

// Write never fails.
func (w *words) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	rest := p
	if room := maxWords/2 - len(w.head); room > 0 {
		n := min(room, len(rest))
		w.head, rest = append(w.head, rest[:n]...), rest[n:]
	}
	w.last = append(w.last, rest...)
	if over := len(w.last) - maxWords/2; over > maxWords/2 { // not at each write
		w.last, w.cut = append([]byte(nil), w.last[over:]...), true
	}
	return len(p), nil
}

// all returns what was written, as far as it was kept.
func (w *words) all() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	middle := ""
	if w.cut {
		middle = "\n"
	}
	return string(w.head) + middle + string(w.last)
}

// tail returns the last lines in one, or the beginning of the last panic.
func (w *words) tail(lines int) string {
	all := strings.Split(strings.TrimSpace(w.all()), "\n")
	from := max(len(all)-lines, 0)
	for i, line := range all {
		if strings.HasPrefix(line, "panic: ") || strings.HasPrefix(line, "fatal error: ") {
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
func (w *words) first() string {
	line, _, _ := strings.Cut(strings.TrimSpace(w.all()), "\n")
	return printable(line)
}

// printable makes a line of a foreign program fit for a message.
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

// say adds a line.
func (w *words) say(line string) { _, _ = w.Write([]byte(line + "\n")) }
