package report

import "github.com/reconcilehq/reconcile/engine/signs"

// visible returns s as it may stand in a document: nothing in it hides or changes the order of what stands beside it. Letters,
// marks and emoji stay what they are.
func visible(s string) string { return signs.Document(s) }
