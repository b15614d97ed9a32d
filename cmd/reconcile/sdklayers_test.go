package main

// sdkArrows are the arrows of all that connectors import.
var sdkArrows = map[string]map[string]string{
	"plugins/sdk": {
		"engine/catalog": "connectors use its words through the SDK",
		"engine/change":  "connectors tell changes in its words, through the SDK", "engine/weborder": "and orders",
		"plugins/confine": "connectors give up what they do not need",
		"plugins/proto":   "it speaks the protocol",
	},
	"plugins/sdk/keep":      {"engine/replace": "what was written to a sandbox is there whole or not at all"},
	"plugins/sdk/locations": {"plugins/sdk": "it has settings, and adds exact decimals up", "plugins/sdk/pack": "a Local Copy keeps locations and levels"},
	"plugins/sdk/pack":      {"engine/catalog": "it keeps exact decimals"},
	"plugins/sdk/pull":      {"plugins/sdk": "it reads what the host holds, and puts and deletes records", "plugins/sdk/pack": "records have the form of their kind"},
	"plugins/sdk/writing": {
		"engine/change": "text is compared in the form in which items are read",
		"plugins/sdk":   "it makes changes as an Applier",
	},
	"plugins/sdk/webapi": {
		"engine/strict":  "an answer means one thing to all who read it",
		"engine/catalog": "the platform's clock is a fact with a name, and options are told apart as rules do",
		"plugins/sdk":    "it has settings, reads exact numbers, and is told how long the host waits",
	},
	"plugins/sdk/table": {
		"engine/catalog":              "it builds columns",
		"plugins/sdk":                 "it is a part of connectors",
		"plugins/sdk/table/content":   "it reads files",
		"plugins/sdk/table/delimited": "it reads CSV",
		"plugins/sdk/table/grid":      "it reads rows, wherever they come from",
		"plugins/sdk/table/workbook":  "it reads workbooks",
	},
	"plugins/sdk/table/content": {},
	"plugins/sdk/table/grid": {
		"engine/catalog": "it suggests the name of a column that was meant",
	},
	"plugins/sdk/table/delimited": {
		"engine/catalog":            "it knows when text is ASCII",
		"plugins/sdk/table/content": "it reads bytes of a file",
		"plugins/sdk/table/grid":    "it gives rows",
	},
	"plugins/sdk/table/workbook": {
		"engine/catalog": "it reads numbers and their currencies",
	},
	"plugins/sdk/table/database": {
		"engine/catalog":         "it reads numbers",
		"plugins/sdk":            "it has settings",
		"plugins/sdk/table/grid": "it gives rows; table does not import it, so that connectors for files link no drivers",
	},
}
