package rules

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"

	"github.com/reconcilehq/reconcile/engine/catalog"
)

// skusColumns are the columns that a skus_file may have; sku is the one that it must have.
var skusColumns = []string{"sku", "rules", "reason", "owner", "expires", "accepted"}

// skusFile reads a block's skus_file: a CSV file with a line for each SKU, so that a shop can keep it in a spreadsheet.
// What a line leaves empty is the block's. Each line becomes an Intentional of its own.
func (d *decoder) skusFile(a *hcl.Attribute, attrs hcl.Attributes, block *Intentional) {
	if _, both := attrs["skus"]; both {
		d.fail(a.NameRange, "SKUs twice", "Give the SKUs either in skus or in skus_file.")
		return
	}
	v, ok := d.constant(a.Expr, catalog.String, `"skus_file"`)
	if !ok {
		return
	}
	path := v.Str()
	if !filepath.IsAbs(path) {
		path = filepath.Join(d.config.Dir, path)
	}
	file, err := os.Open(path)
	if err != nil {
		d.fail(a.Expr.Range(), "SKUs cannot be read", "Cannot open %s: %v.", v.Str(), errors.Unwrap(err))
		return
	}
	defer func() { _ = file.Close() }()
	r := &skusReader{decoder: d, block: block, name: v.Str(), at: a.Expr.Range(), known: map[string]bool{}}
	for _, rule := range d.config.Rules {
		r.known[rule.Code] = true
	}
	r.read(file)
}

// skusReader is the state of reading one skus_file.
type skusReader struct {
	*decoder
	block    *Intentional
	name     string // as the configuration writes it
	at       hcl.Range
	known    map[string]bool // codes
	columns  map[string]int
	mistakes int
}

// mistake reports what is wrong with a line; after the first few it only counts.
func (r *skusReader) mistake(line int, format string, args ...any) {
	if r.mistakes++; r.mistakes <= 5 {
		r.fail(r.at, "SKUs cannot be read", "%s:%d: %s.", r.name, line, fmt.Sprintf(format, args...))
	}
}

func (r *skusReader) read(file io.Reader) {
	reader := csv.NewReader(skipMark(file))
	reader.ReuseRecord = true
	header, err := reader.Read()
	if err != nil {
		r.mistake(1, "there is no header; the columns are %s", strings.Join(skusColumns, ", "))
		return
	}
	if r.columns = skusHeader(header); r.columns["sku"] < 0 {
		r.mistake(1, "there is no column sku; the columns are %s", strings.Join(skusColumns, ", "))
		return
	}
	for {
		record, err := reader.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		line, _ := reader.FieldPos(0)
		if err != nil {
			r.mistake(line, "%v", errors.Unwrap(err))
			break
		}
		r.line(record, line)
	}
	if r.mistakes > 5 {
		r.fail(r.at, "SKUs cannot be read", "%s has %d more mistakes.", r.name, r.mistakes-5)
	}
}

// skusHeader returns where each column stands; -1 where it is absent.
func skusHeader(header []string) map[string]int {
	columns := map[string]int{}
	for _, name := range skusColumns {
		columns[name] = slices.IndexFunc(header, func(h string) bool { return strings.EqualFold(strings.TrimSpace(h), name) })
	}
	return columns
}

// line makes an Intentional of a line.
func (r *skusReader) line(record []string, line int) {
	cell := func(column string) string {
		if at := r.columns[column]; at >= 0 {
			return strings.Clone(record[at])
		}
		return ""
	}
	in := *r.block
	in.File, in.Line = r.name, line
	sku := cell("sku")
	if sku == "" {
		r.mistake(line, "the SKU is empty")
		return
	}
	in.SKUs = []string{sku}
	if codes := cell("rules"); strings.TrimSpace(codes) != "" {
		in.Rules = strings.FieldsFunc(codes, func(c rune) bool { return c == ',' || c == ';' || c == '|' || c == ' ' })
	}
	for _, code := range in.Rules {
		if !r.known[code] {
			r.mistake(line, "there is no rule %q", code)
		}
	}
	if reason := strings.TrimSpace(cell("reason")); reason != "" {
		in.Reason = reason
	}
	if owner := strings.TrimSpace(cell("owner")); owner != "" {
		in.Owner = owner
	}
	if len(in.Rules) == 0 || in.Reason == "" {
		r.mistake(line, "neither the line nor the block gives both rules and a reason")
		return
	}
	if day := strings.TrimSpace(cell("expires")); day != "" {
		expires, err := parseDay(day)
		if err != nil {
			r.mistake(line, "%v", err)
			return
		}
		in.Expires = expires
	}
	if text := cell("accepted"); text != "" {
		entries, err := catalog.ParseOptions(text)
		if err == nil {
			in.Accepted, err = acceptedOf(entries)
		}
		if err != nil {
			r.mistake(line, "column accepted: %v", err)
			return
		}
	}
	r.config.Intentional = append(r.config.Intentional, &in)
}

// skipMark takes away the byte order mark that spreadsheets write.
func skipMark(r io.Reader) io.Reader {
	const mark = "\ufeff"
	start := make([]byte, len(mark))
	n, _ := io.ReadFull(r, start)
	if string(start[:n]) == mark {
		return r
	}
	return io.MultiReader(strings.NewReader(string(start[:n])), r)
}
