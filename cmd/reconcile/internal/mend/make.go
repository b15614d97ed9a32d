package mend

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/user"
	"slices"
	"strings"
	"time"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/plan"
	"github.com/reconcilehq/reconcile/engine/replace"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/guard"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/mend/ledger"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/session"
)

// Options say what is planned.
type Options struct {
	plan.Choice
	Allowed     []string      // what is let pass: see plan.Liftable
	Valid       time.Duration // how long the plan is good
	MemoryLimit int64         // as session.RunOptions has it
	ID          string        // what it is called; "": it gets a new name
	By          string        // who wants it
}

// Make reads both sides and makes a plan of what is N. It writes nothing, neither to the sources nor to a file. After Make the sources
// cannot be read again.
func Make(ctx context.Context, p *session.Prepared, o Options) (*plan.Plan, error) {
	if err := checkAllowed(o.Allowed); err != nil {
		return nil, err
	}
	if err := p.CheckCodes(o.Rules...); err != nil {
		return nil, fmt.Errorf("--rule: %w", err)
	}
	basis, err := BasisOf(p)
	if err != nil {
		return nil, err
	}
	ids, wrap := p.ReadIDs()
	writable := p.Store().Writable()
	result, err := p.Run(ctx, session.RunOptions{All: true, MemoryLimit: o.MemoryLimit, Wrap: wrap})
	if err != nil {
		return nil, err
	}
	defer p.CloseResult(result)
	made, err := plan.Make(plan.Job{Program: p.Program, Result: result, OnRequest: p.Config.OnRequest, Writable: writable, Brakes: p.Config.Brakes, Allowed: o.Allowed, Choice: o.Choice, ID: ids.Of})
	if err != nil {
		return nil, err
	}
	tellHow(made, p)
	basis.PosRead, basis.StoreRead = result.Pos.ReadAt.UTC(), result.Store.ReadAt.UTC()
	sign(made, basis, o)
	return made, nil
}

// tellHow says by which command a person gets the orders that are to be imported, where the store's connector tells them.
func tellHow(made *plan.Plan, p *session.Prepared) {
	for i, step := range made.Steps {
		if step.Step == plan.ImportOrders && p.Store().TellsOrders() {
			made.Steps[i].How = p.Hint("orders", "export", made.Reconciliation)
		}
	}
}

// sign says of a plan that was made now who has made it, and what it is called.
func sign(made *plan.Plan, basis plan.Basis, o Options) {
	made.MadeAt = time.Now().UTC().Truncate(time.Second)
	made.Sign(cmp.Or(o.ID, ledger.NewID(made.MadeAt)))
	made.Expires, made.Basis, made.MadeBy = made.MadeAt.Add(o.Valid), basis, o.By
}

// whoami returns the name of the user whose process this is.
func whoami() string {
	if who, err := user.Current(); err == nil {
		return who.Username
	}
	return "unknown"
}

func checkAllowed(names []string) error {
	for _, name := range names {
		if !slices.Contains(plan.Liftable(), name) {
			return fmt.Errorf("--allow: there is no %q that can be allowed.%s There are %s", name, catalog.DidYouMean(name, plan.Liftable()), strings.Join(plan.Liftable(), ", "))
		}
	}
	return nil
}

// BasisOf returns what a plan would be made of now, but for when the sides were read.
func BasisOf(p *session.Prepared) (plan.Basis, error) {
	r := p.Reconciliation
	exact, lasting := p.StoreHashes()
	sum := sha256.Sum256([]byte(strings.Join([]string{r.Name, r.Pos.Address(), r.Store.Address(), p.Settings(), exact, p.Config.PlanMeaning(p.Program)}, "\n")))
	basis := plan.Basis{Configuration: hex.EncodeToString(sum[:]), Store: r.Store.Address(), Platform: lasting}
	lock, err := replace.Read(guard.LockFileOf(p.Config))
	switch {
	case err == nil:
		sum := sha256.Sum256(lock)
		basis.LockFile = hex.EncodeToString(sum[:])
	case !errors.Is(err, fs.ErrNotExist):
		return basis, fmt.Errorf("read the lock file: %w", err)
	}
	basis.Program, err = programHash()
	return basis, err
}

// programHash returns the hash of the program that is running.
func programHash() (string, error) {
	path, err := os.Executable()
	if err != nil {
		return "", fmt.Errorf("find this program's file: %w", err)
	}
	file, err := os.Open(path)
	if err != nil {
		return "", fmt.Errorf("read this program's file: %w", err)
	}
	defer func() { _ = file.Close() }() // it was only read
	sum := sha256.New()
	if _, err := io.Copy(sum, file); err != nil {
		return "", fmt.Errorf("read this program's file: %w", err)
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// by returns who wants what is done.
func (d Desk) by() string { return cmp.Or(d.By, whoami()) }
