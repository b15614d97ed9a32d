package expr

import (
	"errors"
	"regexp"
	"regexp/syntax"

	"github.com/hashicorp/hcl/v2"
)

func regex(c *compiler, args []*node, _ hcl.Range) *node {
	re, ok := c.pattern(args[0])
	if !ok {
		return nil
	}
	group := min(1, re.NumSubexp())
	return textNode(map1(args[1].text, func(s string) string {
		found := re.FindStringSubmatchIndex(s)
		if found == nil || found[2*group] < 0 {
			return ""
		}
		return s[found[2*group]:found[2*group+1]]
	}))
}

func matches(c *compiler, args []*node, _ hcl.Range) *node {
	re, ok := c.pattern(args[0])
	if !ok {
		return nil
	}
	return truthNode(map1(args[1].text, re.MatchString))
}

func regexReplace(c *compiler, args []*node, _ hcl.Range) *node {
	re, ok := c.pattern(args[0])
	if !ok {
		return nil
	}
	return textNode(map2(args[1].text, args[2].text, func(s, with string) string { return replaceMatches(re, s, with) }))
}

// pattern compiles a constant regular expression.
func (c *compiler) pattern(n *node) (*regexp.Regexp, bool) {
	text, _ := n.constantText()
	re, err := regexp.Compile(text)
	if err != nil {
		// Only the kind of mistake is said: the pattern itself can come from the environment.
		reason := "it cannot be read"
		var bad *syntax.Error
		if errors.As(err, &bad) {
			reason = bad.Code.String()
		}
		c.errorf(n.rng, "Invalid regular expression", "The pattern does not follow RE2's syntax: %s. In a quoted string a backslash is written \\\\.", reason)
		return nil, false
	}
	return re, true
}
