package near

import (
	"encoding/json"
	"fmt"
	"slices"
)

// keptFound is what was found, as JSON in runs that are kept. Kinds are told by their words.
type keptFound struct {
	Groups     []keptGroup `json:"groups,omitempty"`
	Excel      keptGroup   `json:"excel"`
	ExcelPairs []Pair      `json:"excel_pairs,omitempty"`
	AtLeast    bool        `json:"at_least,omitempty"`
	Checked    bool        `json:"checked,omitempty"`
	Twice      int         `json:"twice,omitempty"`
	Lost       int         `json:"lost,omitempty"`
	Kinds      []string    `json:"kinds,omitempty"`
}

type keptGroup struct {
	DiffersIn []string `json:"differs_in,omitempty"`
	Pairs     int      `json:"pairs"`
	Pos       string   `json:"pos,omitempty"`
	Store     string   `json:"store,omitempty"`
	Kinds     []string `json:"kinds,omitempty"`
}

// MarshalJSON implements json.Marshaler.
func (f *Found) MarshalJSON() ([]byte, error) {
	k := keptFound{Excel: keptGroupOf(f.Excel), ExcelPairs: f.ExcelPairs, AtLeast: f.AtLeast, Checked: f.Checked, Twice: f.Twice,
		Lost: f.Lost, Kinds: f.kinds.words()}
	for _, g := range f.Groups {
		k.Groups = append(k.Groups, keptGroupOf(g))
	}
	return json.Marshal(k)
}

// UnmarshalJSON implements json.Unmarshaler. A kind that is not known is an error.
func (f *Found) UnmarshalJSON(text []byte) error {
	var k keptFound
	if err := json.Unmarshal(text, &k); err != nil {
		return err
	}
	*f = Found{ExcelPairs: k.ExcelPairs, AtLeast: k.AtLeast, Checked: k.Checked, Twice: k.Twice, Lost: k.Lost}
	var err error
	if f.Excel, err = k.Excel.group(); err != nil {
		return err
	}
	for _, g := range k.Groups {
		group, err := g.group()
		if err != nil {
			return err
		}
		f.Groups = append(f.Groups, group)
	}
	f.kinds, err = setOf(k.Kinds)
	return err
}

func keptGroupOf(g Group) keptGroup {
	return keptGroup{g.DiffersIn, g.Pairs, g.Pos, g.Store, g.kinds.words()}
}

func (g keptGroup) group() (Group, error) {
	kinds, err := setOf(g.Kinds)
	return Group{DiffersIn: g.DiffersIn, Pairs: g.Pairs, Pos: g.Pos, Store: g.Store, kinds: kinds}, err
}

// setOf returns the kinds with these words.
func setOf(names []string) (k set, err error) {
	for _, name := range names {
		at := slices.IndexFunc(kinds, func(of kind) bool { return of.what == name })
		if at < 0 {
			return 0, fmt.Errorf("keys that differ in %q: there is no such kind of difference", name)
		}
		k |= 1 << at
	}
	return k, nil
}
