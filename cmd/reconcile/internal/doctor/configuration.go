package doctor

import (
	"fmt"
	"path/filepath"

	"github.com/hashicorp/hcl/v2"

	"github.com/reconcilehq/reconcile/plugins/host"
	"github.com/reconcilehq/reconcile/rules/source"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/guard"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/usercache"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/words"
)

// lookAtConfiguration looks whether the configuration can be read, and whether commands can write beside it.
func (e *Examination) lookAtConfiguration() {
	config, diags := e.patient.Session.Load()
	e.config = config
	if len(config.Files) == 0 {
		e.privately(Wrong, "configuration", "Make one with reconcile init, or name it with --config.", "there is no configuration",
			fmt.Sprintf("%s cannot be read", e.patient.Session.ConfigPath))
		return
	}
	holds := fmt.Sprintf("%s, %s and %s", words.Count(len(config.Sources), "source"), words.Count(len(config.Reconciliations), "reconciliation"),
		words.Count(len(config.Rules), "rule"))
	level, do := OK, ""
	for _, d := range diags {
		if d.Severity == hcl.DiagError {
			level = Wrong
		} else if level == OK {
			level = Warning
		}
	}
	text := e.patient.Session.ConfigPath + ": " + holds
	plain := holds
	if level != OK {
		first := diags[0]
		for _, d := range diags {
			if d.Severity == hcl.DiagError {
				first = d
				break
			}
		}
		do = "See " + e.patient.Session.Hint("validate") + "."
		text += fmt.Sprintf("; %s", words.Count(len(diags), "mistake or warning"))
		plain = text[len(e.patient.Session.ConfigPath)+2:]
		if first.Subject != nil {
			text += ", the first at " + words.Position(*first.Subject)
			plain += fmt.Sprintf(", the first in line %d", first.Subject.Start.Line)
		}
	}
	e.privately(level, "configuration", do, plain, text)
	if config.Dir != "" {
		e.lookAtFolder(folder{topic: "configuration", what: "the configuration's folder", path: config.Dir, need: 16 << 20, unusable: Warning,
			do: "Where nothing can be written there, reconcile accept, fmt and plugin install do not work, and new plugins are not locked."})
	}
	if path, err := usercache.Path("doctor"); err != nil {
		e.privately(Warning, "cache", "Nothing has to be done: it only saves time and typing.", "the cache cannot be made: "+class(err), "the cache cannot be made: "+err.Error())
	} else {
		e.lookAtFolder(folder{topic: "cache", what: "the cache", path: filepath.Dir(path), need: 1 << 20, unusable: Warning,
			do: "Nothing has to be done: it only saves time and typing."})
	}
}

// lookAtPlugins looks at the sandbox, the lock file, and the programs of plugins. It starts none.
func (e *Examination) lookAtPlugins() {
	if len(e.config.Plugins) == 0 {
		// The connectors that come with the program give up by themselves what they do not need: it is no cause for worry where they cannot.
		text := map[host.Level]string{host.Confined: "connectors confine themselves to what their sources need",
			host.PartlyConfined: "connectors confine themselves in part; what each could do: " + host.SandboxGap(),
			host.Unconfined:     "connectors are not confined on this system: they could read and write what you can"}
		e.plainly(OK, "sandbox", "", "%s", text[host.SandboxLevel()])
		e.plainly(OK, "plugins", "", "the configuration has none")
		return
	}
	switch host.SandboxLevel() {
	case host.Confined:
		e.plainly(OK, "sandbox", "", "connectors and plugins are confined: they read and write only what they need")
	case host.PartlyConfined:
		e.plainly(Warning, "sandbox", "docs/trust.md says what holds where.", "plugins are confined in part; what each can do: %s", host.SandboxGap())
	default:
		e.plainly(Warning, "sandbox", "Run plugins that you do not trust on Linux 6.2 or later; docs/trust.md says what holds where.",
			"plugins cannot be confined on this system: they can read and write what you can")
	}
	g := e.patient.Session.Guard(e.config)
	if mistakes := g.Mistakes(); mistakes.HasErrors() {
		e.privately(Wrong, "lock file", "Mend it, or take it from your backup: without it no plugin is run.", "the lock file has mistakes",
			"the lock file has mistakes: "+mistakes[0].Summary)
	}
	for i, p := range e.config.Plugins {
		e.lookAtPlugin(g, i+1, p)
	}
}

// lookAtPlugin looks for a plugin's program, and holds it against the lock file.
func (e *Examination) lookAtPlugin(g *guard.Guard, number int, p *source.Plugin) {
	name, topic := fmt.Sprintf("plugin %q", p.Connector), fmt.Sprintf("plugin %d", number)
	say := func(level Level, do, what string) {
		e.privately(level, "plugins", do, topic+" "+what, name+" "+what)
	}
	s, err := g.Look(p)
	if err != nil {
		e.privately(Wrong, "plugins", "See its block: "+words.Position(p.Range)+".", topic+" cannot be found", fmt.Sprintf("%s: %v", name, err))
		return
	}
	defer s.Close()
	switch {
	case p.NoLock:
		say(Warning, "Remove lock = \"off\" when it is finished.", "is not locked: whatever its file holds is run")
	case s.Changed():
		say(Wrong, "Find out who changed it; if it was you: "+g.Hint("plugin", "lock", p.Connector), "is not the file that was accepted")
	case !s.Known():
		say(Warning, "Lock it: "+g.Hint("plugin", "lock", p.Connector), "is not locked yet, and is not tried here: the first run locks it")
	case p.NoSandbox:
		say(Warning, "Remove sandbox = \"off\" if it can do without.", "is locked, and not confined")
	default:
		say(OK, "", "is locked, and is the file that was accepted")
	}
}

// tryable returns the names of the sources whose connectors may be started: doctor locks no plugin.
func (e *Examination) tryable() (names []string) {
	g := e.patient.Session.Guard(e.config)
	for _, s := range e.config.Sources {
		if p := e.config.Plugin(s.Connector); p != nil && !p.NoLock {
			suspect, err := g.Look(p)
			if err != nil {
				continue // as was said
			}
			known := suspect.Known() && !suspect.Changed()
			suspect.Close()
			if !known {
				continue
			}
		}
		names = append(names, s.Connector+"."+s.Name)
	}
	return names
}
