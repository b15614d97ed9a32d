package emulator

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// Stock is what lies at each location, by its identifier; 0 stands for the first location. In JSON it is a number (at
// the first location), or an object from location identifiers to numbers or levels: {"1": 3, "2": {"on_hand": 5,
// "safety_stock": 2}}. "untold" in place of a number or a level is one that the API answers as null, and in place of the
// whole stock an item whose locations are null.
type Stock map[int64]Level

// Level is what lies at one location. What is available to sell is OnHand less SafetyStock.
type Level struct {
	OnHand      int64 `json:"on_hand"`
	SafetyStock int64 `json:"safety_stock,omitempty"`
	Untold      bool  `json:"untold,omitempty"`
}

// nowhere stands for the locations that the API does not tell.
const nowhere = -1

// Untold returns a stock of which the API tells no location.
func Untold() Stock { return Stock{nowhere: {Untold: true}} }

const untold = `"untold"`

// Units returns a stock of n units at the first location.
func Units(n int64) Stock { return Stock{0: {OnHand: n}} }

// UnmarshalJSON reads a stock as its type describes.
func (s *Stock) UnmarshalJSON(text []byte) error {
	if string(text) == untold {
		*s = Untold()
		return nil
	}
	var units int64
	if json.Unmarshal(text, &units) == nil {
		*s = Units(units)
		return nil
	}
	var parts map[string]json.RawMessage
	if err := json.Unmarshal(text, &parts); err != nil {
		return fmt.Errorf(`stock %s: it is a whole number, or an object from location ids to numbers or {"on_hand": 5, "safety_stock": 2}`, text)
	}
	*s = Stock{}
	for key, part := range parts {
		id, err := strconv.ParseInt(key, 10, 64)
		if err != nil {
			return fmt.Errorf("stock: %q is not a location's id", key)
		}
		var level Level
		if err := json.Unmarshal(part, &level); err != nil {
			return err
		}
		(*s)[id] = level
	}
	return nil
}

// UnmarshalJSON reads a level: a number is what is on hand, without safety stock.
func (l *Level) UnmarshalJSON(text []byte) error {
	if string(text) == untold {
		*l = Level{Untold: true}
		return nil
	}
	if json.Unmarshal(text, &l.OnHand) == nil {
		return nil
	}
	type plain Level
	if err := strange(text, reflect.TypeFor[plain](), "stock"); err != nil {
		return err
	}
	return json.Unmarshal(text, (*plain)(l))
}

// available is what can be sold of a stock, at all locations together: the catalogue's inventory_level.
func (s Stock) available() int64 {
	var units int64
	for _, level := range s {
		units += level.OnHand - level.SafetyStock
	}
	return units
}

// at returns an error for a stock at a location that the store does not have: nobody would find it in any answer.
func (s Stock) at(locations []*Location) error {
	for _, id := range slices.Sorted(maps.Keys(s)) {
		if id == 0 || id == nowhere || slices.ContainsFunc(locations, func(l *Location) bool { return l.ID == id }) {
			continue
		}
		var known []string
		for _, l := range locations {
			known = append(known, fmt.Sprintf("%d (%s)", l.ID, l.Name))
		}
		return fmt.Errorf("stock at location %d, which is none of the store's: %s", id, strings.Join(known, ", "))
	}
	return nil
}
