package engine

import (
	"fmt"
	"time"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/verdict"
)

// unreadFunc takes what could not be read.
type unreadFunc func([]catalog.Unreadable)

func (unreadFunc) Progress(int64, int64, string)                {}
func (unreadFunc) Waiting(time.Time, string)                    {}
func (unreadFunc) Warning(string)                               {}
func (unreadFunc) Notice(string)                                {}
func (f unreadFunc) Unreadable(list []catalog.Unreadable) error { f(list); return nil }

func unreadLine(status verdict.Status, name string, unread [2]*catalog.Unreadable) string {
	line := fmt.Sprintf("%s %s", status, name)
	for side, u := range unread {
		if u != nil {
			line += fmt.Sprintf(" %d: %s %s", side, u.SKU, u.Reason)
		}
	}
	return line
}
