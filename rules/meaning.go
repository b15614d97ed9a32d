package rules

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/reconcilehq/reconcile/engine/verdict"
)

// Meaning returns what stands for all that decides the cells of the rule at a place, but for what is meant to be: what it is about, its
// condition, how much it matters, and the rules that explain it. It is the same in two configurations only if these are.
func (p *Program) Meaning(rule int) string {
	var b strings.Builder
	r := &p.Rules[rule]
	fmt.Fprintf(&b, "%s\n%s\n", r.Severity, r.meaning())
	var explaining []string
	seen := map[int]bool{rule: true}
	for queue := []int{rule}; len(queue) > 0; queue = queue[1:] {
		for i := range p.Rules {
			if !seen[i] && slices.Contains(p.Rules[i].explains, queue[0]) {
				seen[i] = true
				queue = append(queue, i)
				explaining = append(explaining, p.Rules[i].meaning())
			}
		}
	}
	slices.Sort(explaining)
	return short(b.String() + strings.Join(explaining, "\n"))
}

func (r *CompiledRule) meaning() string {
	return fmt.Sprintf("on %s applies %s when %s", r.On, r.applies.Meaning(), r.when.Meaning())
}

// KeyMeaning returns what stands for the key that items are paired by.
func (p *Program) KeyMeaning() string {
	return short(p.keys[verdict.Pos].Meaning() + "\n" + p.keys[verdict.Store].Meaning())
}

// short returns a text that stands for another.
func short(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:8])
}
