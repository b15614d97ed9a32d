package main

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/clipperhouse/displaywidth"
)

// TestPicture draws what reconcile run prints for the sample, and holds the README's picture against it. -update draws it anew.
func TestPicture(t *testing.T) {
	t.Parallel()
	cmd := program(t, filepath.Join("..", ".."), "run", "--color", "always")
	cmd.Env = append(cmd.Env, "COLUMNS=100")
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	out = regexp.MustCompile(`(read|file of) [-0-9]+ [:0-9]+ UTC, [^\n]*`).ReplaceAll(out, []byte("$1 2026-11-28 09:00 UTC, just now"))
	compareFile(t, filepath.Join("..", "..", "docs", "output.svg"), drawn("$ reconcile run\n"+string(out)))
}

// Of the picture, in its own units.
const (
	cellWidth  = 8.43 // of a letter of fontSize
	fontSize   = 14
	lineHeight = 19
	margin     = 18
)

// looks are how texts look behind the parameters of an escape code, as attributes of SVG.
var looks = map[string]string{
	"1":    ` font-weight="bold"`,
	"2":    ` fill="#768390"`,
	"1;31": ` fill="#f47067" font-weight="bold"`,
	"1;34": ` fill="#6cb6ff" font-weight="bold"`,
	"1;35": ` fill="#dcbdfb" font-weight="bold"`,
	"32":   ` fill="#57ab5a"`,
	"33":   ` fill="#daaa3f"`,
	"36":   ` fill="#39c5cf"`,
}

// drawn returns text with escape codes for colours as a picture. Each run of words is a text of its own, as wide as its cells
// are: then columns stand below each other in every font.
func drawn(text string) []byte {
	var body strings.Builder
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	widest := 0
	for n, line := range lines {
		cells, look := 0, ""
		for _, part := range regexp.MustCompile("\x1b\\[[0-9;]*m|[^\x1b]+").FindAllString(line, -1) {
			if code, isCode := strings.CutPrefix(part, "\x1b["); isCode {
				look = looks[strings.TrimSuffix(code, "m")]
				continue
			}
			for _, words := range regexp.MustCompile(` {2,}|\S+(?: \S+)*| `).FindAllString(part, -1) {
				width := displaywidth.String(words)
				if strings.TrimSpace(words) != "" {
					var escaped bytes.Buffer
					_ = xml.EscapeText(&escaped, []byte(words)) // of a buffer there is no error
					fmt.Fprintf(&body, "<text x=\"%.1f\" y=\"%d\" textLength=\"%.1f\" lengthAdjust=\"spacingAndGlyphs\"%s>%s</text>\n",
						margin+cellWidth*float64(cells), margin+fontSize+lineHeight*n, cellWidth*float64(width), look, &escaped)
				}
				cells += width
			}
		}
		widest = max(widest, cells)
	}
	width, height := int(2*margin+cellWidth*float64(widest)), 2*margin+lineHeight*len(lines)
	return fmt.Appendf(nil, `<svg xmlns="http://www.w3.org/2000/svg" width="%[1]d" height="%[2]d" viewBox="0 0 %[1]d %[2]d" role="img">
<rect width="%[1]d" height="%[2]d" rx="8" fill="#22272e"/>
<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="%[3]d" fill="#adbac7">
%[4]s</g></svg>
`, width, height, fontSize, &body)
}
