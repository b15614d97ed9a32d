package verdict

// Truth is what a condition comes to.
type Truth uint8

// The truths.
const (
	Open Truth = iota // nothing is known: only an evaluation will tell
	False
	True
	Null   // it read a null
	Absent // its rule is not about such items
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

// Known is what is known of a pair before a condition on it is evaluated. Twins are columns of the two sides whose values
// are compared once for all conditions; tests are conditions on one side alone.
type Known struct {
	Equal uint64    // the twins whose two values are the same, or both null
	Null  uint64    // those of them that are null
	Tests [2]uint32 // by side: what its tests came to, as TestBits puts it
}

// TestBits returns what a test came to in the bits of Known.Tests; no bits say that nothing is known. t is not Absent.
func TestBits(test int, t Truth) uint32 { return uint32(t) << (2 * test) }

// SetTest notes what a test of a side came to, of which nothing was known.
func (k *Known) SetTest(side Side, test int, t Truth) { k.Tests[side] |= TestBits(test, t) }

// Test returns what a test of a side came to; Open if that is not known.
func (k *Known) Test(side Side, test int) Truth { return Truth(k.Tests[side] >> (2 * test) & 3) }
