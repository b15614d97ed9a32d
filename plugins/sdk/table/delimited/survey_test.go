package delimited

import (
	"testing"

	"pgregory.net/rapid"
)

// TestSurvey holds the ways to look at a text against looking at each byte, of texts in which little is unusual.
func TestSurvey(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.SliceOfN(rapid.ByteRange(' ', '~'), 0, 700).Draw(t, "text")
		for range rapid.IntRange(0, 6).Draw(t, "others") {
			if len(text) > 0 {
				text[rapid.IntRange(0, len(text)-1).Draw(t, "at")] = rapid.OneOf(rapid.Byte(), rapid.SampledFrom([]byte("\x00\x01\x19\x1a\x1b\n\n\r\x7f\x80\x8a\x9a\xff"))).Draw(t, "byte")
			}
		}
		var want seen
		for _, c := range text {
			if c == '\n' {
				want.lines++
			}
			want.foreign = want.foreign || c == 0 || c >= 0x80
			want.stops = want.stops || c == endOfText
		}
		if got := survey(text); got != want {
			t.Fatalf("%q: %+v in place of %+v", text, got, want)
		}
		if got := surveyBytes(text); got != want {
			t.Fatalf("%q, byte by byte: %+v in place of %+v", text, got, want)
		}
	})
}
