package main

import "maps"

// with returns two tables as one.
func with(a, b map[string]map[string]string) map[string]map[string]string {
	maps.Copy(b, a)
	return b
}

// screenArrows are the arrows of what keeps runs and serves the Inventory Screen: see arrows.
var screenArrows = map[string]map[string]string{
	room + "wakes": {
		"engine/fault": "a panic in a wake is a fault of ours",
	},
	room + "store": {
		"engine/strict":  "the head of the audit trail is what was written, and nothing else",
		"engine/catalog": "names and passwords have one form, however they were typed",
		"engine/replace": "it replaces files whole",
		room + "wakes":   "workers are woken in the transaction that makes a job",
	},
	room + "people": {
		"engine/replace":  "it writes an export whole",
		room + "store":    "it changes who may log in",
		room + "terminal": "it asks for passwords",
	},
	room + "archive": {
		"engine/history": "it keeps runs",
		"engine/replace": "it writes files whole",
		"engine/report":  "it keeps results",
		"engine/verdict": "it counts statuses",
		"rules":          "a configuration says which runs are kept",
		room + "store":   "runs have rows",
	},
	room + "fleet": {
		"engine/fault":   "it compares several shops at a time",
		"engine/report":  "it keeps results",
		"rules":          "a configuration says which runs are kept",
		room + "archive": "it keeps runs",
		room + "session": "it compares as a command does",
		room + "store":   "runs have counts",
	},
	room + "overview": {
		room + "store": "jobs and workers are there",
	},
	room + "queue": {
		"engine/catalog":  "it says which name was probably meant",
		"rules":           "schedules stand in the configuration",
		room + "archive":  "it keeps runs",
		room + "fleet":    "it compares shops",
		room + "memory":   "it limits memory",
		room + "overview": "it prints it",
		room + "session":  "it compares as a command does",
		room + "store":    "jobs are there",
		room + "terminal": "it prints",
	},
	room + "backup": {
		"engine/strict":   "what an archive holds means one thing to all who read it",
		"engine/replace":  "it writes an archive whole",
		room + "archive":  "it finds the files of runs",
		room + "store":    "it copies the database",
		room + "terminal": "it prints",
	},
	room + "past": {
		"engine/history":  "it compares runs",
		"engine/verdict":  "it names statuses",
		room + "archive":  "it finds runs",
		room + "store":    "runs have rows",
		room + "terminal": "it prints",
	},
	room + "jobs": {
		room + "session": "a worker listens to a session",
	},
	room + "inventory": {
		"engine/journal":     "it says how far a plan is",
		"engine/plan":        "it says what is in a plan",
		room + "mend/ledger": "plans and journals are there",
		"rules":              "acceptances have terms",
		"engine/history":     "it opens runs",
		"engine/report":      "it explains items of results",
		"rules/explain":      "it explains cells",
		room + "archive":     "it finds runs",
		room + "jobs":        "it starts imports",
		room + "session":     "it reads the configuration",
		room + "store":       "it notes who did what",
		room + "web/rest":    "it is what programs ask for",
		room + "web/screen":  "it is what the screen shows",
	},
	room + "browsing": {},
	room + "web/review": {
		"engine/catalog": "it shows values",
		"engine/change":  "it shows outcomes",
		"engine/journal": "it shows what was done",
		"engine/plan":    "it shows what is planned",
		"engine/signs":   "it shows texts of the data so that nothing in them hides",
	},
	room + "web": {
		room + "web/review": "it shows plans, and what became of them", room + "mend/worklist": "it offers what people have to do as a file",
		"engine/report":     "it shows what a run says as a whole",
		"engine/verdict":    "it shows both sides",
		room + "store":      "it asks who may do what",
		room + "web/rest":   "it answers programs, too",
		room + "web/screen": "it shows what that makes of runs",
	},
	room + "web/rest": {
		"engine/strict":      "a request means one thing to all who read it",
		"engine/journal":     "it tells what was done",
		"engine/plan":        "it tells what is planned",
		room + "mend/ledger": "it tells of journals as commands do", room + "mend/worklist": "it writes what people have to do", room + "rowfile": "that is a file",
		"engine/catalog":    "it writes amounts",
		"engine/history":    "it compares runs",
		"engine/impact":     "it says what is at risk",
		"engine/report":     "it writes items in the formats of reports",
		"engine/verdict":    "it names sides",
		room + "overview":   "it answers with it",
		room + "store":      "it says who may ask for what",
		room + "web/screen": "it finds items as the screen does",
	},
	room + "web/screen": {
		"engine/catalog": "it shows values",
		"engine/impact":  "it sorts by what is at risk",
		"engine/history": "it reads runs that were kept",
		"engine/report":  "it shows items",
		"engine/signs":   "it shows texts of the data so that nothing in them hides",
		"engine/verdict": "it shows statuses and cells",
		"rules/explain":  "it shows why a cell is what it is",
		room + "store":   "it says who imports",
	},
}
