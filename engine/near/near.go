package near

import (
	"cmp"
	"maps"
	"slices"

	"github.com/reconcilehq/reconcile/engine/verdict"
)

// These bound what is remembered: of the keys of either side alone, and of all. What goes beyond is left out by a rule that leaves
// out the same keys on both sides, and the result says so.
const (
	mostOnly = 1 << 18
	MostKeys = 1 << 17 // of either side; hashing every key of a larger catalogue would cost each run for what few of them ask
	KeySize  = 16      // bytes that each of these takes
)

// Side takes what is known while a side is read. It is for one goroutine.
type Side struct {
	all      [][]hashes // in parts, so that none is copied as they grow
	count    int
	room     int
	overflow bool
}

// NewSide returns a Side that remembers so many keys at most.
func NewSide(room int) *Side { return &Side{room: min(room, MostKeys)} }

const part = 1 << 14

// Add takes a key of an item that was read.
func (s *Side) Add(key string) {
	if key == "" {
		return // such an item has no key to lose, and is no duplicate
	}
	if s.count >= s.room {
		s.overflow = true
		return
	}
	if s.count%part == 0 {
		s.all = append(s.all, make([]hashes, 0, min(part, s.room)))
	}
	s.count++
	last := &s.all[len(s.all)-1]
	*last = append(*last, hash(key))
}

// Unpaired takes the items that were not paired. It is for one goroutine; see Merge.
type Unpaired struct {
	only       [2]list
	duplicates [2]map[hashes]int32
	sample     uint64 // keys are left out of whose hash these bits are not 0
	full       bool
}

// list are keys of one side.
type list struct {
	hashes []uint64
	ends   []uint32
	text   []byte
	forms  []int32 // places of keys that a spreadsheet may have made, or may remake
}

func (l *list) key(i int) string {
	from := uint32(0)
	if i > 0 {
		from = l.ends[i-1]
	}
	return string(l.text[from:l.ends[i]])
}

func (l *list) add(hash uint64, key string) {
	if forms(key) != nil {
		l.forms = append(l.forms, int32(len(l.hashes)))
	}
	l.hashes = append(l.hashes, hash)
	l.text = append(l.text, key...)
	l.ends = append(l.ends, uint32(len(l.text)))
}

// append adds all of another list.
func (l *list) append(other *list) {
	keys, text := int32(len(l.hashes)), uint32(len(l.text))
	l.hashes = append(l.hashes, other.hashes...)
	l.text = append(l.text, other.text...)
	l.ends = slices.Grow(l.ends, len(other.ends))
	for _, end := range other.ends {
		l.ends = append(l.ends, text+end)
	}
	for _, at := range other.forms {
		l.forms = append(l.forms, keys+at)
	}
}

// Only takes the key of an item that only one side has.
func (u *Unpaired) Only(side verdict.Side, key string) {
	h := hash(key).loose
	if h&u.sample != 0 || len(key) > 1000 {
		return
	}
	l := &u.only[side]
	l.add(h, key)
	if len(l.hashes) >= mostOnly {
		u.thin(u.sample<<1 | 1)
	}
}

// thin leaves out the keys of whose hash a bit of the sample is not 0.
func (u *Unpaired) thin(sample uint64) {
	u.sample = sample
	for side := range u.only {
		var rest list
		for i, h := range u.only[side].hashes {
			if h&sample == 0 {
				rest.add(h, u.only[side].key(i))
			}
		}
		u.only[side] = rest
	}
}

// Duplicate takes a row of a key that is there twice on a side.
func (u *Unpaired) Duplicate(side verdict.Side, key string) {
	if u.duplicates[side] == nil {
		u.duplicates[side] = map[hashes]int32{}
	}
	if len(u.duplicates[side]) >= mostOnly {
		u.full = true
		return
	}
	u.duplicates[side][hash(key)]++
}

// Merge adds what another has taken.
func (u *Unpaired) Merge(other *Unpaired) {
	u.full = u.full || other.full
	u.sample |= other.sample
	for side := range u.only {
		u.only[side].append(&other.only[side])
		for h, n := range other.duplicates[side] {
			if u.duplicates[side] == nil {
				u.duplicates[side] = map[hashes]int32{}
			}
			u.duplicates[side][h] += n
		}
	}
	for len(u.only[0].hashes) >= mostOnly || len(u.only[1].hashes) >= mostOnly {
		u.thin(u.sample<<1 | 1)
	}
}

