package words

import (
	"cmp"
	"runtime"
	"strings"
)

// About is what a command is about, as the flags that all commands have say it; "" where such a flag is not needed.
type About struct{ Config, Shop, Data string }

// Command returns a command of this program that can be typed as it stands, with the flags that say what it is about. Words that a
// person has yet to fill in, such as FILE, are given like all others.
func (a About) Command(words ...string) string {
	line := []string{"reconcile"}
	for _, word := range words {
		line = append(line, ShellWord(word))
	}
	for _, flag := range []struct{ name, value, usual string }{{"--config", a.Config, usualConfig}, {"--shop", a.Shop, ""}, {"--data", a.Data, ""}} {
		if value := cmp.Or(flag.value, flag.usual); value != flag.usual {
			line = append(line, flag.name, ShellWord(value))
		}
	}
	return strings.Join(line, " ")
}

// usualConfig is the configuration that is taken where none is named.
const usualConfig = "reconcile.hcl"

// ShellWord writes a word so that this system's shell takes it for one.
func ShellWord(word string) string { return shellWord(word, runtime.GOOS == "windows") }

func shellWord(word string, windows bool) string {
	plain := func(r rune) bool {
		return r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || strings.ContainsRune("-_./:=,+@%", r)
	}
	switch {
	case word != "" && strings.IndexFunc(word, func(r rune) bool { return !plain(r) }) < 0:
		return word
	case windows:
		return `"` + strings.ReplaceAll(word, `"`, `\"`) + `"`
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
