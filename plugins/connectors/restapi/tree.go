package restapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"unicode/utf8"
)

// mostDeep is how deep an answer may be nested. Those of platforms have a dozen levels.
const mostDeep = 200

// errWebPage says that an answer is a page for a browser.
var errWebPage = errors.New("the answer is a web page, where JSON is expected: a login page, as a rule, or a proxy's; check base_url, path and the credentials")

// decodeTree reads one JSON value, and nothing after it: objects as map[string]any, arrays as []any, numbers as json.Number, which
// keeps them as they are written. What two readers of JSON may read differently is an error: a member that is there twice, and text
// that is not Unicode.
func decodeTree(body []byte) (any, error) {
	body = bytes.TrimPrefix(body, []byte("\xef\xbb\xbf")) // with which some servers on Windows begin
	trimmed := bytes.TrimSpace(body)
	switch {
	case len(trimmed) == 0:
		return nil, errors.New("the answer is empty, where JSON is expected")
	case trimmed[0] == '<':
		return nil, errWebPage
	case !utf8.Valid(body), hasHalfPair(body):
		return nil, errors.New("the answer's text is not Unicode")
	}
	d := &treeDecoder{tokens: json.NewDecoder(bytes.NewReader(body))}
	d.tokens.UseNumber()
	tree, err := d.value(0)
	if err != nil {
		if errors.Is(err, io.ErrUnexpectedEOF) && len(body) > 0 {
			return nil, fmt.Errorf("the answer is not the JSON that was expected: %w (it ends in the middle, after %d bytes)", err, len(body))
		}
		return nil, fmt.Errorf("the answer is not the JSON that was expected: %w", err)
	}
	if _, err := d.tokens.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("the answer goes on behind its JSON value")
	}
	return tree, nil
}

type treeDecoder struct{ tokens *json.Decoder }

func (d *treeDecoder) value(depth int) (any, error) {
	token, err := d.tokens.Token()
	if errors.Is(err, io.EOF) {
		return nil, io.ErrUnexpectedEOF
	}
	if err != nil {
		return nil, err
	}
	if depth > mostDeep {
		return nil, fmt.Errorf("it is nested more than %d levels deep", mostDeep)
	}
	switch token {
	case json.Delim('{'):
		return d.object(depth)
	case json.Delim('['):
		list := []any{}
		for d.tokens.More() {
			v, err := d.value(depth + 1)
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
		_, err := d.tokens.Token()
		return list, unexpectedEnd(err)
	}
	return token, nil
}

func (d *treeDecoder) object(depth int) (any, error) {
	object := map[string]any{}
	for d.tokens.More() {
		token, err := d.tokens.Token()
		if err != nil {
			return nil, unexpectedEnd(err)
		}
		name, _ := token.(string) // the decoder lets nothing else be a name
		if _, twice := object[name]; twice {
			return nil, fmt.Errorf("an object has the member %q twice", name)
		}
		if object[name], err = d.value(depth + 1); err != nil {
			return nil, err
		}
	}
	_, err := d.tokens.Token()
	return object, unexpectedEnd(err)
}

func unexpectedEnd(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// hasHalfPair reports whether a JSON text has one half of an escaped pair, such as \ud83d, without the other. The decoder would put
// a mark in its place.
func hasHalfPair(body []byte) bool {
	open := false // the escape before was the first half of a pair
	for {
		at := bytes.IndexByte(body, '\\')
		if at < 0 || at+1 == len(body) {
			return open
		}
		unit := uint64(0)
		if body[at+1] == 'u' && at+6 <= len(body) {
			unit, _ = strconv.ParseUint(string(body[at+2:at+6]), 16, 16) // what is no number the decoder refuses
		}
		second := 0xdc00 <= unit && unit <= 0xdfff
		if second != (open && at == 0) || open && at > 0 {
			return true
		}
		open = 0xd800 <= unit && unit <= 0xdbff
		body = body[at+2:]
		if unit != 0 {
			body = body[4:]
		}
	}
}

// memberNames returns the names of an object's members, sorted and shortened.
func memberNames(object map[string]any) []string {
	names := slices.Sorted(maps.Keys(object))
	for i, name := range names {
		names[i] = shortened(name)
	}
	return names
}

// shortened returns the beginning of a text that may be long, for messages.
func shortened(text string) string {
	const most = 80
	if len(text) <= most {
		return text
	}
	cut := most
	for !utf8.RuneStart(text[cut]) {
		cut--
	}
	return text[:cut] + "…"
}
