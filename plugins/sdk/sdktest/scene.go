package sdktest

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/plugins/sdk"
)

// scene is one platform on which a connector makes changes, and another connector that sees it as it is.
type scene struct {
	Writing
	front    *front
	platform *recorder
	source   sdk.Applier // asks through the faults
	plain    sdk.Applier // asks the platform itself
	changes  []sdk.Change
	others   []sdk.Value // what another app writes, in the order of changes
	written  bool        // another app has written to the first
	close    func()
	values   sync.Mutex // held while plain is used
}

// open makes a new platform.
func (w Writing) open(ctx context.Context, arrange func(*scene)) (*scene, error) {
	handler := w.Platform()
	direct := httptest.NewServer(handler)
	s := &scene{Writing: w}
	s.platform = &recorder{Handler: handler, isWrite: w.isWrite, held: s.held}
	s.front = &front{next: s.platform, isWrite: w.isWrite, keys: map[string]string{}}
	server := httptest.NewServer(s.front)
	s.close = func() {
		server.Close()
		direct.Close()
	}
	var err error
	if s.plain, err = w.Source(ctx, direct.URL); err == nil {
		s.source, err = w.Source(ctx, server.URL)
	}
	if err == nil {
		err = s.makeChanges(ctx)
	}
	if err != nil {
		s.close()
		return nil, err
	}
	s.platform.late = slices.ContainsFunc(s.changes, func(c sdk.Change) bool { return s.source.Writable()[c.Field].Late })
	s.front.restart()
	if arrange != nil {
		arrange(s)
	}
	return s, nil
}

func (s *scene) makeChanges(ctx context.Context) error {
	source, ok := s.plain.(sdk.Source)
	if !ok {
		return fmt.Errorf("%s is no sdk.Source", catalog.WithArticle(fmt.Sprintf("%T", s.plain)))
	}
	for i, set := range s.Sets {
		c, err := Change(ctx, source, set.Item, set.Field, set.From, set.To)
		if err != nil {
			return err
		}
		c.Key = fmt.Sprintf("change %d", i+1)
		s.changes = append(s.changes, c)
		other, err := sdk.ValueOf(c.Desired.Type(), set.Other)
		if err != nil {
			return err
		}
		if other.Equal(c.Expected) || other.Equal(c.Desired) || c.Expected.Equal(c.Desired) {
			return fmt.Errorf("set %d: From, To and Other have to be three values", i+1)
		}
		s.others = append(s.others, other)
	}
	now, err := s.held(ctx)
	for _, c := range s.changes {
		if err == nil && !now[c.Key].Equal(c.Expected) {
			err = fmt.Errorf("%s: the platform has %s at first, and From is %s", c.Key, shown(now[c.Key]), shown(c.Expected))
		}
	}
	return err
}

func (w Writing) isWrite(r *http.Request, body []byte) bool {
	if w.IsWrite != nil {
		return w.IsWrite(r, body)
	}
	return !slices.Contains([]string{http.MethodGet, http.MethodHead, http.MethodOptions}, r.Method)
}

func (s *scene) byKey(key string) sdk.Change {
	for _, c := range s.changes {
		if c.Key == key {
			return c
		}
	}
	return sdk.Change{}
}

// held returns what the platform holds now, by the changes' keys.
func (s *scene) held(ctx context.Context) (map[string]sdk.Value, error) {
	s.values.Lock()
	defer s.values.Unlock()
	held := map[string]sdk.Value{}
	for _, c := range s.changes {
		err := fetchValue(ctx, s.plain, c, func(v sdk.Value) { held[c.Key] = v })
		if err != nil {
			return nil, fmt.Errorf("fetch %s: %w", c.Item, err)
		}
		if held[c.Key].Type() == catalog.Invalid {
			return nil, fmt.Errorf("Fetch does not give the item %s", c.Item)
		}
	}
	return held, nil
}

// fetchValue fetches the value of a change's field.
func fetchValue(ctx context.Context, source sdk.Applier, c sdk.Change, take func(sdk.Value)) error {
	own, ok := source.(sdk.Source)
	if !ok {
		return fmt.Errorf("%s is no sdk.Source", catalog.WithArticle(fmt.Sprintf("%T", source)))
	}
	named, by := c.Item.SKU, "sku"
	if c.Item.ID != "" {
		named, by = c.Item.ID, "id"
	}
	req := sdk.NewReadRequest([]string{by, c.Field}, func(string) {})
	if by == c.Field {
		req.Fields = req.Fields[:1]
	}
	_, err := sdk.FetchAll(ctx, own, sdk.FetchRequest{ReadRequest: req, Items: []sdk.Ref{c.Item}}, func(b *catalog.Batch) error {
		for row := range b.Len() {
			if b.Column(b.Schema().Index(by)).Value(row).Str() == named {
				take(b.Column(b.Schema().Index(c.Field)).Value(row))
			}
		}
		return nil
	})
	return err
}

