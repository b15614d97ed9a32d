package host

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"strings"
	"sync"
	"unicode"

	"github.com/reconcilehq/reconcile/plugins/proto"
)

const (
	tailLines  = 12      // of a connector's last words
	panicLines = 8       // of a panic, from its first line on: what follows is of no use to most people
	lineBytes  = 4 << 10 // a longer line is cut
)

// output takes what a connector writes to its standard error, or prints by mistake, line by line: it logs each line and
// keeps the last ones, which are what a person needs when the connector dies.
type output struct {
	log     *slog.Logger
	secrets *Secrets

	mu    sync.Mutex
	line  []byte
	tail  []string
	panic []string
}

// Write never fails.
func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for rest := p; len(rest) > 0; {
		line, after, ended := bytes.Cut(rest, []byte{'\n'})
		// Of a line that is cut so much is kept that a secret at the cut can be told.
		if room := lineBytes + o.secrets.longest() - len(o.line); room > 0 {
			o.line = append(o.line, line[:min(room, len(line))]...)
		}
		if ended {
			o.take(string(bytes.TrimRight(o.line, "\r")))
			o.line = o.line[:0]
		}
		rest = after
	}
	return len(p), nil
}

func (o *output) take(line string) {
	level, text := parseLine(line)
	text = o.secrets.show(text)
	if len(text) > lineBytes {
		text = strings.ToValidUTF8(text[:lineBytes], "")
	}
	if text == "" {
		return
	}
	o.log.Log(context.Background(), level, text)
	if o.tail = append(o.tail, text); len(o.tail) > tailLines {
		o.tail = o.tail[1:]
	}
	if strings.HasPrefix(text, "panic: ") || strings.HasPrefix(text, "fatal error: ") {
		o.panic = []string{text} // the last one counts
	} else if o.panic != nil && len(o.panic) < panicLines {
		o.panic = append(o.panic, text)
	}
}

// printable takes out of a text what a terminal would act on, and cuts one that nobody would read.
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

// lastWords returns the last lines, oldest first, or the beginning of a panic; "" if there were none.
func (o *output) lastWords() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.line) > 0 {
		o.take(o.secrets.hideBeginning(string(o.line))) // the rest of the line may be still to come
		o.line = nil
	}
	if o.panic != nil {
		return strings.Join(o.panic, "\n")
	}
	return strings.Join(o.tail, "\n")
}

// parseLine reads hclog's JSON, which the SDK writes; other lines stand as they are.
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
