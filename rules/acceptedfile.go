package rules

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/reconcilehq/reconcile/rules/syntax"
)

// acceptedHeader is the first line of a file of accepted discrepancies.
const acceptedHeader = "# Accepted discrepancies, written by reconcile accept. To take one back, remove its block.\n"

// AcceptedText is the text of a file of accepted discrepancies. It is changed as text, so that all else that stands in it stays
// as it is, comments too.
type AcceptedText struct {
	Text   []byte
	blocks []acceptedBlock
}

// acceptedBlock is an intentional block of the text.
type acceptedBlock struct {
	name       string
	from, to   int // from its first letter to its closing brace
	start, end int // of what is cut with it: its lines, the comment right above it, and the empty line before

	label, list hcl.Range // of its name and of the value of its skus_file
	expires     hcl.Range // of its last day, as an attribute
	expiry      hcl.Range // of the day itself; zero if it has none
	file        string    // its skus_file, as it is written; "" if it has none, or one that is no text
	body        string    // what it says, without its name, its skus_file, comments and white space
}

// ParseAccepted reads the text of the file of that name. It is empty where there is no file.
func ParseAccepted(name string, text []byte) (*AcceptedText, hcl.Diagnostics) {
	a := &AcceptedText{Text: text}
	file, diags := syntax.Parse(name, text)
	if diags.HasErrors() {
		return nil, diags
	}
	tokens, _ := hclsyntax.LexConfig(text, name, hcl.InitialPos) // what is wrong with them was said
	comments := commentLines(text, tokens)
	for _, b := range file.Body.(*hclsyntax.Body).Blocks {
		if b.Type != "intentional" || len(b.Labels) != 1 {
			continue
		}
		block := acceptedBlock{name: b.Labels[0], from: b.TypeRange.Start.Byte, to: b.CloseBraceRange.End.Byte, label: b.LabelRanges[0]}
		block.start, block.end = around(text, block.from, block.to, comments)
		if a, has := b.Body.Attributes["skus_file"]; has {
			if v, diags := a.Expr.Value(nil); !diags.HasErrors() && v.IsKnown() && !v.IsNull() && v.Type() == cty.String {
				block.file, block.list = v.AsString(), a.Expr.Range()
			}
		}
		if a, has := b.Body.Attributes["expires"]; has {
			block.expires, block.expiry = a.SrcRange, a.Expr.Range()
		}
		block.body = block.says(tokens)
		a.blocks = append(a.blocks, block)
	}
	return a, nil
}

// says returns the block's body.
func (b *acceptedBlock) says(tokens hclsyntax.Tokens) string {
	var body []byte
	for _, t := range tokens {
		at := t.Range.Start.Byte
		switch {
		case at < b.label.End.Byte || at >= b.to, t.Type == hclsyntax.TokenComment, t.Type == hclsyntax.TokenNewline:
		case b.file != "" && at >= b.list.Start.Byte && at < b.list.End.Byte:
		default:
			body = append(append(body, t.Bytes...), 0)
		}
	}
	return string(body)
}

// commentLines returns where the lines begin that are a comment and nothing else.
func commentLines(text []byte, tokens hclsyntax.Tokens) map[int]bool {
	lines := map[int]bool{}
	for _, t := range tokens {
		at := t.Range.Start.Byte
		if t.Type == hclsyntax.TokenComment && !bytes.HasPrefix(t.Bytes, []byte("/*")) && len(bytes.TrimSpace(text[lineStart(text, at):at])) == 0 {
			lines[lineStart(text, at)] = true
		}
	}
	return lines
}

// around returns what is cut with the text from one place to the other. A comment behind it in its line stays.
func around(text []byte, from, to int, comments map[int]bool) (start, end int) {
	start = lineStart(text, from)
	for start > 0 {
		before := lineStart(text, start-1)
		if string(text[before:start]) == acceptedHeader || !comments[before] {
			break
		}
		start = before
	}
	lineEnd := len(text)
	if n := bytes.IndexByte(text[to:], '\n'); n >= 0 {
		lineEnd = to + n + 1
	}
	if behind := bytes.TrimLeft(text[to:lineEnd], " \t"); len(bytes.TrimSpace(behind)) > 0 {
		return start, lineEnd - len(behind)
	}
	if start > 0 {
		if before := lineStart(text, start-1); len(bytes.TrimSpace(text[before:start])) == 0 {
			start = before
		}
	}
	if text := text[to:lineEnd]; bytes.HasSuffix(text, []byte("\n")) {
		return start, lineEnd
	}
	if start > 0 && text[start-1] == '\n' && !bytes.HasSuffix(text[:start], []byte("\r\n")) {
		start-- // the text did not end with a line end before the block was added
	}
	return start, len(text)
}

// lineStart returns where the line begins that holds the byte at a place, or that ends right before it.
func lineStart(text []byte, at int) int { return bytes.LastIndexByte(text[:at], '\n') + 1 }

// Names returns the names of the blocks.
func (a *AcceptedText) Names() []string {
	var names []string
	for _, b := range a.blocks {
		names = append(names, b.name)
	}
	return names
}

// Lists returns the skus_files that the blocks name.
func (a *AcceptedText) Lists() []string {
	var lists []string
	for _, b := range a.blocks {
		if b.file != "" && !slices.Contains(lists, b.file) {
			lists = append(lists, b.file)
		}
	}
	return lists
}

// With returns the text with blocks added. Without gives back what it was.
func (a *AcceptedText) With(blocks ...[]byte) []byte {
	text := slices.Clone(a.Text)
	if text == nil {
		text = []byte(acceptedHeader)
	}
	for _, block := range blocks {
		block = bytes.TrimRight(block, "\n")
		if len(text) > 0 && text[len(text)-1] != '\n' {
			text = append(append(text, "\n\n"...), block...)
			continue
		}
		text = append(append(append(text, '\n'), block...), '\n')
	}
	return text
}

// Without returns the text without the blocks of these names. It is nil if nothing is left, so that there need be no file.
func (a *AcceptedText) Without(names []string) []byte {
	text, at := []byte{}, 0
	for _, b := range a.blocks {
		if slices.Contains(names, b.name) {
			text = append(text, a.Text[at:max(b.start, at)]...)
			at = b.end
		}
	}
	text = append(text, a.Text[at:]...)
	if len(bytes.TrimSpace(bytes.TrimPrefix(bytes.TrimSpace(text), []byte(strings.TrimSpace(acceptedHeader))))) == 0 {
		return nil
	}
	return text
}

// WithoutLines returns the text of a skus_file without the records that begin in these lines. left is how many others it has.
func WithoutLines(text []byte, lines []int) (without []byte, left int, err error) {
	reader, above, err := openSkus(bytes.NewReader(text))
	if err != nil {
		return nil, 0, err
	}
	skipped := 0
	if bytes.HasPrefix(text, []byte("\ufeff")) {
		skipped = len("\ufeff")
	}
	if _, length := saidDelimiter(text[skipped:]); above > 0 {
		skipped += length
	}
	if _, err := reader.Read(); err != nil {
		return nil, 0, fmt.Errorf("read the header: %w", err)
	}
	kept := 0
	for {
		start := skipped + int(reader.InputOffset())
		_, err := reader.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, 0, err
		}
		if line, _ := reader.FieldPos(0); !slices.Contains(lines, line+above) {
			left++
			continue
		}
		without, kept = append(without, text[kept:start]...), skipped+int(reader.InputOffset())
	}
	return append(without, text[kept:]...), left, nil
}
