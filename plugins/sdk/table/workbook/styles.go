package workbook

import (
	"fmt"
	"strconv"
	"strings"
)

// numberFormat is how a cell shows its number.
type numberFormat struct {
	id   int
	code string
	lost bool    // the workbook does not say what it is
	is   *Format // nil: a number as a number and nothing else, and a text as it stands
}

// ownFormats is where the formats begin that a workbook defines itself. Those before are agreed upon.
const ownFormats = 164

// mostCode is how long a number format's code may be, in bytes. Programs allow some 250 characters.
const mostCode = 4 << 10

// styleParts are what the styles may have in them.
var styleParts = set("numFmts fonts fills borders cellStyleXfs cellXfs cellStyles dxfs tableStyles colors extLst")

// readStyles reads the number formats of cells.
func (b *Book) readStyles(related map[string]relation) error {
	name, err := b.related(related, "styles")
	if err != nil || name == "" {
		return err
	}
	own := map[int]string{}
	promised := 0
	err = b.archive.walk(name, main, func(s *scanner, at string) error {
		words := strings.Split(at, "/")
		switch {
		case words[0] != "styleSheet", len(words) == 2 && !styleParts[words[1]],
			len(words) == 3 && (words[1] == "numFmts" && words[2] != "numFmt" || words[1] == "cellXfs" && words[2] != "xf"):
			return s.wrong("<%s> does not belong there", at)
		case at == "styleSheet/numFmts/numFmt":
			id, err := number(s, "numFmtId", -1)
			if err != nil || id < 0 {
				return s.wrong("a number format has no number")
			}
			code, ok := s.attr("formatCode")
			if !ok {
				return s.wrong("number format %d has no code", id)
			}
			if len(code) > mostCode {
				return s.wrong("number format %d has a code of %d bytes, more than %d", id, len(code), mostCode)
			}
			own[id] = string(unescape([]byte(code), 0))
		case at == "styleSheet/cellXfs":
			promised, err = number(s, "count", 0)
			return err
		case at == "styleSheet/cellXfs/xf":
			id, err := number(s, "numFmtId", 0)
			if err != nil {
				return err
			}
			b.styles = append(b.styles, numberFormat{id: id})
		}
		return nil
	})
	if err == nil && len(b.styles) < promised {
		err = fmt.Errorf("its part %s has %d cell formats and not %d, as it says", name, len(b.styles), promised)
	}
	parsed := map[string]*Format{}
	for i := range b.styles {
		f := &b.styles[i]
		code, isOwn := own[f.id]
		f.lost = !isOwn && f.id >= ownFormats
		if f.code = code; !isOwn {
			f.code = agreed[f.id]
		}
		if f.lost || plainCodes[f.code] {
			continue
		}
		if parsed[f.code] == nil {
			parsed[f.code] = parseFormat(f.code)
		}
		f.is = parsed[f.code]
	}
	return err
}

// number reads an attribute that is a whole number.
func number(s *scanner, name string, ifAbsent int) (int, error) {
	told, ok := s.attr(name)
	if !ok {
		return ifAbsent, nil
	}
	n, err := strconv.Atoi(strings.TrimSpace(told))
	if err != nil || n < 0 {
		return 0, s.wrong("%s is %q", name, told)
	}
	return n, nil
}

// plainCodes are of formats that add nothing to a number but another way to write it. There are formats without a code, which
// are as good as General.
var plainCodes = map[string]bool{"": true, "General": true, "@": true, "0": true, "0.00": true, "#,##0": true, "#,##0.00": true, "0.00E+00": true}

// plain reports whether the format adds nothing.
func (f numberFormat) plain() bool { return f.is == nil && !f.lost }
