package tidy

import (
	"errors"
	"strings"
	"testing"
)

// TestTooDeep has a file that nobody can lay out be a mistake at its place: to lay it out would end the program.
func TestTooDeep(t *testing.T) {
	t.Parallel()
	for why, text := range map[string]string{
		"parentheses": "a = " + strings.Repeat("(", 20_000) + "1" + strings.Repeat(")", 20_000) + "\n",
		"lists":       "a = " + strings.Repeat("[", 20_000),
		"templates":   "a = " + strings.Repeat("\"${", 20_000),
		"blocks":      strings.Repeat("a {\n", 20_000) + strings.Repeat("}\n", 20_000),
	} {
		_, err := Read(Stdin, strings.NewReader(text))
		var mistake *SyntaxError
		if !errors.As(err, &mistake) || !strings.Contains(mistake.Error(), "max_depth") {
			t.Errorf("%s: it says %v", why, err)
		}
	}
}
