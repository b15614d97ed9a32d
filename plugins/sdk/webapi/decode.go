package webapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/reconcilehq/reconcile/engine/strict"
)

// JSON returns a function for Request.Read that decodes the body into target, and forgets what an earlier try left there.
func JSON[T any](target *T) func(*Answer) error {
	return func(a *Answer) error {
		*target = *new(T)
		return Decode(a.Body, target)
	}
}

// Decode reads one JSON value, and nothing after it, into target. Unlike encoding/json, which would silently replace it, it
// refuses text that is not Unicode, and an object that has a name twice: which of the two was meant nobody can tell.
func Decode(body []byte, target any) error {
	body = bytes.TrimPrefix(body, byteOrderMark)
	if !utf8.Valid(body) || hasLoneSurrogate(body) {
		return errors.New("its text is not Unicode")
	}
	if err := json.Unmarshal(body, target); err != nil {
		if text := bytes.TrimSpace(body); bytes.HasPrefix(text, []byte("<")) {
			page := "a page for a browser"
			if title := titleOf(body); title != "" {
				page += ", " + strconv.Quote(title)
			}
			return fmt.Errorf("it is not the JSON that was expected, but %s: a firewall or a login page may be in between", page)
		}
		return fmt.Errorf("it is not the JSON that was expected: %w", err)
	}
	if err := strict.Once(body); err != nil {
		return fmt.Errorf("it is not the JSON that was expected: %w", err)
	}
	return nil
}

// byteOrderMark stands before the JSON of some servers on Windows. It says nothing of UTF-8.
var byteOrderMark = []byte("\xef\xbb\xbf")

// titleOf returns the title of a page for browsers, shortened; "" if the text has none near its beginning.
func titleOf(body []byte) string {
	page := bytes.TrimSpace(body)
	if !bytes.HasPrefix(page, []byte("<")) {
		return ""
	}
	for _, tag := range bytes.SplitAfter(page[:min(len(page), mostHead)], []byte("<")) {
		if name := []byte("title"); len(tag) >= len(name) && bytes.EqualFold(tag[:len(name)], name) {
			_, title, _ := bytes.Cut(tag, []byte(">"))
			text := html.UnescapeString(strings.ToValidUTF8(string(bytes.TrimSuffix(title, []byte("<"))), ""))
			return shortened(strings.Join(strings.Fields(text), " "))
		}
	}
	return ""
}

// mostHead is how far into a page its title is looked for, in bytes.
const mostHead = 16 << 10

// hasLoneSurrogate reports whether a JSON text has one half of an escaped pair, such as \ud83d, without the other.
func hasLoneSurrogate(body []byte) bool {
	if !bytes.Contains(body, []byte(`\u`)) {
		return false
	}
	half := false // the unit before was the first half of a pair
	for i := 0; i < len(body); i++ {
		unit := uint64(0)
		if body[i] == '\\' && i+1 < len(body) {
			if i++; body[i] == 'u' && i+4 < len(body) {
				unit, _ = strconv.ParseUint(string(body[i+1:i+5]), 16, 16)
				i += 4
			}
		}
		if second := unit >= 0xdc00 && unit < 0xe000; second != half {
			return true
		}
		half = unit >= 0xd800 && unit < 0xdc00
	}
	return half
}
