package restapi

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/reconcilehq/reconcile/plugins/sdk/sdktest"
)

// TestLogins says how each kind of login signs requests, and that its secrets stand in no message where it fails.
func TestLogins(t *testing.T) {
	const secret = "s3cr3t-t0ken"
	for _, c := range []struct {
		name string
		auth sdktest.Settings
		good func(r *http.Request) bool
	}{
		{"bearer", sdktest.Settings{"type": "bearer", "token": secret}, func(r *http.Request) bool { return r.Header.Get("Authorization") == "Bearer "+secret }},
		{"basic", sdktest.Settings{"type": "basic", "username": "key", "password": secret}, func(r *http.Request) bool {
			user, password, _ := r.BasicAuth()
			return user == "key" && password == secret
		}},
		{"headers", sdktest.Settings{"type": "header", "headers": map[string]string{"X-Key": "app-key-1", "X-Token": secret}}, func(r *http.Request) bool {
			return r.Header.Get("X-Key") == "app-key-1" && r.Header.Get("X-Token") == secret
		}},
		{"parameters", sdktest.Settings{"type": "query", "params": map[string]string{"key": secret}}, func(r *http.Request) bool { return r.URL.Query().Get("key") == secret }},
	} {
		t.Run(c.name, func(t *testing.T) {
			shop := newShop(t, func(w http.ResponseWriter, r *http.Request) any {
				if !c.good(r) {
					w.WriteHeader(http.StatusUnauthorized)
				}
				return object{"items": catalogue(3)}
			})
			got, err := read(t, shop.settings(sdktest.Settings{"auth": c.auth}))
			if err != nil || len(got.Items) != 3 {
				t.Errorf("%v, %v", got.Items, err)
			}
			// The platform refuses, and says all that it was given.
			mean := newShop(t, func(w http.ResponseWriter, r *http.Request) any {
				w.WriteHeader(http.StatusForbidden)
				return object{"message": fmt.Sprintf("%s %s %v", r.URL, secret, r.Header)}
			})
			_, err = read(t, mean.settings(sdktest.Settings{"auth": c.auth}))
			wants(t, err, "403 Forbidden")
			if strings.Contains(fmt.Sprint(err), secret) {
				t.Errorf("the secret is in the message: %v", err)
			}
			// And once with status 200, in an item.
			mean = newShop(t, func(_ http.ResponseWriter, r *http.Request) any {
				return object{"items": []any{object{"id": 1, "sku": "A", "price": r.URL.String() + secret + fmt.Sprint(r.Header)}}}
			})
			_, err = read(t, mean.settings(sdktest.Settings{"auth": c.auth}))
			wants(t, err, `field "price"`)
			if strings.Contains(fmt.Sprint(err), secret) {
				t.Errorf("the secret is in the message: %v", err)
			}
		})
	}
}

// loginShop is a platform that gives tokens, which hold for some requests.
func loginShop(t *testing.T, holds int64, answer func(w http.ResponseWriter, r *http.Request, body string) any) (*shop, *atomic.Int64) {
	logins, left := &atomic.Int64{}, &atomic.Int64{}
	return newShop(t, func(w http.ResponseWriter, r *http.Request) any {
		if r.URL.Path == "/login" {
			body, _ := io.ReadAll(r.Body)
			left.Store(holds)
			logins.Add(1)
			return answer(w, r, string(body))
		}
		if left.Add(-1) < 0 || r.Header.Get("Authorization") != fmt.Sprintf("Bearer token-number-%d", logins.Load()) {
			w.WriteHeader(http.StatusUnauthorized)
			return object{"message": "log in first, not with " + r.Header.Get("Authorization")}
		}
		return object{"items": part(r, catalogue(45), "offset", "limit")}
	}), logins
}

// TestLogin says that a token is asked for, and asked for again when it has run out.
func TestLogin(t *testing.T) {
	page := sdktest.Settings{"type": "offset", "size": 10}
	login := sdktest.Settings{"type": "login", "path": "/login", "body": map[string]string{"user": "me", "password": "pass-word"}, "token_path": "$.data.token"}
	give := func(n *atomic.Int64) any {
		return object{"data": object{"token": fmt.Sprintf("token-number-%d", n.Load())}}
	}
	var logins *atomic.Int64
	var shop *shop
	shop, logins = loginShop(t, 3, func(_ http.ResponseWriter, _ *http.Request, body string) any {
		var sent map[string]string
		if err := json.Unmarshal([]byte(body), &sent); err != nil || sent["user"] != "me" || sent["password"] != "pass-word" {
			t.Errorf("a login with %s", body)
		}
		return give(logins)
	})
	got, err := read(t, shop.settings(sdktest.Settings{"auth": login, "page": page}))
	if err != nil || len(got.Items) != 45 || logins.Load() != 2 {
		t.Errorf("%d items, %d logins, %v", len(got.Items), logins.Load(), err)
	}

	t.Run("a form, and a token in a header", func(t *testing.T) {
		shop, logins := loginShop(t, 100, func(w http.ResponseWriter, r *http.Request, body string) any {
			form, _ := url.ParseQuery(body)
			if form.Get("grant_type") != "client_credentials" || r.Header.Get("Content-Type") != "application/x-www-form-urlencoded" {
				t.Errorf("a login with %s", body)
			}
			w.Header().Set("X-Token", "token-number-1")
			return object{}
		})
		_, err := read(t, shop.settings(sdktest.Settings{"page": page, "auth": sdktest.Settings{"type": "login", "path": "/login", "encoding": "form",
			"body": map[string]string{"grant_type": "client_credentials"}, "token_header": "X-Token"}}))
		if err != nil || logins.Load() != 1 {
			t.Errorf("%d logins, %v", logins.Load(), err)
		}
	})
	for name, c := range map[string]struct {
		answer func(w http.ResponseWriter) any
		want   []string
	}{
		"a login that is refused": {func(w http.ResponseWriter) any {
			w.WriteHeader(http.StatusUnauthorized)
			return object{"message": "no such user, or not with pass-word"}
		}, []string{"signing in", "POST /login", "401 Unauthorized", "no such user"}},
		"a login that is refused with 200": {func(http.ResponseWriter) any {
			return object{"data": object{"login": object{"errorCode": "INVALID_CREDENTIALS", "message": "pass-word is wrong"}}}
		}, []string{"signing in", "the answer has no token at $.data.token", "INVALID_CREDENTIALS", "check the credentials"}},
		"a token that does not hold": {func(http.ResponseWriter) any {
			return object{"data": object{"token": "token-number-99"}}
		}, []string{"401 Unauthorized", "log in first, not with Bearer [secret]"}},
	} {
		t.Run(name, func(t *testing.T) {
			shop, _ := loginShop(t, 100, func(w http.ResponseWriter, _ *http.Request, _ string) any { return c.answer(w) })
			_, err := read(t, shop.settings(sdktest.Settings{"auth": login, "page": page}))
			wants(t, err, c.want...)
			for _, secret := range []string{"pass-word", "token-number"} {
				if strings.Contains(fmt.Sprint(err), secret) {
					t.Errorf("a secret is in the message: %v", err)
				}
			}
		})
	}
}
