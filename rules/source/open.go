package source

import (
	"slices"
	"sync"

	"github.com/hashicorp/hcl/v2"

	"github.com/reconcilehq/reconcile/rules/block"
	"github.com/reconcilehq/reconcile/rules/expr"
	"github.com/reconcilehq/reconcile/rules/hidden"
)

// open are the places of settings that are known to hold no secret. Sources are configured side by side.
type open struct {
	mu     sync.Mutex
	ranges []hcl.Range
	secret []string // local values and variables that sensitive settings use
}

func (o *open) add(at ...hcl.Range) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.ranges = append(o.ranges, at...)
}

// addSecret notes what a sensitive setting is computed from.
func (o *open) addSecret(e hcl.Expression) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.secret = append(o.secret, block.References(e)...)
}

// NoSecrets returns the places of the settings that are known to hold no secret: those of which their connector has said so, and
// the host's own. Whoever shows the configuration hides the others.
func (c *Config) NoSecrets() []hcl.Range {
	c.open.mu.Lock()
	defer c.open.mu.Unlock()
	return slices.Clone(c.open.ranges)
}

// secretNames returns the local values and variables that are secret, as far as that is known: those that a sensitive setting uses, and what has to
// do with them.
func (c *Config) secretNames() map[string]bool {
	c.open.mu.Lock()
	secret := slices.Clone(c.open.secret)
	c.open.mu.Unlock()
	return c.reader.Secrets(append(secret, c.reader.Named(hidden.LooksSecret)...))
}

// SecretValues returns the texts of the local values and variables that are known to be secret, and of the shop's columns that are called so.
func (c *Config) SecretValues() []string {
	return append(c.reader.Values(c.secretNames()), c.shopSecrets...)
}

// Locals returns the local values, of which those are marked that are known to be secret.
func (c *Config) Locals() map[string]expr.Local { return c.reader.Mark(c.secretNames()) }

// SecretsShown returns mistakes where a secret is the value of an attribute that everybody sees, as far as it is known what is secret.
func (c *Config) SecretsShown() hcl.Diagnostics { return c.reader.Shown(c.secretNames()) }
