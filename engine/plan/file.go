package plan

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/change"
	"github.com/reconcilehq/reconcile/engine/strict"
)

// formatVersion is that of a plan's file.
const formatVersion = "1"

// mostBytes is how large a plan's file may be: it is held in memory.
const mostBytes = 256 << 20

// written is a plan as its file has it.
type written struct {
	FormatVersion string `json:"format_version"`
	*Plan
	Hash string `json:"hash"` // of all the rest
}

// Encode writes the plan as its file has it.
func Encode(w io.Writer, p *Plan) error {
	out := written{FormatVersion: formatVersion, Plan: whole(p)}
	hash, err := out.sum()
	if err != nil {
		return err
	}
	out.Hash = hash
	text, err := plainJSON(out)
	if err != nil {
		return err
	}
	var indented bytes.Buffer
	if err := json.Indent(&indented, text, "", "  "); err != nil {
		return err
	}
	if indented.Len() > mostBytes {
		return fmt.Errorf("a plan of %d changes is too large for a file: choose rules, or items", len(p.Changes))
	}
	_, err = w.Write(indented.Bytes())
	return err
}

// Hash returns the hash of the plan, as its file has it.
func (p *Plan) Hash() (string, error) {
	return written{FormatVersion: formatVersion, Plan: whole(p)}.sum()
}

// whole returns the plan with empty lists in the place of absent ones.
func whole(p *Plan) *Plan {
	full := *p
	full.Allowed = append([]string{}, p.Allowed...)
	full.Chosen = Choice{append([]string{}, p.Chosen.SKUs...), append([]string{}, p.Chosen.Rules...)}
	full.Steps = append([]Count{}, p.Steps...)
	full.Changes = append([]Change{}, p.Changes...)
	full.Deferred = append([]Deferred{}, p.Deferred...)
	full.Tasks = append([]Task{}, p.Tasks...)
	full.LeftOut = append([]LeftOut{}, p.LeftOut...)
	full.Stops = append([]Stop{}, p.Stops...)
	full.Seen = append([]Seen{}, p.Seen...)
	return &full
}

// sum returns the hash of the plan without its hash.
func (w written) sum() (string, error) {
	w.Hash = ""
	text, err := plainJSON(w)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:]), nil
}

func plainJSON(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return b.Bytes(), err
}

// ErrDamaged says that a file is no plan, or not as it was written.
var ErrDamaged = errors.New("it is not a plan as reconcile plan writes one, or was changed since: make a new one")

// VersionError says that a plan's file is of another version of the format.
type VersionError struct{ Version string }

func (e *VersionError) Error() string {
	return fmt.Sprintf("the plan is of format_version %q, and this reconcile reads %q: make a new one with it", e.Version, formatVersion)
}

// Decode reads a plan's file. What is not exactly what Encode has written, white space aside, is an error.
func Decode(r io.Reader) (*Plan, error) { return decode(r, mostBytes) }

func decode(r io.Reader, most int64) (*Plan, error) {
	text, err := io.ReadAll(io.LimitReader(r, most+1))
	switch {
	case err != nil:
		return nil, err
	case int64(len(text)) > most:
		return nil, fmt.Errorf("it is larger than %d bytes, and no plan is", most)
	}
	var version struct {
		FormatVersion string `json:"format_version"`
	}
	if err := json.Unmarshal(text, &version); err != nil || version.FormatVersion == "" {
		return nil, ErrDamaged
	}
	if version.FormatVersion != formatVersion {
		return nil, &VersionError{version.FormatVersion}
	}
	in := written{Plan: &Plan{}}
	if err := strict.Decode(text, &in); err != nil {
		return nil, fmt.Errorf("%w (%w)", ErrDamaged, err)
	}
	in.Plan = whole(in.Plan)
	if hash, err := in.sum(); err != nil || hash != in.Hash || !IsID(in.ID) {
		return nil, ErrDamaged
	}
	return in.Plan, nil
}

// writtenChange is a change as a plan's file has it. Its values are JSON of the field's type.
type writtenChange struct {
	Key      string          `json:"key"`
	Step     Step            `json:"step"`
	SKU      string          `json:"sku"`
	ID       string          `json:"id"`
	Name     string          `json:"name"`
	Field    string          `json:"field"`
	Type     string          `json:"type"`
	Expected json.RawMessage `json:"expected"`
	Desired  json.RawMessage `json:"desired"`
	Will     json.RawMessage `json:"will"`
	Rules    []string        `json:"rules"`
	Now      Cells           `json:"now"`
	Then     Cells           `json:"then"`
	Why      string          `json:"why"`
	Parent   string          `json:"parent,omitempty"`
	Also     []string        `json:"also,omitempty"`
}

// MarshalJSON implements json.Marshaler.
func (c Change) MarshalJSON() ([]byte, error) {
	w := writtenChange{Key: c.Key, Step: c.Step, SKU: c.SKU, ID: c.ID, Name: c.Name, Field: c.Field, Type: c.Type.String(), Rules: c.Rules, Now: c.Now, Then: c.Then, Why: c.Why, Parent: c.Parent, Also: c.Also}
	for to, v := range map[*json.RawMessage]catalog.Value{&w.Expected: c.Expected, &w.Desired: c.Desired, &w.Will: c.Will} {
		text, err := v.MarshalJSON()
		if err != nil {
			return nil, err
		}
		*to = text
	}
	return plainJSON(w)
}

// UnmarshalJSON implements json.Unmarshaler.
func (c *Change) UnmarshalJSON(text []byte) error {
	var w writtenChange
	if err := strict.Decode(text, &w); err != nil {
		return err
	}
	of, err := catalog.ParseType(w.Type)
	if err != nil {
		return err
	}
	*c = Change{Key: w.Key, Step: w.Step, SKU: w.SKU, ID: w.ID, Name: w.Name, Field: w.Field, Type: of, Rules: w.Rules, Now: w.Now, Then: w.Then, Why: w.Why, Parent: w.Parent, Also: w.Also}
	for to, text := range map[*catalog.Value]json.RawMessage{&c.Expected: w.Expected, &c.Desired: w.Desired, &c.Will: w.Will} {
		if *to, err = change.ParseValue(of, text); err != nil {
			return err
		}
	}
	return nil
}
