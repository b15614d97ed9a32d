package webapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"unicode/utf8"
)

// JSON returns a function for Request.Read that decodes the body into target, and forgets what an earlier try left there.
func JSON[T any](target *T) func(*Answer) error {
	return func(a *Answer) error {
		*target = *new(T)
		return Decode(a.Body, target)
	}
}

// Decode reads one JSON value, and nothing after it, into target. Unlike encoding/json, which would silently replace it, it
// refuses text that is not Unicode.
func Decode(body []byte, target any) error {
	if !utf8.Valid(body) || hasLoneSurrogate(body) {
		return errors.New("its text is not Unicode")
	}
	if err := json.Unmarshal(body, target); err != nil {
		if text := bytes.TrimSpace(body); bytes.HasPrefix(text, []byte("<")) {
			return errors.New("it is not the JSON that was expected, but a page for a browser: a firewall or a login page may be in between")
		}
		return fmt.Errorf("it is not the JSON that was expected: %w", err)
	}
	return nil
}

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
