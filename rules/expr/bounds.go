package expr

import (
	"fmt"
	"math"
	"regexp"
	"strings"

	"github.com/hashicorp/hcl/v2"

	"github.com/reconcilehq/reconcile/engine/fault"
)

// MaxValue is the size, in bytes, up to which an expression makes a text of others: texts that are put together from texts that were
// put together double with each line of a configuration. docs/limits.md lists it.
const MaxValue = 16 << 20

// maxItems is how many items a text is split into: each takes as much memory as sixteen letters.
const maxItems = MaxValue / 16

// A TooLargeError says that an expression came to a text of more than MaxValue bytes. Evaluating has no errors, only values and
// nulls, so it ends what is being done: Compile makes a diagnostic of it, and a goroutine that evaluates returns it as its error.
type TooLargeError struct{ What string }

// Error says what to do.
func (e *TooLargeError) Error() string {
	return fmt.Sprintf("%s is larger than %d MiB (max_value): a value that grows so is none that a shop compares", e.What, MaxValue>>20)
}

// bounded ends the evaluation if a text would have more bytes than it may.
func bounded(size int, what string) {
	if size > MaxValue || size < 0 {
		fault.Halt(&TooLargeError{what})
	}
}

// caught turns the end of an evaluation into a diagnostic.
func (c *compiler) caught(at hcl.Range) {
	if p := recover(); p != nil {
		err := fault.Halted(p)
		if err == nil {
			panic(p)
		}
		c.errorf(at, "Value is too large", "%s.", capital(err.Error()))
	}
}

func replaceAll(s, old, with string) string {
	if growth := len(with) - len(old); growth > 0 {
		bounded(len(s)+bound(strings.Count(s, old), growth), "what replace makes")
	}
	return strings.ReplaceAll(s, old, with)
}

// bound multiplies two sizes; the product stays positive.
func bound(n, size int) int {
	if size > 0 && n > math.MaxInt/2/size {
		return math.MaxInt / 2
	}
	return n * size
}

func joined(separator string, l list) string {
	size := bound(l.len(), len(separator))
	for i := range l.len() {
		size += len(l.at(i))
		bounded(size, "what join makes")
	}
	return strings.Join(l.slice(), separator)
}

func splitAt(separator, s string) list {
	if s == "" {
		return list{} // an absent text has no items, rather than one that is empty
	}
	if strings.Count(s, separator) >= maxItems {
		fault.Halt(&TooLargeError{"what split makes"})
	}
	return listOf(strings.Split(s, separator))
}

func replaceMatches(re *regexp.Regexp, s, with string) string {
	if len(with) == 0 {
		return re.ReplaceAllString(s, with)
	}
	var b []byte
	from, matches := 0, re.FindAllStringSubmatchIndex(s, -1)
	bounded(bound(len(matches), len(with))/16, "what regexreplace goes through") // each match goes through all of the new text
	for _, m := range matches {
		b = append(b, s[from:m[0]]...)
		b = re.ExpandString(b, with, s, m)
		bounded(len(b), "what regexreplace makes")
		from = m[1]
	}
	return string(append(b, s[from:]...))
}
