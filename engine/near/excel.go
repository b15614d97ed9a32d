package near

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/reconcilehq/reconcile/engine/verdict"
)

// A spreadsheet that opens a file of codes takes some for dates and numbers, and shows or saves these in its own way. What was
// there cannot be brought back by a key.

var (
	exponent = regexp.MustCompile(`^(\d)(?:[.,](\d+))?[eE]\+?0*(\d{1,3})$`)
	digits   = regexp.MustCompile(`^\d{12,}$`)
	month    = regexp.MustCompile(`(?i)^(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}[-/ ]?(\d{1,2})$`)
	dayMonth = regexp.MustCompile(`(?i)^(\d{1,2})[-/ ](jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)$`)
	numbers  = regexp.MustCompile(`^(\d{1,2})[-/](\d{1,2})$`)
)

const months = "janfebmaraprmayjunjulaugsepoctnovdec"

// form is what a spreadsheet may have made of a code, or a code of which it may have made that.
type form struct {
	text string
	made bool // it looks as a spreadsheet writes it
}

// forms returns what a code may be confused with. Two codes that have a form in common, one of them made, look as if a spreadsheet
// had made one of the other.
func forms(key string) (list []form) {
	if !suspicious(key) {
		return nil
	}
	if m := exponent.FindStringSubmatch(key); m != nil {
		list = append(list, form{"number " + strings.TrimRight(m[1]+m[2], "0") + "e" + m[3], strings.ContainsAny(key, ".,+")})
		return list
	}
	if digits.MatchString(key) && key[0] != '0' {
		for _, figures := range []int{1, 2, 3, 4, 5, 6} {
			list = append(list, form{"number " + rounded(key, figures), false})
		}
		if len(key) > 15 {
			list = append(list, form{fmt.Sprintf("long %d %s", len(key), key[:15]), strings.Trim(key[15:], "0") == ""})
		}
		return unique(list)
	}
	if m := month.FindStringSubmatch(key); m != nil {
		return []form{{"day " + strings.ToLower(m[1]) + strings.TrimLeft(m[2], "0"), false}}
	}
	if m := dayMonth.FindStringSubmatch(key); m != nil {
		return []form{{"day " + strings.ToLower(m[2]) + strings.TrimLeft(m[1], "0"), true}}
	}
	if m := numbers.FindStringSubmatch(key); m != nil {
		for _, at := range [][2]int{{1, 2}, {2, 1}} {
			var n int
			if _, err := fmt.Sscan(strings.TrimLeft(m[at[0]], "0"), &n); err == nil && n >= 1 && n <= 12 {
				list = append(list, form{"day " + months[3*n-3:3*n] + strings.TrimLeft(m[at[1]], "0"), false})
			}
		}
		return unique(list)
	}
	return nil
}

// suspicious reports whether a key can have a form at all. Most have none, and this is asked of all.
func suspicious(key string) bool {
	if len(key) < 3 || len(key) > 40 {
		return false
	}
	if key[0] < '0' || key[0] > '9' {
		return key[0] >= 'A' && len(key) <= 12 && isMonth(key[:3]) && key[len(key)-1] <= '9'
	}
	others := 0 // letters and the like
	for i := range len(key) {
		if key[i] < '0' || key[i] > '9' {
			others++
		}
	}
	return others == 0 && len(key) >= 12 || others > 0 && others <= 4
}

func isMonth(name string) bool {
	for at := 0; at < len(months); at += 3 {
		if strings.EqualFold(name, months[at:at+3]) {
			return true
		}
	}
	return false
}

// rounded writes a number to some significant figures, as spreadsheets do with an exponent.
func rounded(digits string, figures int) string {
	head, exponent := []byte("0"+digits[:figures]), len(digits)-1
	if digits[figures] >= '5' {
		i := len(head) - 1
		for ; head[i] == '9'; i-- {
			head[i] = '0'
		}
		head[i]++
	}
	if head[0] == '0' {
		head = head[1:]
	} else {
		exponent++
	}
	return strings.TrimRight(string(head), "0") + fmt.Sprintf("e%d", exponent)
}

func unique(list []form) []form {
	out := list[:0]
	for _, f := range list {
		known := false
		for _, o := range out {
			known = known || o == f
		}
		if !known {
			out = append(out, f)
		}
	}
	return out
}

// mostExcelPairs is how many pairs are remembered with both keys.
const mostExcelPairs = 1000

// excel looks for pairs of which a spreadsheet has rewritten one.
func (u *Unpaired) excel(f *Found) {
	type place struct {
		key  string
		made bool
	}
	met := map[string]*place{}
	for _, i := range u.only[verdict.Pos].forms {
		key := u.only[verdict.Pos].key(int(i))
		for _, form := range forms(key) {
			if _, ok := met[form.text]; ok {
				met[form.text] = nil // nobody can tell which one it was
				continue
			}
			met[form.text] = &place{key, form.made}
		}
	}
	stores := make([]string, 0, len(u.only[verdict.Store].forms))
	for _, i := range u.only[verdict.Store].forms {
		stores = append(stores, u.only[verdict.Store].key(int(i)))
	}
	slices.Sort(stores) // so that the pairs are the same in each run
	paired := map[string]string{}
	for _, key := range stores {
		for _, form := range forms(key) {
			p := met[form.text]
			if p == nil || p.made == form.made || sameLook(p.key, key) {
				continue
			}
			if _, ok := paired[p.key]; ok {
				continue
			}
			paired[p.key] = key
			break
		}
	}
	for i, pos := range slices.Sorted(maps.Keys(paired)) {
		if i == 0 {
			f.Excel = Group{Pairs: len(paired), Pos: pos, Store: paired[pos]}
		}
		if i == mostExcelPairs {
			break
		}
		f.ExcelPairs = append(f.ExcelPairs, Pair{pos, paired[pos]})
	}
}

// MayBeRewritten reports whether there can be a key of which Rewritten says so with this one.
func MayBeRewritten(key string) bool { return forms(key) != nil }

// Rewritten reports whether one of two keys looks as if a spreadsheet had made it of the other.
func Rewritten(a, b string) bool {
	for _, of := range forms(a) {
		for _, other := range forms(b) {
			if of.text == other.text && of.made != other.made && !sameLook(a, b) {
				return true
			}
		}
	}
	return false
}
