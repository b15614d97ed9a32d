// Package memory says how much memory there is, and reads how much of it people allow.
package memory

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Size is a number of bytes as people write it; it implements pflag.Value. 0 is no size.
type Size int64

var byteUnits = []struct {
	name  string
	bytes float64
}{
	{"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}, {"TiB", 1 << 40},
	{"KB", 1e3}, {"MB", 1e6}, {"GB", 1e9}, {"TB", 1e12}, {"K", 1 << 10}, {"M", 1 << 20}, {"G", 1 << 30}, {"T", 1 << 40}, {"B", 1}, {"", 1},
}

// Set reads a number with a unit.
func (s *Size) Set(text string) error {
	for _, unit := range byteUnits {
		number, ok := cutUnit(text, unit.name)
		if !ok {
			continue
		}
		n, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
		if bytes := n * unit.bytes; err == nil && bytes >= 1 && bytes < math.MaxInt64 {
			*s = Size(bytes)
			return nil
		}
		break
	}
	return fmt.Errorf("write a size such as 512MiB or 2GiB")
}

// cutUnit removes the unit from the end of a text, without regard to case.
func cutUnit(text, unit string) (number string, ok bool) {
	at := len(text) - len(unit)
	if at < 0 || !strings.EqualFold(text[at:], unit) {
		return "", false
	}
	return text[:at], true
}

// String writes the size in the largest unit that it is a whole number of.
func (s *Size) String() string {
	if *s == 0 {
		return ""
	}
	for i := 3; i >= 0; i-- {
		if unit := int64(byteUnits[i].bytes); int64(*s)%unit == 0 {
			return strconv.FormatInt(int64(*s)/unit, 10) + byteUnits[i].name
		}
	}
	return strconv.FormatInt(int64(*s), 10) + "B"
}

// Type names the kind of value for help.
func (s *Size) Type() string { return "size" }

// DefaultLimit is a quarter of what the machine has. Where that cannot be learned it is what small machines have.
func DefaultLimit() int64 {
	const unknown = 1 << 30
	if all := ofMachine(); all > 0 {
		return all / 4
	}
	return unknown
}