// other writes what another app would.
func (s *scene) other(ctx context.Context) error {
	now, err := s.held(ctx)
	if err != nil {
		return err
	}
	c := s.changes[0]
	c.Key, c.Expected, c.Desired = "another app", now[c.Key], s.others[0]
	s.values.Lock()
	outcomes, err := Apply(ctx, s.plain, c)
	s.values.Unlock()
	if err == nil && outcomes[0].Kind != sdk.Applied {
		err = fmt.Errorf("it is %s", told(outcomes[0]))
	}
	s.written = err == nil
	return err
}

// spoil makes the changes on a platform that is arranged, and then once more on one without faults. judge, if it is not nil, looks at the first outcomes.
func (w Writing) spoil(ctx context.Context, arrange func(*scene), judge func(*scene, []sdk.Outcome, error) []string) (wrong []string, said string, err error) {
	s, err := w.open(ctx, arrange)
	if err != nil {
		return nil, "", err
	}
	defer s.close()
	outcomes, failure := Apply(ctx, s.source, s.changes...)
	var lines []string
	for _, o := range outcomes {
		lines = append(lines, o.Key+" is "+told(o))
	}
	if failure != nil {
		lines = append(lines, failure.Error())
	}
	if judge != nil {
		wrong = judge(s, outcomes, failure)
	}
	wrong = append(wrong, s.check(ctx, outcomes, failure, s.afterwards)...)
	return wrong, strings.Join(lines, "\n"), nil
}

// check holds outcomes against what the platform has. then looks at what follows, if it is not nil.
func (s *scene) check(ctx context.Context, outcomes []sdk.Outcome, failure error, then func(context.Context, map[string]sdk.Value) []string) (wrong []string) {
	now, err := s.held(ctx)
	if err != nil {
		return []string{err.Error()}
	}
	for i, c := range s.changes {
		o, may := find(outcomes, c.Key), []sdk.Value{c.Expected}
		if i == 0 && s.written {
			may = []sdk.Value{s.others[0]}
		}
		held, _ := s.source.Writable()[c.Field].Holds(c.Desired)
		switch {
		case o == nil && failure == nil:
			wrong = append(wrong, c.Key+" has no outcome")
			continue
		case o == nil, o.Kind == sdk.Unknown, o.Kind == sdk.Pending:
			may = append(may, held)
		case o.Kind == sdk.Applied:
			may = []sdk.Value{held}
		case o.Kind == sdk.Unchanged && failure == nil && then != nil:
			wrong = append(wrong, fmt.Sprintf("%s is %s, and the platform had %s at first: it was written", c.Key, told(*o), shown(c.Expected)))
			continue
		}
		if !slices.ContainsFunc(may, now[c.Key].Equal) {
			wrong = append(wrong, fmt.Sprintf("%s is %s, and the platform has %s", c.Key, toldOf(o), shown(now[c.Key])))
		}
	}
	if then != nil {
		wrong = append(wrong, then(ctx, now)...)
	}
	s.platform.mu.Lock()
	defer s.platform.mu.Unlock()
	s.front.mu.Lock()
	defer s.front.mu.Unlock()
	return append(append(wrong, s.platform.wrong...), s.front.wrong...)
}

// afterwards makes the changes once more, without faults: what was written is left alone, and the rest is finished.
func (s *scene) afterwards(ctx context.Context, held map[string]sdk.Value) (wrong []string) {
	s.front.restart()
	outcomes, err := Apply(ctx, s.source, s.changes...)
	if err != nil {
		return []string{fmt.Sprintf("going on without faults: %v", err)}
	}
	now, err := s.held(ctx)
	if err != nil {
		return []string{err.Error()}
	}
	for i, c := range s.changes {
		o, want := find(outcomes, c.Key), []sdk.Kind{sdk.Applied}
		will, _ := s.source.Writable()[c.Field].Holds(c.Desired)
		switch {
		case held[c.Key].Equal(will):
			want = []sdk.Kind{sdk.Unchanged}
		case i == 0 && s.written:
			want, will = []sdk.Kind{sdk.Conflict}, s.others[0]
		case s.source.Writable()[c.Field].Late:
			continue // nobody knows what is on its way
		}
		if o == nil || !slices.Contains(want, o.Kind) || !now[c.Key].Equal(will) {
			wrong = append(wrong, fmt.Sprintf("going on without faults, %s should be %s, and is %s; the platform has %s", c.Key, want[0], toldOf(o), shown(now[c.Key])))
		}
	}
	return wrong
}

