package restapi

import (
	"errors"
	"fmt"
	"strings"

	"github.com/theory/jsonpath"
	"github.com/theory/jsonpath/spec"
)

// path is a JSONPath (RFC 9535). Its filters compare numbers as floats, so numbers that differ only behind their 15th digit are
// equal there; what a path selects is exact.
type path struct {
	text     string
	parsed   *jsonpath.Path
	singular bool // it selects one node at most
	optional bool // the list that it selects from may be absent or null, and is empty then

	// container is the path as far as it selects one node at most: that which holds the list.
	container *jsonpath.Path

	// entries is the path up to its last part that selects several nodes; nil if that is the path. $.stock[*] is that of $.stock[*].units.
	entries *jsonpath.Path
}

// parsePath reads a path. The error says what is wrong with it, and where.
func parsePath(text string) (*path, error) {
	if strings.TrimSpace(text) == "" {
		return nil, errors.New("the path is empty: it begins with $, such as $.name")
	}
	parsed, err := jsonpath.Parse(text)
	if err != nil {
		said := strings.TrimPrefix(err.Error(), "jsonpath: ")
		if !strings.HasPrefix(strings.TrimSpace(text), "$") {
			said = "a path begins with $"
		}
		return nil, fmt.Errorf("%q is not a JSONPath (RFC 9535): %s", text, said)
	}
	query := parsed.Query()
	p := &path{text: text, parsed: parsed, singular: query.Singular() != nil, container: parsed}
	for n, segment := range query.Segments() {
		if single := spec.Query(true, segment); single.Singular() == nil {
			p.container = jsonpath.New(spec.Query(true, query.Segments()[:n]...))
			break
		}
	}
	for n := len(query.Segments()); n > 0 && !p.singular; n-- {
		if single := spec.Query(true, query.Segments()[n-1]); single.Singular() != nil {
			continue
		}
		if n < len(query.Segments()) {
			p.entries = jsonpath.New(spec.Query(true, query.Segments()[:n]...))
		}
		break
	}
	return p, nil
}

// list returns what the path selects, as a list. It is an error if that which holds the list is not there: an answer without it is
// another one than was asked for, and not an empty list. So it is if that is null: a list that is not known is not an empty one. With
// optional it is empty in both cases.
func (p *path) list(of any) (nodes []any, err error) {
	holder := p.container.Select(of)
	switch {
	case p.optional && (len(holder) == 0 || holder[0] == nil):
		return nil, nil
	case len(holder) == 0:
		return nil, fmt.Errorf("the path %s selects nothing, where a list is expected", p.container)
	}
	switch holder[0].(type) {
	case []any, map[string]any:
		return p.nodes(of), nil
	}
	return nil, fmt.Errorf("the path %s selects %s, where a list is expected", p.container, describe(holder[0]))
}

// nodes returns what the path selects. Members of an object have no order in JSON: where a path runs over them, they come sorted by
// name.
func (p *path) nodes(of any) []any {
	if p.singular {
		return p.parsed.Select(of)
	}
	located := p.parsed.SelectLocated(of)
	if len(located) > 1 {
		located.Sort()
	}
	nodes := make([]any, len(located))
	for i, n := range located {
		nodes[i] = n.Node
	}
	return nodes
}

// lacking says in how many of its entries the path selects nothing, where it selects something in others: what is made of those alone
// would look like the whole.
func (p *path) lacking(of any, nodes []any) (n, entries int) {
	if p.entries == nil {
		return 0, 0
	}
	entries = len(p.entries.Select(of))
	return entries - len(nodes), entries
}

// one returns the only node that the path selects; nil, false if it selects none or several.
func (p *path) one(of any) (any, bool) {
	nodes := p.nodes(of)
	if len(nodes) != 1 {
		return nil, false
	}
	return nodes[0], true
}
