package restapi

import (
	"errors"
	"fmt"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/plugins/sdk"
)

// mistakes are what is wrong with the settings.
type mistakes struct{ all []error }

// add notes a mistake at a setting: the blocks that it stands in, its name, and the member of a map, as far as there are any.
func (m *mistakes) add(summary, detail string, at ...string) {
	m.all = append(m.all, &sdk.SettingError{Path: at, Summary: summary, Detail: detail})
}

func (m *mistakes) err() error { return errors.Join(m.all...) }

// path parses the path of a setting. It returns nil for one that is wrong.
func (m *mistakes) path(text string, at ...string) *path {
	p, err := parsePath(text)
	if err != nil {
		m.add(fmt.Sprintf("%s: %v", at[len(at)-1], err), "", at...)
		return nil
	}
	return p
}

// list parses the path of a list.
func (m *mistakes) list(text string, at ...string) *path {
	p := m.path(text, at...)
	if p != nil && p.singular {
		m.add(fmt.Sprintf("%s: the path %s selects one value at most, where a list is expected", at[len(at)-1], text), "A list's entries are selected with [*]: "+text+"[*].", at...)
	}
	return p
}

// words parses what words says of a field.
func (m *mistakes) words(f *fieldPlan, text string) {
	entries, err := catalog.ParseOptions(text)
	if err != nil || len(entries) == 0 {
		m.add(fmt.Sprintf("words, field %q: %q does not read word:value|word:value", f.field.Name, text), `A colon, a bar or a backslash within a word has a backslash before it.`, "words", f.field.Name)
		return
	}
	f.words = map[string]catalog.Value{}
	for _, e := range entries {
		value := catalog.NullValue(f.field.Type)
		if e.Value != "" {
			if value, err = parseValue(f.field.Type, e.Value); err != nil {
				m.add(fmt.Sprintf("words, field %q, word %q: %v", f.field.Name, e.Key, err), "", "words", f.field.Name)
			}
		}
		f.words[e.Key] = value
	}
}
