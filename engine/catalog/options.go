package catalog

import (
	"fmt"
	"slices"
	"strings"
)

var (
	optionEscapes = strings.NewReplacer(`\`, `\\`, `|`, `\|`, `:`, `\:`)
	listEscapes   = strings.NewReplacer(`\`, `\\`, `|`, `\|`)
)

// FormatOptions writes a map as Name:Value|Name:Value, in the order given. ParseOptions reads it back.
func FormatOptions(entries []Entry) string {
	var b strings.Builder
	for i, e := range entries {
		if i > 0 {
			b.WriteByte('|')
		}
		_, _ = optionEscapes.WriteString(&b, e.Key)
		b.WriteByte(':')
		_, _ = optionEscapes.WriteString(&b, e.Value)
	}
	return b.String()
}

// ParseOptions reads Name:Value|Name:Value: white space around names and values is trimmed, \: \| and \\ stand for the
// characters themselves, an empty text has no options. The entries come sorted by name. An entry without a colon, an
// empty name, a name given twice and any other use of the backslash are errors.
func ParseOptions(text string) ([]Entry, error) {
	if strings.TrimSpace(text) == "" {
		return nil, nil
	}
	entries := make([]Entry, 0, strings.Count(text, "|")+1)
	for more := true; more; {
		var part string
		part, text, more = cutUnescaped(text, '|')
		name, value, found := cutUnescaped(part, ':')
		if !found {
			return nil, fmt.Errorf("option %q has no colon: options read Name:Value|Name:Value", strings.TrimSpace(part))
		}
		var e Entry
		var err error
		if e.Key, err = unescape(strings.TrimSpace(name)); err != nil {
			return nil, err
		}
		if e.Value, err = unescape(strings.TrimSpace(value)); err != nil {
			return nil, err
		}
		if e.Key == "" {
			return nil, fmt.Errorf("option %q has no name: options read Name:Value|Name:Value", strings.TrimSpace(part))
		}
		entries = append(entries, e)
	}
	// Compare names in their normal form: the same text can be written with different bytes.
	for i := range entries {
		entries[i].Key = NormalText(entries[i].Key)
	}
	slices.SortFunc(entries, func(a, b Entry) int { return strings.Compare(a.Key, b.Key) })
	for i := 1; i < len(entries); i++ {
		if entries[i].Key == entries[i-1].Key {
			return nil, fmt.Errorf("option %q is given twice", entries[i].Key)
		}
	}
	return entries, nil
}

// cutUnescaped cuts s at the first separator that has no backslash before it.
func cutUnescaped(s string, separator byte) (before, after string, found bool) {
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case separator:
			return s[:i], s[i+1:], true
		}
	}
	return s, "", false
}

func unescape(s string) (string, error) {
	if !strings.Contains(s, `\`) {
		return s, nil
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' {
			if i++; i == len(s) || !strings.ContainsRune(`\|:`, rune(s[i])) {
				return "", fmt.Errorf(`%q: a backslash stands before a colon, a bar or a backslash`, s)
			}
		}
		b.WriteByte(s[i])
	}
	return b.String(), nil
}
