package host

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"strings"
	"sync"
	"unicode"

	"github.com/reconcilehq/reconcile/engine/fault"
	"github.com/reconcilehq/reconcile/plugins/proto"
)

const (
	maxLastLines  = 12      // of a connector's last words
	maxPanicLines = 16      // of a panic, from its first line on: what follows is of no use to most people
	maxLineBytes  = 4 << 10 // a longer line is cut
)

// output is the Writer for a connector's standard error, and for what it prints on standard output by mistake. It logs
// each line, and keeps the last ones for the message if the connector crashes.
type output struct {
	log     *slog.Logger
	secrets *Secrets

	mu         sync.Mutex
	line       []byte
	lastLines  []string
	panicLines []string
}

// Write never fails.
func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for rest := p; len(rest) > 0; {
		line, after, ended := bytes.Cut(rest, []byte{'\n'})
		// Keep a little more than what is shown, so that a secret at the end of a cut line is still recognized.
		if room := maxLineBytes + o.secrets.longest() - len(o.line); room > 0 {
			o.line = append(o.line, line[:min(room, len(line))]...)
		}
		if ended {
			o.addLine(string(bytes.TrimRight(o.line, "\r")))
			o.line = o.line[:0]
		}
		rest = after
	}
	return len(p), nil
}

func (o *output) addLine(line string) {
	level, text := parseLine(line)
	text = o.secrets.safeText(text)
	if len(text) > maxLineBytes {
		text = strings.ToValidUTF8(text[:maxLineBytes], "")
	}
	if text == "" {
		return
	}
	o.log.Log(context.Background(), level, text)
	if o.lastLines = append(o.lastLines, text); len(o.lastLines) > maxLastLines {
		o.lastLines = o.lastLines[1:]
	}
	if strings.HasPrefix(text, fault.Beginning) || strings.HasPrefix(text, "panic: ") || strings.HasPrefix(text, "fatal error: ") {
		o.panicLines = []string{text} // the last one counts
	} else if o.panicLines != nil && len(o.panicLines) < maxPanicLines {
		o.panicLines = append(o.panicLines, text)
	}
}

// printable removes control characters, which a terminal would obey, and cuts a text that is too long.
func printable(text string) string {
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\t' && r != '\n' {
			return -1
		}
		return r
	}, text)
	if len(text) > proto.MaxText {
		text = strings.ToValidUTF8(text[:proto.MaxText], "") + "…"
	}
	return text
}

// lastWords returns the last lines, the oldest first, or the first lines of a panic if there was one; "" if the connector
// wrote nothing.
func (o *output) lastWords() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.line) > 0 {
		o.addLine(o.secrets.hideBeginning(string(o.line))) // the rest of the line may still come
		o.line = nil
	}
	if o.panicLines != nil {
		return strings.Join(o.panicLines, "\n")
	}
	return strings.Join(o.lastLines, "\n")
}

// parseLine reads a line of hclog's JSON, which the SDK writes. It returns any other line unchanged.
func parseLine(line string) (slog.Level, string) {
	if !strings.HasPrefix(line, "{") {
		return slog.LevelInfo, line
	}
	var record map[string]any
	if json.Unmarshal([]byte(line), &record) != nil {
		return slog.LevelInfo, line
	}
	message, ok := record["@message"].(string)
	if !ok {
		return slog.LevelInfo, line
	}
	level := slog.LevelInfo
	if name, ok := record["@level"].(string); ok {
		_ = level.UnmarshalText([]byte(name)) // an unknown level is Info
	}
	var text strings.Builder
	text.WriteString(message)
	for _, key := range sortedKeys(record) {
		if !strings.HasPrefix(key, "@") {
			value, _ := json.Marshal(record[key])
			text.WriteString(" " + key + "=" + string(value))
		}
	}
	return level, text.String()
}
