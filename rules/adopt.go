package rules

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclwrite"
	"github.com/zclconf/go-cty/cty"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/replace"
	"github.com/reconcilehq/reconcile/rules/block"
)

// ListName returns the name of the nth list, counted from 1, that belongs to the file of accepted discrepancies at path.
func ListName(path string, n int) string {
	stem := strings.TrimSuffix(filepath.Base(path), ".hcl")
	if n == 1 {
		return stem + ".csv"
	}
	return fmt.Sprintf("%s-%d.csv", stem, n)
}

// IsList reports whether a skus_file, as it is written, is a list that belongs to the file of accepted discrepancies at path, and
// to no other.
func IsList(path, file string) bool {
	if file = filepath.Clean(file); filepath.IsAbs(file) {
		dir, err := filepath.Abs(filepath.Dir(path))
		if err != nil || filepath.Dir(file) != dir {
			return false
		}
		file = filepath.Base(file)
	}
	number, found := strings.CutPrefix(file, strings.TrimSuffix(filepath.Base(path), ".hcl"))
	if !found {
		return false
	}
	if number == ".csv" {
		return true
	}
	n, err := strconv.Atoi(strings.TrimSuffix(strings.TrimPrefix(number, "-"), ".csv"))
	return err == nil && n > 1 && ListName(path, n) == file
}

// Beside returns the other configurations in the folder of the one at path.
func Beside(path string) []string { return block.Beside(path) }

// Adopting says where things come from and go to when a file of accepted discrepancies takes over another.
type Adopting struct {
	From, To string                 // the paths of the two
	Dir      string                 // that the lists are in
	Name     func(string) string    // makes a name that no block has, see FreeNames
	NewList  func() (string, error) // the name of a list of To's that is not there yet, another one each time
	Lists    map[string][]byte      // the lists to be written, by name; Adopt adds to it
	Added    int                    // how many blocks Adopt added
}

// Adopt returns the text with all that stands in another such file and does not stand in this one yet. A block of a name
// that is taken gets another one. The lists of the other file are copied: what changes in one is not to change in the other.
func (a *AcceptedText) Adopt(other *AcceptedText, o *Adopting) ([]byte, error) {
	var added []byte
	loose := func(text []byte) {
		text = bytes.TrimPrefix(text, []byte(acceptedHeader))
		if what := bytes.TrimSpace(text); len(what) == 0 || !bytes.Contains(a.Text, what) {
			added = append(added, text...)
		}
	}
	at := 0
	for _, b := range other.blocks {
		if b.start > at {
			loose(other.Text[at:b.start])
		}
		at = b.end
		list, missing, err := a.missing(&b, o)
		switch {
		case err != nil:
			return nil, err
		case !missing:
			continue
		}
		text, err := o.block(other.Text, &b, list)
		if err != nil {
			return nil, err
		}
		if len(added) > 0 && added[len(added)-1] != '\n' { // the comment behind the block before is there already
			added = append(added, '\n')
		}
		added = append(added, text...)
		o.Added++
	}
	loose(other.Text[at:])
	switch {
	case len(bytes.TrimSpace(added)) == 0:
		return a.Text, nil
	case a.Text == nil:
		return joined([]byte(acceptedHeader), added), nil
	}
	return joined(a.Text, added), nil
}

// joined returns the text with more behind it, and an empty line between them.
func joined(text, more []byte) []byte {
	text = bytes.Clone(text)
	if len(text) > 0 && text[len(text)-1] != '\n' {
		text = append(text, '\n')
	}
	if len(text) > 0 && more[0] != '\n' && more[0] != '\r' {
		text = append(text, '\n')
	}
	return append(text, more...)
}

// Lacks returns how many blocks of another such file do not stand in this one, or not with all lines of their lists.
func (a *AcceptedText) Lacks(other *AcceptedText, o *Adopting) (n int) {
	for _, b := range other.blocks {
		if _, missing, err := a.missing(&b, o); missing || err != nil {
			n++
		}
	}
	return n
}

// missing reports whether something of a block of another such file does not stand in this one. list is the text of its
// list without the lines that do; nil where it has none of its own.
func (a *AcceptedText) missing(b *acceptedBlock, o *Adopting) (list []byte, missing bool, err error) {
	if b.file != "" && !IsList(o.From, b.file) {
		for _, own := range a.blocks {
			if own.same(b) && own.file == b.file {
				return nil, false, nil
			}
		}
		return nil, true, nil
	}
	if b.file == "" {
		for _, own := range a.blocks {
			if own.same(b) && own.file == "" {
				return nil, false, nil
			}
		}
		return nil, true, nil
	}
	list, err = o.read(b.file)
	if err != nil {
		return nil, false, err
	}
	lines, err := linesOf(b.file, list)
	if err != nil {
		return nil, false, err
	}
	met, here := false, map[string]bool{}
	for _, own := range a.blocks {
		if !own.same(b) || own.file == "" {
			continue
		}
		text, err := o.read(own.file)
		if err != nil {
			return nil, false, err
		}
		theirs, err := linesOf(own.file, text)
		if err != nil {
			return nil, false, err
		}
		met = true
		for _, line := range theirs {
			here[line.says] = true
		}
	}
	var known []int
	for _, line := range lines {
		if here[line.says] {
			known = append(known, line.at)
		}
	}
	if len(known) > 0 {
		if list, _, err = WithoutLines(list, known); err != nil {
			return nil, false, fmt.Errorf("read %s: %w", b.file, err)
		}
	}
	return list, !met || len(known) < len(lines), nil
}

