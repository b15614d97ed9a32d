package rules

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
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
	text       string // from its first letter to its closing brace
	start, end int    // of what is cut with it: its lines, the comment right above it, and the empty line before
}

// ParseAccepted reads the text of the file of that name. It is empty where there is no file.
func ParseAccepted(name string, text []byte) (*AcceptedText, hcl.Diagnostics) {
	a := &AcceptedText{Text: text}
	file, diags := hclsyntax.ParseConfig(text, name, hcl.InitialPos)
	if diags.HasErrors() {
		return nil, diags
	}
	for _, b := range file.Body.(*hclsyntax.Body).Blocks {
		if b.Type != "intentional" || len(b.Labels) != 1 {
			continue
		}
		from, to := b.TypeRange.Start.Byte, b.CloseBraceRange.End.Byte
		start, end := around(text, from, to)
		a.blocks = append(a.blocks, acceptedBlock{b.Labels[0], string(text[from:to]), start, end})
	}
	return a, nil
}

// around returns what is cut with the text from one place to the other.
func around(text []byte, from, to int) (start, end int) {
	start = lineStart(text, from)
	for start > 0 {
		before := lineStart(text, start-1)
		line := text[before:start]
		if string(line) == acceptedHeader || !isComment(line) {
			break
		}
		start = before
	}
	if start > 0 {
		if before := lineStart(text, start-1); len(bytes.TrimSpace(text[before:start])) == 0 {
			start = before
		}
	}
	if n := bytes.IndexByte(text[to:], '\n'); n >= 0 {
		return start, to + n + 1
	}
	if start > 0 && text[start-1] == '\n' && !bytes.HasSuffix(text[:start], []byte("\r\n")) {
		start-- // the text did not end with a line end before the block was added
	}
	return start, len(text)
}

// lineStart returns where the line begins that holds the byte at a place, or that ends right before it.
func lineStart(text []byte, at int) int { return bytes.LastIndexByte(text[:at], '\n') + 1 }

func isComment(line []byte) bool {
	line = bytes.TrimSpace(line)
	return bytes.HasPrefix(line, []byte("#")) || bytes.HasPrefix(line, []byte("//"))
}

// Names returns the names of the blocks.
func (a *AcceptedText) Names() []string {
	var names []string
	for _, b := range a.blocks {
		names = append(names, b.name)
	}
	return names
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
	if string(text) == acceptedHeader {
		return nil
	}
	return text
}

// Adopt returns the text with all that stands in another such file, but for blocks that both have. The error names a block that
// both have and that is not the same in the two.
func (a *AcceptedText) Adopt(other *AcceptedText) ([]byte, error) {
	if a.Text == nil {
		return other.Text, nil
	}
	whole := bytes.TrimSpace(bytes.TrimPrefix(other.Text, []byte(acceptedHeader)))
	if bytes.Contains(a.Text, whole) {
		return a.Text, nil
	}
	var same []string
	for _, b := range other.blocks {
		at := slices.IndexFunc(a.blocks, func(own acceptedBlock) bool { return own.name == b.name })
		switch {
		case at < 0:
		case a.blocks[at].text == b.text:
			same = append(same, b.name)
		default:
			return nil, fmt.Errorf("both have a block %q, and the two are not the same", b.name)
		}
	}
	more := bytes.TrimPrefix(other.Without(same), []byte(acceptedHeader))
	if len(bytes.TrimSpace(more)) == 0 {
		return a.Text, nil
	}
	text := slices.Clone(a.Text)
	if len(text) > 0 && text[len(text)-1] != '\n' {
		text = append(text, '\n')
	}
	if len(text) > 0 && more[0] != '\n' {
		text = append(text, '\n')
	}
	return append(text, more...), nil
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
