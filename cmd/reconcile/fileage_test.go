package main

import (
	"os"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// aged is a command of scripts: it has a file be last changed so long ago, as time.ParseDuration reads it, or at a time.
func aged(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: aged FILE AGE")
	}
	at, err := time.Parse(time.RFC3339, args[1])
	if err != nil {
		age, err := time.ParseDuration(args[1])
		ts.Check(err)
		at = time.Now().Add(-age)
	}
	ts.Check(os.Chtimes(ts.MkAbs(args[0]), at, at))
}
