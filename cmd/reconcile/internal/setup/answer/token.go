package answer

import (
	"maps"
	"net/http"
	"slices"
	"strings"
)

// Token is where the answer to a login has the token: at a path of its body, or in a header.
type Token struct{ Path, Header, Value string }

// tokenNames are what a token is called, the surest first.
var tokenNames = strings.Fields("accesstoken token authtoken sessiontoken jwt bearer idtoken sessionid session")

// FindToken finds the token in the answer to a login; false if there is none.
func FindToken(body []byte, header http.Header) (Token, bool) {
	var found Token
	best := len(tokenNames)
	if tree, err := decode(body); err == nil {
		if text, ok := tree.(string); ok && text != "" { // the answer is the token, and nothing else
			return Token{Path: "$", Value: text}, true
		}
		walk(tree, "$", 0, func(path string, node any) {
			text, ok := node.(string)
			rank := slices.Index(tokenNames, plain(path[strings.LastIndexAny(path, ".[")+1:]))
			if ok && text != "" && rank >= 0 && rank < best {
				best, found = rank, Token{Path: path, Value: text}
			}
		})
	}
	if found.Value != "" {
		return found, true
	}
	for _, name := range slices.Sorted(maps.Keys(header)) {
		if value := header.Get(name); value != "" && strings.Contains(strings.ToLower(name), "token") {
			return Token{Header: name, Value: value}, true
		}
	}
	return Token{}, false
}
