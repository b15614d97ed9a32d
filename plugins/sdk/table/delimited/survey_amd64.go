package delimited

import "golang.org/x/sys/cpu"

// survey looks at some text.
func survey(text []byte) seen {
	whole := len(text) / 64
	if !cpu.X86.HasAVX2 || whole == 0 {
		return surveyBytes(text)
	}
	s := surveyBytes(text[64*whole:])
	lines, foreign, stops := surveyVectors(&text[0], whole)
	return seen{s.lines + lines, s.foreign || foreign, s.stops || stops}
}

// surveyVectors is survey for n times 64 bytes, n being positive.
//
//go:noescape
func surveyVectors(text *byte, n int) (lines int, foreign, stops bool)
