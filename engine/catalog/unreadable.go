package catalog

// Unreadable is an item that a source has but that could not be read. It is not missing, so the other side's item with that
// SKU must not be reported as being on that side only.
type Unreadable struct {
	SKU    string // as the source has it, in the form of NormalText
	Reason string // for people, with the place: `line 7, column "QOH": "many" is not a number`
}
