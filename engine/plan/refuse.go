package plan

import "time"

// Refusals returns why the plan may not be carried out now, where reconciliation and basis are what a plan would be made of today; nothing
// if it may. That the sides were read anew since is none: each change is looked at again right before it is made.
func (p *Plan) Refusals(reconciliation string, today Basis, now time.Time) (why []string) {
	add := func(refused bool, text string) {
		if refused {
			why = append(why, text)
		}
	}
	add(!now.Before(p.Expires), "it has expired: it was good until "+p.Expires.Local().Format("2006-01-02 15:04"))
	add(p.MadeAt.After(now.Add(5*time.Minute)), "it was made in the future: a clock is wrong")
	add(p.Reconciliation != reconciliation, "it is of the reconciliation \""+p.Reconciliation+"\"")
	add(p.Basis.Configuration != today.Configuration, "sources, rules, remedies, websync settings or brakes have changed since it was made")
	add(p.Basis.LockFile != today.LockFile, "the lock file of plugins has changed since it was made")
	add(p.Basis.Program != today.Program, "it was made by another version of reconcile")
	add(p.Basis.Store != today.Store, "it is for another store, "+p.Basis.Store)
	add(p.Basis.Store == today.Store && p.Basis.Platform != today.Platform, "it is for another store than the one that "+p.Basis.Store+" is now: of another shop of the list, or with other settings")
	return why
}