// numbered ends the names that FreeNames makes of names that are taken.
var numbered = regexp.MustCompile(` \([0-9]+\)$`)

// same reports whether a block says what another one says, lists aside, and has its name, or one that was made of it.
func (b *acceptedBlock) same(other *acceptedBlock) bool {
	return b.body == other.body && (b.name == other.name || numbered.ReplaceAllString(b.name, "") == other.name)
}

// read returns the text of a list.
func (o *Adopting) read(file string) ([]byte, error) {
	path := file
	if !filepath.IsAbs(path) {
		path = filepath.Join(o.Dir, path)
	}
	text, err := replace.Read(path)
	if err != nil {
		return nil, fmt.Errorf("read the accepted discrepancies: %w", err)
	}
	return text, nil
}

// block returns the text of a block with all that is cut with it. Its list, if it has one, gets a new name.
func (o *Adopting) block(text []byte, b *acceptedBlock, list []byte) ([]byte, error) {
	quoted := func(s string) []byte { return hclwrite.TokensForValue(cty.StringVal(s)).Bytes() }
	out := bytes.Clone(text[b.start:b.label.Start.Byte])
	if name := o.Name(b.name); name != b.name {
		out = append(out, quoted(name)...)
	} else {
		out = append(out, text[b.label.Start.Byte:b.label.End.Byte]...)
	}
	at := b.label.End.Byte
	if list != nil {
		name, err := o.NewList()
		if err != nil {
			return nil, err
		}
		o.Lists[name] = list
		out = append(append(out, text[at:b.list.Start.Byte]...), quoted(name)...)
		at = b.list.End.Byte
	}
	out = append(out, text[at:b.end]...)
	if len(out) > 0 && out[len(out)-1] != '\n' && b.end == len(text) {
		out = append(out, '\n')
	}
	return out, nil
}

// listLine is a line of a list.
type listLine struct {
	at   int    // its number
	says string // its cells, whatever the order of the columns
}

// linesOf returns the lines of a list.
func linesOf(name string, text []byte) (lines []listLine, err error) {
	reader, above, err := openSkus(bytes.NewReader(text))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	header, err := reader.Read()
	if err != nil {
		return nil, fmt.Errorf("read the header of %s: %w", name, err)
	}
	columns := skusHeader(header)
	for {
		record, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return lines, nil
		}
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", name, err)
		}
		at, _ := reader.FieldPos(0)
		var says strings.Builder
		for _, column := range columns {
			if column >= 0 {
				says.WriteString(catalog.NormalText(record[column]))
			}
			says.WriteByte(0)
		}
		lines = append(lines, listLine{at + above, says.String()})
	}
}

// unreadAccepted warns of what was accepted in a file that is not read any more, as long as it does not stand in the file that is.
func unreadAccepted(path string, files *block.Files, command func(words ...string) string) hcl.Diagnostics {
	if files.Unread == "" || files.UnreadBy != "" {
		return nil // reconcile.hcl reads it, for which it was written
	}
	what := "What it accepts"
	text, err := replace.Read(files.Unread)
	other, diags := ParseAccepted(files.Unread, text)
	if err == nil && !diags.HasErrors() {
		own := &AcceptedText{}
		if file := files.Parsed[files.Accepted]; file != nil {
			if own, diags = ParseAccepted(files.Accepted, file.Bytes); diags.HasErrors() {
				return nil // which was said
			}
		}
		n := own.Lacks(other, &Adopting{From: files.Unread, To: files.Accepted, Dir: files.Dir})
		switch {
		case n == 0:
			return nil
		case n < len(other.blocks):
			what = fmt.Sprintf("What it accepts and %s does not have (%d of its %d blocks)", files.Accepted, n, len(other.blocks))
		}
	}
	adopt := "reconcile accept --adopt"
	if command != nil {
		adopt = command("accept", "--adopt")
	}
	return hcl.Diagnostics{{Severity: hcl.DiagWarning, Summary: "Accepted discrepancies are not read",
		Detail: fmt.Sprintf("What was accepted with %s stands in %s. %s is not read along with it. %s is reported as N. "+
			"Take it over with %s, or remove it.", path, files.Accepted, files.Unread, what, adopt)}}
}
