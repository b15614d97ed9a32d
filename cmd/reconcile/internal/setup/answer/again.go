package answer

import (
	"encoding/json"
	"strconv"

	"strings"
)

// Entries returns the entries of an answer's list, each as text; nil if it has no such list.
func (p *Proposal) Entries(body []byte) []string {
	tree, err := decode(body)
	if err != nil {
		return nil
	}
	path := p.Items
	if p.Parents != "" {
		path = p.Parents
	}
	array, _ := at(tree, strings.TrimSuffix(path, "[*]")).([]any)
	var entries []string
	for _, entry := range array {
		text, _ := json.Marshal(entry) // it was JSON
		entries = append(entries, string(text))
	}
	return entries
}

// Cursor returns what the next page of an answer is asked for by; "" if it does not say.
func (p *Proposal) Cursor(body []byte) string {
	tree, _ := decode(body)
	if value := at(tree, p.Page.Cursor); value != nil {
		return textOf(value)
	}
	return ""
}

// Total returns how many entries an answer says that there are, where it says so in its body.
func (p *Proposal) Total(body []byte) (int, bool) {
	if p.Page.Total == "" {
		return 0, false
	}
	tree, _ := decode(body)
	n, err := strconv.Atoi(textOf(at(tree, p.Page.Total)))
	return n, err == nil
}

// at returns the node at one of the paths that walk gives; nil if there is none.
func at(tree any, path string) (found any) {
	walk(tree, "$", 0, func(p string, node any) {
		if p == path {
			found = node
		}
	})
	return found
}
