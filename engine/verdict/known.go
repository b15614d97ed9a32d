package verdict

// Truth is what a condition comes to.
type Truth uint8

// The truths.
const (
	Open Truth = iota // nothing is known: only an evaluation will tell
	False
	True
	Null   // it read a null
	Absent // its rule is not about items of that status
	Exempt // its rule is about such items, but does not apply to this one
)

// TruthOf returns the truth of a condition that was evaluated; known is false where that gave null.
func TruthOf(truth, known bool) Truth {
	switch {
	case !known:
		return Null
	case truth:
		return True
	}
	return False
}

// The most twins, and tests of a side, that a Known has room for.
const (
	MaxTwins = 64
	MaxTests = 16
)

// Known is what is known of a pair before its conditions are evaluated. Twins are two columns, one of each side, whose values
// are compared once for all conditions. Tests are conditions on one side alone.
type Known struct {
	Equal  uint64    // the set of twins whose values are equal, or both null
	Null   uint64    // the set of twins that are equal since both are null
	Differ uint64    // the set of twins that both have a value, which is not the same; what is in neither set may be anything
	Tests  [2]uint32 // by side: the results of its tests, each in the bits that TestBits returns
}

// TestBits returns the result t of a test, in the bits that it has in Known.Tests. No bits mean Open. t must not be Absent or Exempt.
func TestBits(test int, t Truth) uint32 { return uint32(t) << (2 * test) }

// SetTest notes the result of a test of a side, which must be Open so far.
func (k *Known) SetTest(side Side, test int, t Truth) { k.Tests[side] |= TestBits(test, t) }

// Test returns the result of a test of a side, or Open if it is not known.
func (k *Known) Test(side Side, test int) Truth { return Truth(k.Tests[side] >> (2 * test) & 3) }
