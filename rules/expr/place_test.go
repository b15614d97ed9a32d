package expr

import (
	"fmt"

	"github.com/hashicorp/hcl/v2"
)

// place writes a range as line:column-line:column.
func place(r hcl.Range) string {
	return fmt.Sprintf("%d:%d-%d:%d", r.Start.Line, r.Start.Column, r.End.Line, r.End.Column)
}
