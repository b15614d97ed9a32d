package console

import (
	"bytes"
	"os"
	"strings"

	"github.com/reconcilehq/reconcile/engine/replace"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/usercache"
)

// historyLength is how many lines are remembered.
const historyLength = 500

// history is the lines that were typed in this console and earlier ones. It implements term.History. Where no file can
// be kept, it remembers what was typed in this one. What a person does not want to be remembered starts with a space.
type history struct {
	lines []string // the latest last
	file  *os.File // nil where there is none
}

func openHistory() *history {
	h := &history{}
	path, err := usercache.Path("history")
	if err != nil {
		return h
	}
	if text, err := replace.Read(path); err == nil {
		for _, line := range bytes.Split(text, []byte("\n")) {
			if len(line) > 0 {
				h.lines = append(h.lines, string(line))
			}
		}
		if len(h.lines) > 2*historyLength { // seldom, so that consoles side by side lose nothing of each other
			h.lines = h.lines[len(h.lines)-historyLength:]
			_ = os.WriteFile(path, []byte(strings.Join(h.lines, "\n")+"\n"), 0o600)
		}
	}
	if replace.CheckPlace(path) != nil {
		return h
	}
	if h.file, err = os.OpenFile(path, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600); err != nil {
		h.file = nil
	}
	return h
}

func (h *history) close() {
	if h.file != nil {
		_ = h.file.Close()
	}
}

// Add implements term.History.
func (h *history) Add(line string) {
	if strings.TrimSpace(line) == "" || strings.HasPrefix(line, " ") || h.Len() > 0 && h.At(0) == line {
		return
	}
	h.lines = append(h.lines, line)
	if h.file != nil {
		_, _ = h.file.WriteString(line + "\n")
	}
}

// Len implements term.History.
func (h *history) Len() int { return len(h.lines) }

// At implements term.History: 0 is the latest line.
func (h *history) At(i int) string { return h.lines[len(h.lines)-1-i] }
