package main

import (
	_ "embed"
	"strings"
)

// configuration compares left.csv with right.csv: a rule for each column, and two that explain others.
//
//go:embed reconcile.hcl
var configuration string

// configurationOf returns the configuration for a form of the catalogue.
func configurationOf(f form) string {
	if !f.keyed {
		return configuration
	}
	const before = "  rules = ["
	return strings.Replace(configuration, before, "  key   = "+keyText+"\n"+before, 1)
}
