package hidden

import (
	"slices"

	"github.com/reconcilehq/reconcile/rules/grammar"
)

// shownAttributes are those that are shown in blocks that hold no secret, and of a misspelt block that may be one. Those of a write
// block are not among them: anything may be called value.
var shownAttributes = func() (names []string) {
	for _, b := range grammar.Blocks() {
		if b.Shown && b.Type != grammar.Write.Type {
			names = append(names, b.Attributes()...)
		}
	}
	return names
}()

// closedBlocks are those in which secrets stand, and that a line can begin without a brace. Some there are not yet: whoever
// writes one gets a mistake, and no token in it.
var closedBlocks = func() []string {
	types := []string{"notify", "serve"}
	for _, b := range grammar.Blocks() {
		if !b.Shown {
			types = append(types, b.Type)
		}
	}
	return types
}()

// blockOf returns what is known of a type of block; the zero Block if there is no such type.
func blockOf(name string) grammar.Block {
	i := slices.IndexFunc(grammar.Blocks(), func(b grammar.Block) bool { return b.Type == name })
	if i < 0 {
		return grammar.Block{}
	}
	return grammar.Blocks()[i]
}

// longestName is how long, in bytes, a word can be that is taken for the name of an attribute, and longestSayable one that is
// shown though nobody knows it. Tokens are longer.
const longestName, longestSayable = 64, 40

// sayable is what people call settings, local values and blocks: words of letters with few digits, in one of the usual ways
// to put words together (store_hash, storeHash, store-hash2, STORE_HASH). Tokens are seldom so. Letters without cases are like small ones.
var sayable = pattern(func() string {
	const (
		small  = `[\p{Ll}\p{Lo}]`
		part   = `(?:\p{Lu}{1,16}|` + small + `{1,16}|(?:\p{Lu}?` + small + `{2,14})(?:\p{Lu}` + small + `{2,14}){0,3}(?:\p{Lu}{2,4})?)`
		digits = `(?:\d{1,4}(?:` + small + `{0,8}|\p{Lu}{0,8}))?`
		word   = `(?:` + part + `` + digits + `|\d{1,4})`
	)
	return `^_?` + part + digits + `(?:[_-]` + word + `)*_?$`
}())

// isSayable reports whether a word may be shown as a name that somebody gave: where a person has put a value for a name, it is
// the value that would be shown.
func isSayable(name string) bool { return len(name) <= longestSayable && sayable().MatchString(name) }
