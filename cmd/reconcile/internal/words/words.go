// Package words writes numbers, lists, places and values as sentences for people have them.
package words

import (
	"fmt"
	"strings"
	"time"

	"github.com/hashicorp/hcl/v2"

	"github.com/reconcilehq/reconcile/engine/report"
)

// Count writes a number of things: 1 item, 2 items, 3 discrepancies.
func Count(n int, what string) string {
	if n == 1 {
		return fmt.Sprintf("1 %s", what)
	}
	if stem, ok := strings.CutSuffix(what, "y"); ok {
		what = stem + "ie"
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// Enumerate joins words as people do: a, b and c.
func Enumerate(list []string) string {
	if len(list) < 2 {
		return strings.Join(list, "")
	}
	return strings.Join(list[:len(list)-1], ", ") + " and " + list[len(list)-1]
}

// Position writes a place in the configuration: file and line.
func Position(r hcl.Range) string { return fmt.Sprintf("%s:%d", r.Filename, r.Start.Line) }

// Age writes of when something is, and how old that is: "of 2026-11-25 14:02 (25 minutes old)".
func Age(t time.Time) string {
	return fmt.Sprintf("of %s (%s)", t.Local().Format("2006-01-02 15:04"), report.Old(time.Since(t)))
}

// FileSize writes how large a file of so many bytes is.
func FileSize(bytes int64) string {
	if bytes < 1e6 {
		return fmt.Sprintf("%d KB", (bytes+999)/1000)
	}
	if bytes < 1e9 {
		return fmt.Sprintf("%.1f MB", float64(bytes)/1e6)
	}
	return fmt.Sprintf("%.1f GB", float64(bytes)/1e9)
}
