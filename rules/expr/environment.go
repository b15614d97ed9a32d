package expr

import (
	"github.com/hashicorp/hcl/v2"
)

// environment compiles env(), which is looked up at once: its result is a constant.
func environment(c *compiler, args []*node, at hcl.Range) *node {
	if c.scope.Getenv == nil {
		c.errorf(at, "The environment cannot be read here",
			"Call env in a source or locals block; a local value can then be used here as local.NAME.")
		return nil
	}
	if args[0].opaque {
		return textNode(nil)
	}
	name, _ := args[0].constantText()
	if value, found := c.scope.Getenv(name); found {
		return textNode(constant(value, true))
	}
	if len(args) > 1 {
		return textNode(args[1].text)
	}
	if !args[0].literal {
		// The name can itself come from the environment, whose values are never printed.
		c.errorf(at, "Environment variable is not set", "Set the variable that is named here before the program starts, or give a default as second argument.")
		return nil
	}
	c.errorf(at, "Environment variable is not set",
		"Set %[1]s before the program starts, for example with \"export %[1]s=...\" in a shell, or give a default: env(%[1]q, \"...\").", name)
	return nil
}
