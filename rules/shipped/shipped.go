// Package shipped has the rules that configurations are started with: as they are shipped today, and as they were before. It
// finds the older ones in configurations, and writes today's in their place.
package shipped

import _ "embed"

// Text is the rules of the shipped configuration, word for word: a test holds the two against each other.
//
//go:embed rules.hcl
var Text string

// older are rules as they were shipped before, each in all its versions. Who changes a shipped rule moves the text that it
// had to this file: otherwise it lives on unseen in the files of those who started with it.
//
//go:embed older.hcl
var older string
