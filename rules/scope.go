package rules

import (
	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/rules/expr"
)

// Scope returns what an expression may refer to that stands in no file: what a rule may, with batches of these schemas
// in its frame. The environment is not part of it.
func (c *Config) Scope(posSchema, storeSchema *catalog.Schema) *expr.Scope {
	return &expr.Scope{Locals: c.locals, Sides: []expr.Side{{Name: "pos", Schema: posSchema}, {Name: "store", Schema: storeSchema}}}
}
