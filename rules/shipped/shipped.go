// Package shipped has the rules that configurations are started with: as they are shipped today, and as they were before. It
// finds the older ones in configurations, and writes today's in their place.
package shipped

import (
	_ "embed"
	"regexp"
)

// Text is the rules of the shipped configuration, word for word: a test holds the two against each other.
//
//go:embed rules.hcl
var Text string

// offLine is the line above a rule that is off. It opens a block comment, which the line with OffEnd below the rule ends: whoever
// removes offLine turns the rule on, and an empty comment is left.
var offLine = regexp.MustCompile(`(?m)^/\*.*\n`)

// OffEnd is the line below a rule that is off.
const OffEnd = "/**/\n"

// On is Text with the rules that are off turned on.
func On() string {
	return offLine.ReplaceAllStringFunc(Text, func(line string) string {
		if line == OffEnd {
			return line
		}
		return ""
	})
}

// older are rules as they were shipped before, each in all its versions. Who changes a shipped rule moves the text that it
// had to this file: otherwise it lives on unseen in the files of those who started with it.
//
//go:embed older.hcl
var older string
