package main

import _ "embed"

// configuration compares left.csv with right.csv: a rule for each column, and two that explain others.
//
//go:embed reconcile.hcl
var configuration string
