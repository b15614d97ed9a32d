package restapi

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestTree says what is JSON here, and what is not though others may take it.
func TestTree(t *testing.T) {
	for text, want := range map[string]any{
		` {"a":[1.50,"x",true,null,{}]} `: object{"a": []any{json.Number("1.50"), "x", true, nil, object{}}},
		`"\ud83d\ude00"`:                  "😀",
		`"a\\ud83d"`:                      `a\ud83d`,
		`"\u0000\u00e9"`:                  "\x00é",
		`12345678901234567890.10`:         json.Number("12345678901234567890.10"),
		`"�"`:                             "�",
	} {
		got, err := decodeTree([]byte(text))
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%s: %v (-want +got):\n%s", text, err, diff)
		}
	}
	for text, want := range map[string]string{
		``:                       "is empty",
		`  `:                     "is empty",
		`<html>`:                 "a web page",
		`{"a":1,"a":2}`:          `the member "a" twice`,
		`{"a":1,"\u0061":2}`:     `the member "a" twice`,
		`{} {}`:                  "goes on behind",
		`[1,]`:                   "not the JSON",
		`[1`:                     "unexpected EOF",
		`{"a"`:                   "unexpected EOF",
		`{"a":`:                  "unexpected EOF",
		`nul`:                    "not the JSON",
		"\"\xff\"":               "not Unicode",
		`"\ud83d"`:               "not Unicode",
		`"\ud83dx\ude00"`:        "not Unicode",
		`"\ude00"`:               "not Unicode",
		`"\ud83d\ud83d\ude00"`:   "not Unicode",
		`NaN`:                    "not the JSON",
		`01`:                     "goes on behind",
		strings.Repeat("[", 300): "more than 200 levels deep",
	} {
		if _, err := decodeTree([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, want %q", text, err, want)
		}
	}
}
