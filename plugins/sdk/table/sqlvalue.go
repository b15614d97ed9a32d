package table

import (
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/reconcilehq/reconcile/engine/catalog"
)

var errNotUTF8 = errors.New("the text is not valid UTF-8: check the database's or the connection's character set")

// sqlText returns the text of a value as a file would have it: NULL is "", numbers are plain, bools true and false,
// dates 2026-11-23, times of day 15:04:05, timestamps RFC 3339 in UTC (those without a zone as if they were). Texts
// stand as they are, but columns of a fixed width, CHAR, lose the blanks that the database fills them up with.
func sqlText(v any, column *sql.ColumnType, special func(any, *sql.ColumnType) (string, bool)) (string, error) {
	if special != nil && v != nil {
		if text, ok := special(v, column); ok {
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
		return floatText(v, 64), nil
	case float32:
		return floatText(float64(v), 32), nil
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
	switch strings.ToUpper(column.DatabaseTypeName()) {
	case "CHAR", "NCHAR", "BPCHAR", "CHARACTER":
		s = strings.TrimRight(s, " ")
	}
	return s, nil
}

// floatText returns the shortest decimal number that is the float, without an exponent.
func floatText(f float64, bits int) string {
	shortest := strconv.FormatFloat(f, 'g', -1, bits)
	if d, err := catalog.ParseDecimal(shortest); err == nil {
		return d.String()
	}
	return shortest // NaN and infinities, which are no numbers
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
