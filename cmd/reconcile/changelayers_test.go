package main

// changeArrows are the arrows of what plans changes of a store and makes them: see arrows.
var changeArrows = map[string]map[string]string{
	"engine/change": {
		"engine/catalog": "changes are of values",
	},
	"engine/plan": {
		"engine/catalog": "it holds values, and reads and writes them",
		"engine/change":  "it asks how a platform takes values",
		"engine/journal": "a revert is made of what was done",
		"engine/report":  "it plans for the items of a result",
		"engine/verdict": "it looks at cells and sides",
		"rules":          "it tries each change by the program that made the cells",
	},
	"engine/journal": {
		"engine/catalog": "it keeps values",
		"engine/change":  "it keeps changes and what became of them",
		"engine/replace": "a journal begins whole, and is a file",
	},
	"engine/apply": {
		"engine/catalog": "it looks at items",
		"engine/change":  "it hands changes to a platform",
		"engine/journal": "it notes what it does before and after",
	},
	room + "mend": {
		"engine/apply":    "it has plans carried out",
		"engine/change":   "it shows what became of changes",
		"engine/journal":  "it keeps and shows what was done",
		"engine/catalog":  "it brings what was typed to one form, and writes values",
		"engine/plan":     "it shows plans",
		"engine/replace":  "it writes a plan's file whole",
		room + "guard":    "a plan is about the lock file of plugins",
		room + "session":  "it runs the reconciliation",
		room + "terminal": "it shows them there",
		room + "words":    "it writes values",
	},
	"plugins/connectors/bigcommerce/edit": {
		"engine/catalog":     "it holds and compares values",
		"plugins/sdk":        "it tells changes in its words",
		"plugins/sdk/webapi": "it asks a platform on the web",
	},
}
