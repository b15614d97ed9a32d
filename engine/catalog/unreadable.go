package catalog

// Unreadable is an item that a source has and that could not be read. It is not missing: the other side's item of that SKU
// is not only on that side.
type Unreadable struct {
	SKU    string // as the source has it, in the form of NormalText
	Reason string // for people, with the place: `line 7, column "QOH": "many" is not a number`
}
