package bigcommerce

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// failure is why a request was not answered well.
type failure struct {
	text       string
	advice     string        // what to do about it, where the text does not say
	status     int           // of the answer; 0 if there was none
	temporary  bool          // it may be answered well later
	retryAfter time.Duration // how long the API asks to wait; 0 if it does not say
	tooLarge   bool
}

func (f *failure) Error() string { return f.text }

// finally is the error of a request that is given up, with all that is known about it.
func (f *failure) finally(what, tried string) error {
	if f.advice != "" {
		tried += "; " + f.advice
	}
	return fmt.Errorf("%s: %w%s", what, f, tried)
}

// refused explains an answer that is not the one that was hoped for.
func (s *session) refused(response *http.Response, body []byte) *failure {
	f := &failure{status: response.StatusCode}
	f.text = fmt.Sprintf("%d %s", f.status, http.StatusText(f.status))
	if said := s.clean(messageOf(body)); said != "" {
		f.text += " (" + said + ")"
	}
	switch f.status {
	case http.StatusUnauthorized:
		f.text += ": the access token is wrong or was revoked, or is another store's; check access_token and store_hash, or create a new API account in BigCommerce's control panel"
	case http.StatusForbidden:
		f.text += ": the access token lacks a scope; give its API account at least read-only access to " + scopeFor(response.Request.URL.Path)
	case http.StatusNotFound:
		f.text += ": the API does not know this store; check store_hash (and api_url, if it is set)"
	case http.StatusTooManyRequests:
		f.temporary, f.retryAfter = true, retryAfter(response.Header)
	case http.StatusServiceUnavailable:
		f.text += ": the store is down for maintenance, being upgraded, or suspended"
		f.advice = "its control panel says which: the first two pass, a suspended store's account has to be settled with BigCommerce"
		f.temporary, f.retryAfter = true, laterBy(response.Header, "Retry-After")
	case http.StatusLocked, http.StatusRequestTimeout, http.StatusNoContent:
		f.temporary = true
	default:
		// A 500 can mean that the API throttles us.
		f.temporary = f.status >= 500
		if f.status >= 300 && f.status < 400 {
			f.text += ": the API redirects, which is not followed with an access token; check api_url"
		}
	}
	return f
}

// retryAfter returns how long a 429 asks to wait. It may come without saying so.
func retryAfter(h http.Header) time.Duration {
	if wait, ok := headerNumber(h, "X-Rate-Limit-Time-Reset-Ms"); ok {
		return time.Duration(wait) * time.Millisecond
	}
	return laterBy(h, "X-Retry-After", "Retry-After")
}

// laterBy reads the first of the headers that says how many seconds to wait; 0 if none does.
func laterBy(h http.Header, names ...string) time.Duration {
	for _, name := range names {
		if wait, ok := headerNumber(h, name); ok {
			return time.Duration(wait) * time.Second
		}
	}
	return 0
}

// headerNumber reads a header that is a whole number, neither negative nor absurd.
func headerNumber(h http.Header, name string) (int64, bool) {
	n, err := strconv.ParseInt(strings.TrimSpace(h.Get(name)), 10, 64)
	return n, err == nil && n >= 0 && n < 1<<31
}

// messageOf returns what an error's body says for people: V3 answers an object with a title and errors by field, V2 an
// array of objects with a message.
func messageOf(body []byte) string {
	type problem struct {
		Title   string          `json:"title"`
		Message string          `json:"message"`
		Errors  json.RawMessage `json:"errors"`
	}
	var all []problem
	if json.Unmarshal(body, &all) != nil {
		all = make([]problem, 1)
		if json.Unmarshal(body, &all[0]) != nil {
			return ""
		}
	}
	var parts []string
	for _, p := range all {
		var fields map[string]any
		_ = json.Unmarshal(p.Errors, &fields) // an empty array, at times
		for name, text := range fields {
			p.Title += fmt.Sprintf("; %s: %v", name, text)
		}
		if text := strings.Join(strings.Fields(p.Title+" "+p.Message), " "); text != "" {
			parts = append(parts, text)
		}
	}
	text := []rune(strings.Join(parts, "; "))
	if len(text) > 300 {
		text = append(text[:300], '…')
	}
	return string(text)
}

// scopeFor names the scope that a request needs, as the control panel and as the API call it.
func scopeFor(path string) string {
	switch {
	case strings.Contains(path, "/catalog/"):
		return "Products (store_v2_products_read_only)"
	case strings.Contains(path, "/inventory/"):
		return "Store Inventory (store_inventory_read_only)"
	case strings.Contains(path, "/orders"):
		return "Orders (store_v2_orders_read_only)"
	}
	return "Information & Settings (store_v2_information_read_only)"
}