func find(outcomes []sdk.Outcome, key string) *sdk.Outcome {
	for i := range outcomes {
		if outcomes[i].Key == key {
			return &outcomes[i]
		}
	}
	return nil
}

func told(o sdk.Outcome) string {
	text := fmt.Sprintf("%s (%s, then %s)", o.Kind, shown(o.Before), shown(o.After))
	if o.Reason != "" {
		text += ": " + clip(o.Reason)
	}
	return text
}

func toldOf(o *sdk.Outcome) string {
	if o == nil {
		return "without an outcome"
	}
	return told(*o)
}

func shown(v sdk.Value) string {
	text, err := v.MarshalJSON()
	switch {
	case v.Type() == catalog.Invalid:
		return "not seen"
	case err != nil:
		return err.Error()
	}
	return clip(string(text))
}

// front is what the connector asks: a platform with faults on order.
type front struct {
	next    http.Handler
	isWrite func(*http.Request, []byte) bool
	faults  map[int]Fault // by the number of the request
	spoil   func(r *http.Request, body []byte, next http.Handler, w http.ResponseWriter)

	mu       sync.Mutex
	requests int
	before   Answer
	keys     map[string]string // idempotency keys by the request
	wrong    []string
}

// restart has no faults from now on, and counts the requests anew. It returns how many there were.
func (f *front) restart() (requests int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	requests = f.requests
	f.faults, f.spoil, f.requests = nil, nil, 0
	return requests
}

func (f *front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	body := bodyOf(r)
	f.requests++
	if f.isWrite(r, body) {
		f.noteKey(r, body)
	}
	if fault := f.faults[f.requests]; fault != nil {
		fault(w, r, f.next, f.before)
		return
	}
	if f.spoil != nil {
		f.spoil(r, body, f.next, w)
		return
	}
	f.before = answerOf(f.next, r)
	f.before.write(w)
}

// noteKey notes the idempotency key of a write.
func (f *front) noteKey(r *http.Request, body []byte) {
	request, key := r.Method+" "+r.URL.String()+" "+string(body), r.Header.Get("Idempotency-Key")
	if was, known := f.keys[request]; known && was != key {
		f.wrong = append(f.wrong, fmt.Sprintf("%s is sent with the idempotency key %q, and then with %q", clip(request), was, key))
	}
	f.keys[request] = key
}

// bodyOf reads the body of a request, which can be read once more afterwards.
func bodyOf(r *http.Request) []byte {
	body, _ := io.ReadAll(r.Body) // what is cut short, the platform finds to be so
	r.Body = io.NopCloser(bytes.NewReader(body))
	return body
}

// recorder is a platform, with notes of what is written to it.
type recorder struct {
	http.Handler
	isWrite func(*http.Request, []byte) bool
	held    func(context.Context) (map[string]sdk.Value, error)

	late bool // it does not show at once what was written

	mu     sync.Mutex
	writes int
	wrong  []string
	keys   map[string]bool // idempotency keys that came
}

// written returns how many requests have written.
func (p *recorder) written() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.writes
}

func (p *recorder) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	body := bodyOf(r)
	if !p.isWrite(r, body) {
		p.Handler.ServeHTTP(w, r)
		return
	}
	p.writes++
	key := r.Header.Get("Idempotency-Key")
	repeated := key != "" && p.keys[key] // the platform knows that it has done it
	if p.keys == nil {
		p.keys = map[string]bool{}
	}
	p.keys[key] = true
	ctx := context.WithoutCancel(r.Context())
	before, err := p.held(ctx)
	answer := answerOf(p.Handler, r)
	now, then := p.held(ctx)
	same := maps.EqualFunc(before, now, sdk.Value.Equal)
	if err == nil && then == nil && answer.Status/100 == 2 && same && !p.late && !repeated {
		p.wrong = append(p.wrong, fmt.Sprintf("it writes what is there already: %s %s %s", r.Method, r.URL, clip(string(body))))
	}
	answer.write(w)
}
