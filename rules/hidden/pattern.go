package hidden

import (
	"regexp"
	"sync"
)

// pattern returns a function that returns the regular expression, compiled when it is first called. Classes of letters take
// long: compiled at the start, the patterns of this package took every process of the program, each connector too, 1.6 MB and
// milliseconds, and few show a configuration.
func pattern(text string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(text) })
}
