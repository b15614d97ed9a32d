// Package near finds pairs of items that were not paired though a person would: the key of one side looks like the other's, but for
// what gets lost on the way through spreadsheets and forms. It tells which kinds of differences there are, and the key that would
// pair the items.
package near

import (
	"regexp"
	"strings"
	"unicode"
)

// A kind is one way in which two keys can differ that a person takes for the same.
type kind struct {
	what string              // in words, behind "differ only in"
	drop func(string) string // the key without what makes the difference
	// expression is the same in the language of the configuration; %s stands for the key.
	expression string
}

// kinds are all kinds, by their bits. What stands before others is dropped before them: zeros lead once there is nothing before
// them. Of those that drop more of the same, the weaker one comes first.
var kinds = []kind{
	{"characters that do not show", dropAll(hidden), `regexreplace("[\\p{Cf}\\x00-\\x08\\x0e-\\x1f\\x7f]+", %s, "")`},
	{"white space around the SKU", strings.TrimSpace, `trimspace(%s)`},
	{"white space", dropAll(blank), `regexreplace("[\\s\\v\\x{85}\\p{Z}]+", %s, "")`},
	{"an apostrophe before it", func(s string) string { return strings.TrimPrefix(s, "'") }, `trimprefix(%s, "'")`},
	{"the kind of dash", unifyDashes, `regexreplace("[\\p{Pd}\\x{2212}_]", %s, "-")`},
	{"dashes", dropAll(dash), `regexreplace("[\\p{Pd}\\x{2212}_]+", %s, "")`},
	{"leading zeros", dropZeros, `regexreplace("^0+([^\\pC\\pZ])", %s, "$1")`},
	{"case", strings.ToUpper, `upper(%s)`},
}

// set are kinds, each a bit.
type set uint16

// Bits of kinds.
const (
	hiddenBit set = 1 << iota
	aroundBit
	blanksBit
	apostropheBit
	dashKindBit
	dashesBit
	zerosBit
	caseBit

	every set = 1<<iota - 1
)

// mild are kinds that rarely make one key of two that are meant to be different.
const mild = hiddenBit | aroundBit | blanksBit | caseBit

func hidden(r rune) bool {
	return r < 0x20 && !blank(r) || r == 0x7f || r > 0x7f && unicode.Is(unicode.Cf, r)
}

func blank(r rune) bool {
	return r == ' ' || '\t' <= r && r <= '\r' || r == 0x85 || r > 0x85 && unicode.In(r, unicode.Z)
}

func dash(r rune) bool {
	return r == '-' || r == '_' || r > 0x7f && (r == '−' || unicode.Is(unicode.Pd, r))
}

func dropAll(what func(rune) bool) func(string) string {
	return func(s string) string {
		if strings.IndexFunc(s, what) < 0 {
			return s
		}
		return strings.Map(func(r rune) rune {
			if what(r) {
				return -1
			}
			return r
		}, s)
	}
}

// zeros are those before something that shows. The last of zeros alone stays: it is a number, and an item without a key is not
// paired.
var zeros = regexp.MustCompile(`^0+([^\pC\pZ])`)

func dropZeros(s string) string {
	if !strings.HasPrefix(s, "0") {
		return s
	}
	return zeros.ReplaceAllString(s, "$1")
}

func unifyDashes(s string) string {
	return strings.Map(func(r rune) rune {
		if dash(r) {
			return '-'
		}
		return r
	}, s)
}

// of returns a key without what all kinds of the set take from it.
func (k set) of(key string) string {
	for i := range kinds {
		if k&(1<<i) != 0 {
			key = kinds[i].drop(key)
		}
	}
	return key
}

// least returns a smallest set of kinds that makes one of two keys that all kinds make one. The stronger of two is tried without
// first.
func least(a, b string) set {
	k := every
	for i := len(kinds) - 1; i >= 0; i-- {
		if without := k &^ (1 << i); without.of(a) == without.of(b) {
			k = without
		}
	}
	return k
}

// union returns a set that does for all pairs for which either does.
func (k set) union(other set) set {
	k |= other
	if k&blanksBit != 0 {
		k &^= aroundBit
	}
	if k&dashesBit != 0 {
		k &^= dashKindBit
	}
	return k
}

// words says in what keys differ.
func (k set) words() (list []string) {
	for i := range kinds {
		if k&(1<<i) != 0 {
			list = append(list, kinds[i].what)
		}
	}
	return list
}

// expression writes a key that is made of another key without what some kinds take from it.
func (k set) expression(key string) string {
	for i := range kinds {
		if k&(1<<i) != 0 {
			key = strings.Replace(kinds[i].expression, "%s", key, 1)
		}
	}
	return key
}
