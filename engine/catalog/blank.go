package catalog

import "unicode"

// Blank reports whether nothing of a text shows: it is empty, or holds no more than white space, control characters and
// characters without width.
func Blank(s string) bool {
	for _, r := range s {
		switch {
		case r > ' ' && r < 0x7F:
			return false
		case !unicode.In(r, unicode.White_Space, unicode.Cc, unicode.Cf, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector) && r != blankBraille:
			return false
		}
	}
	return true
}

// blankBraille is the pattern of Braille without dots: a letter to Unicode, a blank to the eye.
const blankBraille = '\u2800'
