package workbook

import (
	"strconv"
	"strings"
)

// A format says by a number of Windows which language the words of a moment are in: [$-407] is German. Its lower 16 bits are the
// language with the country, those above the calendar and the numerals. These two stand for whatever the system is set to.
const (
	systemDate = 0xF800
	systemTime = 0xF400
)

// tagged are the numbers of languages that newer programs name by a tag.
var tagged = map[string]string{"en-us": "409", "en-gb": "809", "de-de": "407", "de-at": "C07", "fr-fr": "40C", "it-it": "410", "nl-nl": "413", "pl-pl": "415"}

// speak has the section know of the language that its format names, and returns how its code names it. Where it is not known, moments are
// shown without words.
func (s *section) speak(locale string) (code string) {
	if known, ok := tagged[strings.ToLower(locale)]; ok {
		locale = known
	}
	n, err := strconv.ParseUint(locale, 16, 32)
	if err != nil {
		s.foreign = true
		return ""
	}
	language := uint16(n)
	s.foreign = s.foreign || language == systemDate || language == systemTime || !isGregorian(uint8(n>>16))
	s.parting = slashOf(language)
	return "[$-" + locale + "]"
}

// isGregorian reports whether a calendar has the years and months of the usual one.
func isGregorian(calendar uint8) bool {
	switch calendar {
	case 0, 1, 2, 9, 10, 11, 12: // the usual one, in several languages
		return true
	}
	return false
}

// slashOf returns what a / in the format of a date is shown as: what the language parts the numbers of a date by. It is as
// LibreOffice has it, which writes all dates with a /.
func slashOf(language uint16) string {
	switch language {
	case 0x42E, 0x813: // Upper Sorbian, Dutch of Belgium
		return "/"
	case 0x81D, 0x100C, 0x810: // Swedish of Finland, French and Italian of Switzerland
		return "."
	case 0x816, 0xC0C, 0x1009, 0x3409, 0x340A: // Portuguese of Portugal, French and English of Canada, English of the Philippines, Spanish of Chile
		return "-"
	}
	switch language & 0x3FF {
	case 0x02, 0x05, 0x07, 0x0B, 0x0E, 0x0F, 0x14, 0x15, 0x18, 0x19, 0x1A, 0x1B, 0x1F, 0x22, 0x23, 0x24, 0x25, 0x26, 0x28, 0x2C, 0x2E, 0x2F, 0x3F, 0x40, 0x42, 0x43, 0x44, 0x6E:
		return "."
	case 0x06, 0x13, 0x1D, 0x27, 0x38, 0x39, 0x45, 0x46, 0x47, 0x49, 0x4A, 0x4B, 0x4C, 0x4E, 0x51, 0x62, 0x6F, 0x80:
		return "-"
	}
	return "/"
}
