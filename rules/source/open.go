package source

import (
	"slices"
	"sync"

	"github.com/hashicorp/hcl/v2"
)

// open are the places of settings that are known to hold no secret. Sources are configured side by side.
type open struct {
	mu     sync.Mutex
	ranges []hcl.Range
}

func (o *open) add(at ...hcl.Range) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.ranges = append(o.ranges, at...)
}

// NoSecrets returns the places of the settings that are known to hold no secret: those of which their connector has said so, and
// the host's own. Whoever shows the configuration hides the others.
func (c *Config) NoSecrets() []hcl.Range {
	c.open.mu.Lock()
	defer c.open.mu.Unlock()
	return slices.Clone(c.open.ranges)
}
