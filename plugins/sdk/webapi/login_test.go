package webapi_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/reconcilehq/reconcile/plugins/sdk/webapi"
)

// TestLogin signs in by a token, gets another one where that is not taken any more, and tells none.
func TestLogin(t *testing.T) {
	made, answer := 0, `{"token": "tok-%d-9c2f"}`
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/login":
			made++
			fmt.Fprint(w, strings.ReplaceAll(answer, "%d", fmt.Sprint(made)))
		case r.Header.Get("X-Session") == "T tok-2-9c2f":
			fmt.Fprint(w, `{}`)
		default:
			w.WriteHeader(http.StatusUnauthorized)
			fmt.Fprintf(w, `{"message": "what is %s?"}`, r.Header.Get("X-Session"))
		}
	}))
	defer server.Close()
	connect := func() *webapi.Client {
		config := webapi.Config{URL: server.URL}
		config.Auth = webapi.Login("X-Session", "T ", webapi.New(config).Token("/login", map[string]string{"user": "u"}, "token"))
		return webapi.New(config)
	}
	if err := connect().Session(nil).Do(t.Context(), webapi.Request{Path: "/x"}); err != nil || made != 2 {
		t.Errorf("%v, %d logins", err, made)
	}
	err := connect().Session(nil).Do(t.Context(), webapi.Request{Path: "/x"}) // tokens 3 and 4 are not taken
	if err == nil || !strings.Contains(err.Error(), "what is T [secret]?") || made != 4 {
		t.Errorf("%v, %d logins", err, made)
	}
	answer = `{"error": "no"}`
	err = connect().Session(nil).Do(t.Context(), webapi.Request{Path: "/x"})
	if err == nil || !strings.Contains(err.Error(), "signing in: the answer to the login has no token") || made != 5 {
		t.Errorf("%v, %d logins", err, made)
	}
}

// TestMembers says which answers are pages, and which are broken.
func TestMembers(t *testing.T) {
	for _, c := range []struct{ body, total, want string }{
		{`{"list": [1, 2], "n": 5, "at": "c"}`, "n", "[1 2] 5 c <nil>"},
		{`{"list": [1], "n": 1}`, "n", "[1] 1  <nil>"},
		{`{"list": [], "n": 0, "at": null}`, "n", "[] 0  <nil>"},
		{`{"list": [1], "at": 17}`, "", "[1] - 17 <nil>"},
		{`{"list": [1], "at": ""}`, "", "[1] -  <nil>"},
		{`{"list": [1]}`, "", `it has no "at"`},
		{`{"list": null, "n": 0}`, "n", `it has no "list"`},
		{`{"n": 0}`, "n", `it has no "list"`},
		{`{"list": [1], "n": null}`, "n", `it has no "n"`},
		{`{"list": [1]}`, "n", `it has no "n"`},
		{`{"list": {}, "n": 0}`, "n", `"list": `},
		{`{"list": [1], "n": "1"}`, "n", `"n": `},
		{`{"list": [1], "n": 1, "at": {}}`, "n", `"at": it is no text and no number`},
		{`null`, "n", `it has no "list"`},
		{`[]`, "n", "not the JSON that was expected"},
	} {
		page, err := webapi.Members[int]("list", c.total, "at")(&webapi.Answer{Body: []byte(c.body)})
		total := "-"
		if page.Total != nil {
			total = fmt.Sprint(*page.Total)
		}
		got := fmt.Sprint(page.Items, " ", total, " ", page.Next, " ", err)
		if err != nil {
			got = err.Error()
		}
		if !strings.Contains(got, c.want) {
			t.Errorf("%s: got %q, want %q", c.body, got, c.want)
		}
	}
}