// Group are pairs that differ in the same.
type Group struct {
	DiffersIn  []string // in words
	Pairs      int
	Pos, Store string // the keys of one of them

	kinds set
}

// Between returns in what two keys differ that look alike; false if they do not look alike, or are equal.
func Between(pos, store string) (Group, bool) {
	if pos == store || !sameLook(pos, store) {
		return Group{}, false
	}
	k := least(pos, store)
	return Group{DiffersIn: k.words(), Pairs: 1, Pos: pos, Store: store, kinds: k}, true
}

// Key writes the key that would pair the pairs, made of the present one.
func (g Group) Key(present string) string { return g.kinds.expression(present) }

// Pair are the keys of two items.
type Pair struct{ Pos, Store string }

// Found is what was found.
type Found struct {
	Groups []Group // of pairs that a key would pair: most first

	// Excel are pairs of which a spreadsheet seems to have rewritten one: no key pairs them. ExcelPairs are the first of them, by the
	// keys of pos.
	Excel      Group
	ExcelPairs []Pair

	AtLeast bool // there were too many items to look at all of them: the counts are of a part
	Checked bool // Twice and Lost were counted of all rows
	Twice   int  // rows of both sides, not duplicates yet, that might be with the key: two of one side have the same then
	Lost    int  // rows of whose keys nothing might be left

	kinds set
}

// Pairs returns how many pairs a key would pair.
func (f *Found) Pairs() (n int) {
	for _, g := range f.Groups {
		n += g.Pairs
	}
	return n
}

// Key writes the key that would pair all of the pairs, made of the present one; "" if there are none.
func (f *Found) Key(present string) string {
	if f.kinds == 0 {
		return ""
	}
	return f.kinds.expression(present)
}

// Find returns what was found, nil if that is nothing. sides are those that were read, both or none.
func (u *Unpaired) Find(sides [2]*Side) *Found {
	if len(u.only[0].hashes) == 0 || len(u.only[1].hashes) == 0 {
		return nil
	}
	u.thin(u.sample) // others may have left out more
	f := &Found{AtLeast: u.sample != 0}
	u.pairs(f)
	u.excel(f)
	if len(f.Groups) == 0 && f.Excel.Pairs == 0 {
		return nil
	}
	if f.kinds != 0 && sides[0] != nil && sides[1] != nil {
		f.Checked = !u.full && !sides[0].overflow && !sides[1].overflow
		f.Twice, f.Lost = harm(f.kinds, sides, u.duplicates)
	}
	return f
}

// several says that more than one key of a side looks alike.
const several = -1

// places returns the place of each look's only key; several where there are more.
func (l *list) places() map[uint64]int32 {
	at := make(map[uint64]int32, len(l.hashes))
	for i, h := range l.hashes {
		if _, met := at[h]; met {
			at[h] = several
		} else if h >= firstHash {
			at[h] = int32(i)
		}
	}
	return at
}

func (u *Unpaired) pairs(f *Found) {
	pos, store := &u.only[verdict.Pos], &u.only[verdict.Store]
	places := pos.places()
	partner := make(map[int32]int32, 16) // of a key of pos, the key of store
	for j, h := range store.hashes {
		i, ok := places[h]
		if !ok || i == several {
			continue
		}
		if _, met := partner[i]; met {
			partner[i] = several
			continue
		}
		partner[i] = int32(j)
	}
	groups := map[set]*Group{}
	last := set(0)
	for _, i := range slices.Sorted(maps.Keys(partner)) { // in the order of the source, as far as it is known
		j := partner[i]
		if j == several {
			continue
		}
		a, b := pos.key(int(i)), store.key(int(j))
		if !sameLook(a, b) {
			continue
		}
		k := last
		if single := k&(k-1) == 0 && k != 0; !single || k.of(a) != k.of(b) || k == blanksBit || k == dashesBit {
			k = least(a, b)
		}
		last = k
		g := groups[k]
		if g == nil {
			g = &Group{DiffersIn: k.words(), Pos: a, Store: b, kinds: k}
			groups[k] = g
		}
		g.Pairs++
		if a < g.Pos {
			g.Pos, g.Store = a, b // the same example in each run
		}
		f.kinds = f.kinds.union(k)
	}
	for _, g := range groups {
		f.Groups = append(f.Groups, *g)
	}
	slices.SortFunc(f.Groups, func(a, b Group) int { return cmp.Or(cmp.Compare(b.Pairs, a.Pairs), cmp.Compare(a.kinds, b.kinds)) })
}
