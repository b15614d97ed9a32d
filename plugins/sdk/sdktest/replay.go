package sdktest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// RecordEnv names the environment variable that has Replay ask the platform itself, and write down what it answers.
const RecordEnv = "RECONCILE_RECORD"

// Platform is what Replay has to know of a platform.
type Platform struct {
	// URL is its address. Only recording needs it, so it may come from the environment.
	URL string
	// Secrets are the values that the connector is given, and that are to stand in no file: tokens, passwords, the number of an account.
	// Wherever they stand, as they are, in base64 or escaped, they are struck out. "" is left out.
	Secrets []string
	// Ignore are query parameters that are another each time, such as the time of the last pull. They are not compared.
	Ignore []string
}

// Replay returns the address of a platform that answers as file says. Where the environment has RECONCILE_RECORD=1 it asks the platform
// itself instead, and at the end of the test writes the file anew.
//
// The file is for people to read and to change. It has no header of a request, no cookie, no secret of the Platform, and of JSON and
// forms no value whose name is that of a secret (token, password, client_secret and the like): what a login answers is struck out, too.
// The platform's address is written {{url}}, and is the address of the test's server when it is played.
//
// Requests are told apart by method, path, query and body. One that was recorded several times is answered in that order, and then as
// the last time. One that was not recorded is an error of the test.
func Replay(t testing.TB, file string, p Platform) (url string) {
	t.Helper()
	for i, secret := range p.Secrets {
		if secret != "" && len(secret) < learnable {
			t.Fatalf("secret %d has %d characters: it would be struck out of ordinary data, too; take an account whose secrets have %d at least", i+1, len(secret), learnable)
		}
	}
	r := &replay{t: t, file: filepath.FromSlash(file), striker: newStriker(p.Secrets), ignore: p.Ignore}
	var handler http.Handler = http.HandlerFunc(r.play)
	if os.Getenv(RecordEnv) != "" {
		r.platform = strings.TrimSuffix(p.URL, "/")
		if r.platform == "" {
			t.Fatalf("to record %s, the platform's URL has to be known", file)
		}
		handler = http.HandlerFunc(r.record)
	} else if err := r.load(); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(handler)
	r.url = server.URL
	t.Cleanup(func() {
		server.Close()
		if r.platform != "" && !t.Failed() {
			if err := r.save(); err != nil {
				t.Error(err)
			}
		}
	})
	return server.URL
}

// replay is a recording that is made or played.
type replay struct {
	t        testing.TB
	file     string
	url      string // of the test's server
	platform string // whose answers are recorded; "" where they are played
	ignore   []string

	mu      sync.Mutex
	striker *striker
	said    []exchange
	played  map[string]int // how often each request was made
}

// exchange is a request and its answer, in the file.
type exchange struct {
	Method string      `json:"method"`
	Path   string      `json:"path"` // with the query
	Body   string      `json:"body,omitempty"`
	Answer savedAnswer `json:"answer"`
}

// savedAnswer has one of three bodies: JSON where it is that, so that people can read it, text, or bytes.
type savedAnswer struct {
	Status int                 `json:"status"`
	Header map[string][]string `json:"header,omitempty"`
	JSON   json.RawMessage     `json:"json,omitempty"`
	Text   string              `json:"text,omitempty"`
	Bytes  []byte              `json:"bytes,omitempty"`
}

func (e exchange) request() string { return strings.TrimSpace(e.Method + " " + e.Path + " " + e.Body) }

func (r *replay) load() error {
	text, err := os.ReadFile(r.file)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("there is no recording %s: set %s=1 and what the test needs to ask the platform, and run it once", r.file, RecordEnv)
	}
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, &r.said); err != nil {
		return fmt.Errorf("%s is no recording: %w", r.file, err)
	}
	r.played = map[string]int{}
	return nil
}

// asked returns a request as it stands in the file.
func (r *replay) asked(req *http.Request) (exchange, []byte, error) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return exchange{}, nil, err
	}
	query := req.URL.Query()
	for _, name := range r.ignore {
		query.Del(name)
	}
	r.striker.query(query)
	path := req.URL.EscapedPath()
	if len(query) > 0 {
		path += "?" + query.Encode()
	}
	e := exchange{Method: req.Method, Path: r.striker.text(path), Body: string(r.striker.body(req.Header.Get("Content-Type"), body))}
	return e, body, nil
}

