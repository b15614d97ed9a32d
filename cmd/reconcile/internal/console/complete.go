package console

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/reconcilehq/reconcile/engine/verdict"
	"github.com/reconcilehq/reconcile/rules/expr"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/words"
)

// complete is a terminal.Completer. The tab key completes the word before the cursor as far as that is clear, and otherwise
// lists how it can go on.
func (c *Console) complete(ctx context.Context, list io.Writer, line string, pos int, key rune) (string, int, bool) {
	if key != '\t' {
		return "", 0, false
	}
	word, candidates := c.completions(ctx, line[:pos])
	if len(candidates) == 0 {
		return line, pos, true
	}
	longest := commonPrefix(candidates)
	if len(candidates) > 1 && longest == word {
		fmt.Fprintln(list, columns(candidates, c.term.Width))
	}
	before := line[:pos-len(word)]
	return before + longest + line[pos:], len(before) + len(longest), true
}

// completions returns the word at the end of a line, and what it can become: fields, functions, local values, commands
// and SKUs.
func (c *Console) completions(ctx context.Context, line string) (word string, candidates []string) {
	if start, ok := strings.CutPrefix(line, ":sku "); ok {
		word = strings.TrimLeft(start, " ")
		return word, starting(word, c.allSKUs(ctx))
	}
	if strings.HasPrefix(line, ":") {
		return line, starting(line, []string{":sku ", ":rules", ":fields", ":help", ":quit"})
	}
	word = line[strings.LastIndexFunc(line, func(r rune) bool { return !isName(r) })+1:]
	if strings.Count(line[:len(line)-len(word)], `"`)%2 == 1 && !strings.Contains(line, "${") {
		return word, nil // within a text
	}
	var names []string
	for _, side := range verdict.Sides {
		for _, field := range fieldNames(c.Schemas[side]) {
			names = append(names, side.String()+"."+field)
		}
	}
	for _, local := range slices.Sorted(maps.Keys(c.scope.Locals)) {
		names = append(names, "local."+local)
	}
	if root, _, named := strings.Cut(word, "."); named {
		return word, starting(root+"."+word[len(root)+1:], names)
	}
	var roots []string
	for _, name := range names {
		root, _, _ := strings.Cut(name, ".")
		roots = append(roots, root+".")
	}
	roots = slices.Compact(roots)
	for _, fn := range expr.Functions() {
		if fn.Name != "env" { // which rules cannot call
			roots = append(roots, fn.Name+"(")
		}
	}
	return word, starting(word, roots)
}

func isName(r rune) bool {
	return r == '.' || r == '_' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r > 0x7f
}

// allSKUs returns the SKUs of all items that can be typed; none where they cannot be read.
func (c *Console) allSKUs(ctx context.Context) []string {
	if c.skus == nil {
		all, err := c.SKUs(ctx)
		if err != nil {
			return nil
		}
		c.skus = slices.DeleteFunc(all, func(sku string) bool { return words.OneLine(sku) != sku })
	}
	return c.skus
}

func starting(prefix string, words []string) []string {
	var list []string
	for _, w := range words {
		if strings.HasPrefix(w, prefix) {
			list = append(list, w)
		}
	}
	return list
}

// commonPrefix returns what all words, of which there is one at least, start with. It splits no character.
func commonPrefix(words []string) string {
	prefix := []rune(words[0])
	for _, w := range words[1:] {
		for !strings.HasPrefix(w, string(prefix)) {
			prefix = prefix[:len(prefix)-1]
		}
	}
	return string(prefix)
}

// mostListed is how many ways to go on are listed.
const mostListed = 100

// columns lays words out in lines of a width.
func columns(words []string, width int) string {
	more := ""
	if len(words) > mostListed {
		more = fmt.Sprintf("\nand %d more", len(words)-mostListed)
		words = words[:mostListed]
	}
	longest := 0
	for _, w := range words {
		longest = max(longest, len([]rune(w)))
	}
	perLine := max(1, width/(longest+2))
	var b strings.Builder
	for i, w := range words {
		last := i%perLine == perLine-1 || i == len(words)-1
		if last {
			b.WriteString(w)
		} else {
			fmt.Fprintf(&b, "%-*s", longest+2, w)
		}
		if last && i < len(words)-1 {
			b.WriteByte('\n')
		}
	}
	return b.String() + more
}
