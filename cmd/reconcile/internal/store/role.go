package store

import (
	"fmt"
	"strings"
)

// Role is what somebody may do.
type Role uint8

// The roles. Each may do what those before it may.
const (
	Nobody   Role = iota // is not logged in
	Viewer               // sees, searches, downloads
	Operator             // also imports and plans
	Admin                // also accepts, applies plans, and looks after people
)

var roleNames = [...]string{Nobody: "nobody", Viewer: "viewer", Operator: "operator", Admin: "admin"}

func (r Role) String() string { return roleNames[r] }

// May reports whether the role may do what the other one may.
func (r Role) May(needed Role) bool { return r >= needed }

// RoleNamed returns the role of that name.
func RoleNamed(name string) (Role, error) {
	for _, role := range []Role{Viewer, Operator, Admin} {
		if role.String() == name {
			return role, nil
		}
	}
	return Nobody, fmt.Errorf("there is no role %q: use %s", name, strings.Join(RoleNames(), ", "))
}

// RoleNames returns the names of the roles that somebody can have.
func RoleNames() []string { return roleNames[Viewer:] }
