package inventory

import (
	"errors"
	"os/exec"
	"testing"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/jobs"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/mend/ledger"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/web/rest"
)

// TestPlanDoesNotBegin says so to whoever wants a plan that no worker can be started for: there is no such plan, and none in the audit trail.
func TestPlanDoesNotBegin(t *testing.T) {
	s, _, _ := newShop(t)
	gone := errors.New("this program's file is gone")
	m := &Mending{Ledger: ledger.In(t.TempDir()), Store: s.Store, Workers: &jobs.Workers{}, Command: func() (*exec.Cmd, error) { return nil, gone }}
	before := trailOf(t, s)
	id, err := m.Plan(t.Context(), ann, rest.Wanted{Reconciliation: "shop"})
	if !errors.Is(err, gone) || id != "" || len(m.notes) > 0 {
		t.Errorf("%q, %v, %d notes", id, err, len(m.notes))
	}
	if after := trailOf(t, s); after != before {
		t.Errorf("the audit trail has\n%s", after)
	}
}
