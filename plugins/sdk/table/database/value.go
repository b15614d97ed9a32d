package database

import (
	"cmp"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/reconcilehq/reconcile/engine/catalog"
)

var errNotUTF8 = errors.New("the text is not valid UTF-8: check the database's or the connection's character set")

// errNUL is about what is an error in a file, too: some programs end a text there, so that two texts look alike that are not.
var errNUL = errors.New("the text has a NUL character: take it out in the query, or mend what the database holds")

// sqlText returns the text of a value as a file would have it: NULL is "", numbers are plain, bools true and false,
// dates 2026-11-23, times of day 15:04:05, timestamps RFC 3339 in UTC (those without a zone as if they were). Texts
// stand as they are, but columns of a fixed width, CHAR, lose the blanks that the database fills them up with.
func (d *dialect) sqlText(v any, column *sql.ColumnType) (string, error) {
	if d.text != nil && v != nil {
		if text, ok := d.text(v, column); ok {
			return text, nil
		}
	}
	switch v := v.(type) {
	case nil:
		return "", nil
	case string:
		return plainText(v, column)
	case []byte:
		return plainText(string(v), column)
	case int64:
		return strconv.FormatInt(v, 10), nil
	case float64:
		if slices.Contains(d.shortFloats, column.DatabaseTypeName()) { // it has the noise of the conversion
			return d.shortFloatText(float32(v))
		}
		return floatText(v)
	case float32:
		return d.shortFloatText(v)
	case bool:
		return strconv.FormatBool(v), nil
	case time.Time:
		return timeText(v, column), nil
	case int, int8, int16, int32, uint, uint8, uint16, uint32, uint64:
		return fmt.Sprint(v), nil
	case fmt.Stringer: // the drivers' decimals
		return v.String(), nil
	}
	return "", fmt.Errorf("a value of type %s cannot be read: cast it to text in the query", column.DatabaseTypeName())
}

func plainText(s string, column *sql.ColumnType) (string, error) {
	if !utf8.ValidString(s) {
		return "", errNotUTF8
	}
	if strings.IndexByte(s, 0) >= 0 {
		return "", errNUL
	}
	switch strings.ToUpper(column.DatabaseTypeName()) {
	case "CHAR", "NCHAR", "BPCHAR", "CHARACTER":
		s = strings.TrimRight(s, " ")
	}
	return s, nil
}

// errRounded is about a whole number that nobody can tell from its neighbours any more.
var errRounded = errors.New("is a floating-point number so large that it may be rounded: make the column a decimal, or cast it in the query where its digits are still exact")

// floatText returns a float of 64 bits as people mean it, without an exponent: 15 digits, which is what it surely holds, so
// that what was added up from 0.1 and 0.2 is 0.3. Whole numbers are exact, or an error.
func floatText(f float64) (string, error) {
	if f == math.Trunc(f) && math.Abs(f) >= 1<<53 && !math.IsInf(f, 0) {
		return "", fmt.Errorf("%v %w", f, errRounded)
	}
	if f == math.Trunc(f) {
		return decimalText(strconv.FormatFloat(f, 'f', -1, 64)), nil
	}
	return decimalText(strconv.FormatFloat(f, 'g', 15, 64)), nil
}

// shortFloatText is floatText for a float of 32 bits: the shortest number that is the float.
func (d *dialect) shortFloatText(f float32) (string, error) {
	exact := float64(cmp.Or(d.shortExact, 1<<24))
	if wide := float64(f); wide == math.Trunc(wide) && math.Abs(wide) >= exact && !math.IsInf(wide, 0) {
		return "", fmt.Errorf("%v %w", f, errRounded)
	}
	return decimalText(strconv.FormatFloat(float64(f), 'g', -1, 32)), nil
}

// decimalText writes a float's text without an exponent.
func decimalText(text string) string {
	if d, err := catalog.ParseDecimal(text); err == nil {
		return d.String()
	}
	return text // NaN and infinities, which are no numbers
}

func timeText(t time.Time, column *sql.ColumnType) string {
	switch name := strings.ToUpper(column.DatabaseTypeName()); {
	case t.IsZero():
		return "" // MySQL's 0000-00-00
	case name == "DATE":
		return t.Format(time.DateOnly)
	case name == "TIME":
		return t.Format("15:04:05.999999999")
	}
	return t.UTC().Format(time.RFC3339Nano)
}