func (r *replay) play(w http.ResponseWriter, req *http.Request) {
	r.mu.Lock()
	defer r.mu.Unlock()
	e, _, err := r.asked(req)
	if err != nil {
		r.t.Errorf("replay %s: %v", r.file, err)
		return
	}
	var found []savedAnswer
	for _, said := range r.said {
		if said.request() == e.request() {
			found = append(found, said.Answer)
		}
	}
	if len(found) == 0 {
		text := fmt.Sprintf("%s was not recorded. %s has %s. If the connector is right to ask for that, record anew, with %s=1.", e.request(), r.file, r.requests(), RecordEnv)
		r.t.Error(text)
		http.Error(w, text, http.StatusNotImplemented)
		return
	}
	n := r.played[e.request()]
	r.played[e.request()]++
	found[min(n, len(found)-1)].write(w, r.url)
}

// requests lists what was recorded, for a message.
func (r *replay) requests() string {
	const enough = 10
	var list []string
	for _, e := range r.said {
		if !slices.Contains(list, clip(e.request())) {
			list = append(list, clip(e.request()))
		}
	}
	if len(list) > enough {
		list = append(list[:enough], fmt.Sprintf("and %d more", len(list)-enough))
	}
	return strings.Join(list, ", ")
}

func (a savedAnswer) write(w http.ResponseWriter, here string) {
	for name, values := range a.Header {
		for _, value := range values {
			w.Header().Add(name, strings.ReplaceAll(value, urlMark, here))
		}
	}
	body := a.Bytes
	switch {
	case a.JSON != nil:
		body = []byte(replaceURL(string(a.JSON), urlMark, here))
	case a.Text != "":
		body = []byte(strings.ReplaceAll(a.Text, urlMark, here))
	}
	w.WriteHeader(a.Status)
	_, _ = w.Write(body) // it fails where whoever asked is gone
}

// urlMark stands for the platform's address.
const urlMark = "{{url}}"

// replaceURL replaces an address, also where its slashes are escaped, as some platforms do in JSON.
func replaceURL(text, from, to string) string {
	escaped := func(s string) string { return strings.ReplaceAll(s, "/", `\/`) }
	return strings.ReplaceAll(strings.ReplaceAll(text, from, to), escaped(from), escaped(to))
}

// record asks the platform, notes what it answers and hands it on.
func (r *replay) record(w http.ResponseWriter, req *http.Request) {
	r.mu.Lock()
	defer r.mu.Unlock() // one after the other: they are to come in an order
	said, body, err := r.asked(req)
	if err == nil {
		err = r.ask(w, req, said, body)
	}
	if err != nil {
		r.t.Errorf("record %s: %v", said.request(), r.striker.text(err.Error()))
		http.Error(w, "the recording failed", http.StatusBadGateway)
	}
}

func (r *replay) ask(w http.ResponseWriter, req *http.Request, said exchange, body []byte) error {
	to, err := url.Parse(r.platform + req.URL.RequestURI())
	if err != nil {
		return err
	}
	out, err := http.NewRequestWithContext(req.Context(), req.Method, to.String(), bytes.NewReader(body))
	if err != nil {
		return err
	}
	out.Header = req.Header.Clone()
	out.Header.Del("Accept-Encoding") // so that what is compressed comes unpacked
	res, err := http.DefaultTransport.RoundTrip(out)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		return err
	}
	said.Answer = r.striker.answer(res, answer, r.platform)
	r.said = append(r.said, said)
	for name, values := range res.Header {
		if name != "Content-Length" {
			for _, value := range values {
				w.Header().Add(name, strings.ReplaceAll(value, r.platform, r.url))
			}
		}
	}
	w.WriteHeader(res.StatusCode)
	_, err = io.WriteString(w, replaceURL(string(answer), r.platform, r.url))
	return err
}

// save writes the file. What was learnt to be a secret may stand in what was recorded before.
func (r *replay) save() error {
	var text bytes.Buffer
	e := json.NewEncoder(&text)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(r.said); err != nil {
		return err
	}
	clean := []byte(r.striker.text(text.String()))
	if !json.Valid(clean) {
		return fmt.Errorf("%s is not written: a secret is a part of what every recording has", r.file)
	}
	if err := os.MkdirAll(filepath.Dir(r.file), 0o750); err != nil {
		return err
	}
	return os.WriteFile(r.file, clean, 0o600)
}
