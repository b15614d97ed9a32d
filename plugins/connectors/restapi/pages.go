package restapi

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"sync"

	"github.com/reconcilehq/reconcile/plugins/sdk/webapi"
)

// entry is one entry of the list.
type entry struct {
	tree any
	id   string // what page.key selects; "" if that is not said
	key  string // what tells it apart
}

// lister reads the list, once.
type lister struct {
	source *Source
	also   map[string]any          // parameters beside those of the page
	stop   context.CancelCauseFunc // ends the reading with an error that trying again would not mend

	// What answers said while they came one by one. Pages of which it is known how many there are come several at a time, and
	// need none of it.
	mu      sync.Mutex
	cursors map[string]any // cursors as they stood in answers, by their texts
	at      string         // the page that was asked for last; by links, "" for all of them
	begun   bool           // since then a page was read, so that what comes is another one
	none    bool           // the first page says that there are no entries in all
	length  int            // of the first page
	short   bool           // the last page was shorter
}

// listed is what the answers of a list that was read say of it.
type listed struct {
	none  bool                // the API itself says that there are no entries
	clock *webapi.ServerClock // the platform's, from the first answer on
}

// each reads the whole list, and calls each for its entries, each once. An error means that the list is not known to be whole.
func (s *Source) each(ctx context.Context, t webapi.Teller, also map[string]any, each func([]entry) error) (told listed, err error) {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	l := &lister{source: s, also: also, stop: stop, cursors: map[string]any{}}
	session := s.connect().Session(t)
	told.clock = &webapi.ServerClock{}
	session.Answered = told.clock.Note
	list := l.list()
	switch s.paging.Type {
	case "offset":
		err = list.ByOffset().Each(ctx, session, each)
	case "number":
		err = list.ByNumber(int(s.paging.first)).Each(ctx, session, each)
	case "cursor":
		err = list.ByCursor().Each(ctx, session, each)
	case "link":
		err = list.ByLink().Each(ctx, session, each)
	default:
		err = l.whole(ctx, session, each)
	}
	told.none = l.none
	return told, err
}

// list says how the list is read.
func (l *lister) list() *webapi.List[entry] {
	s := l.source
	where, _, _ := strings.Cut(s.Path, "?")
	return &webapi.List[entry]{What: s.method + " " + where, Size: int(s.Page.Size), Key: func(e entry) string { return e.key },
		Ask:  l.ask,
		Read: l.page}
}

func (l *lister) ask(at string) webapi.Request {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.at, l.begun = at, false
	return l.request(at)
}

// whole reads a list that comes in one answer.
func (l *lister) whole(ctx context.Context, session *webapi.Session, each func([]entry) error) error {
	list := l.list()
	r := list.Ask("")
	r.What = list.What
	var page webapi.Page[entry]
	var next string
	var announced int64
	r.Read = func(a *webapi.Answer) (err error) {
		page, err = l.page(a)
		next, announced = webapi.NextLink(a), 0
		for _, name := range []string{"X-Total-Count", "X-Total", "X-WP-Total"} {
			if n, ok := webapi.HeaderNumber(a.Header, name); ok {
				announced = max(announced, n)
			}
		}
		return err
	}
	if err := session.Do(ctx, r); err != nil {
		return err
	}
	seen := map[string]int{}
	for i, e := range page.Items {
		first, twice := seen[e.key]
		switch {
		case twice && e.id == "":
			return fmt.Errorf("%s: entry %d is the same as entry %d", r.What, i+1, first)
		case twice:
			return fmt.Errorf("%s: the entry %q comes twice", r.What, e.id)
		}
		seen[e.key] = i + 1
	}
	n := int64(len(page.Items))
	switch {
	case page.Total != nil && *page.Total != n:
		return fmt.Errorf("%s: the API says there are %d entries but gave %d: the list comes in pages; say how in the block page", r.What, *page.Total, n)
	case page.More != nil && *page.More:
		return fmt.Errorf("%s: the answer says that more follows: the list comes in pages; say how in the block page", r.What)
	case next != "", announced > n:
		return fmt.Errorf("%s: the answer's header says that there is more than the %d entries: the list comes in pages; say how in the block page", r.What, n)
	}
	return each(page.Items)
}

// page reads an answer. Its error is tried again, unless the reading was stopped.
func (l *lister) page(a *webapi.Answer) (webapi.Page[entry], error) {
	tree, err := decodeTree(a.Body)
	switch {
	case errors.Is(err, errWebPage):
		return webapi.Page[entry]{}, l.stopped(err)
	case err != nil:
		return webapi.Page[entry]{}, err
	}
	page, err := l.read(a, tree)
	var passes *passingError
	if err != nil && !errors.As(err, &passes) {
		return page, l.stopped(err)
	}
	return page, err
}

// stopped ends the reading with an error.
func (l *lister) stopped(err error) error {
	err = l.source.clean(err)
	l.stop(err)
	return err
}

func (l *lister) read(a *webapi.Answer, tree any) (page webapi.Page[entry], err error) {
	s := l.source
	if err := s.refusal(tree); err != nil {
		return page, err
	}
	list, setting := s.plan.items, "items"
	if s.plan.parents != nil {
		list, setting = s.plan.parents, "parents"
	}
	nodes, err := list.list(tree)
	if err != nil {
		return page, fmt.Errorf("%s: %w; the answer has %s", setting, err, shape(tree))
	}
	for i, node := range nodes {
		e, err := s.entryOf(node)
		if err != nil {
			return page, fmt.Errorf("entry %d of the page: %w", i+1, err)
		}
		page.Items = append(page.Items, e)
	}
	if err := l.announced(a, tree, &page); err != nil {
		return page, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	first := l.at == s.paging.firstPlace() && !l.begun
	if first {
		l.none = page.Total != nil && *page.Total == 0
	}
	if err := l.follows(a, tree, &page, first); err != nil {
		return page, err
	}
	l.begun = true
	return page, l.lengths(len(nodes), &page)
}

// entryOf returns an entry with what tells it apart.
func (s *Source) entryOf(node any) (entry, error) {
	key := s.paging.key
	if key == nil {
		sum := sha256.Sum256(jsonText(node))
		return entry{tree: node, key: fmt.Sprintf("sha256:%x", sum)}, nil // messages show it
	}
	at, ok := key.one(node)
	id, err := textOf(at)
	switch {
	case !ok:
		return entry{}, fmt.Errorf("page.key: the path %s does not select one value", key.text)
	case err != nil:
		return entry{}, fmt.Errorf("page.key, path %s: %w", key.text, err)
	case id == "":
		return entry{}, fmt.Errorf("page.key: what %s selects is empty", key.text)
	}
	return entry{node, id, id}, nil
}

// announced takes what an answer says of how many entries there are, and whether more follow.
func (l *lister) announced(a *webapi.Answer, tree any, page *webapi.Page[entry]) error {
	p := l.source.paging
	switch {
	case p.TotalHeader != "":
		n, ok := webapi.HeaderNumber(a.Header, p.TotalHeader)
		if !ok {
			return fmt.Errorf("page.total_header: the answer has no number in the header %s", p.TotalHeader)
		}
		page.Total = &n
	case p.total != nil:
		node, ok := p.total.one(tree)
		text, isNumber := wordOf(node)
		n, err := strconv.ParseInt(text, 10, 64)
		if !ok || !isNumber || err != nil || n < 0 {
			return fmt.Errorf("page.total: the path %s selects %s, where the number of entries is expected", p.total.text, selected(node, ok))
		}
		page.Total = &n
	}
	if p.more != nil {
		node, ok := p.more.one(tree)
		more, isBool := node.(bool)
		if !ok || !isBool {
			return fmt.Errorf("page.more: the path %s selects %s, where true or false is expected", p.more.text, selected(node, ok))
		}
		page.More = &more
	}
	return nil
}

// follows takes what an answer says of the page that follows it.
func (l *lister) follows(a *webapi.Answer, tree any, page *webapi.Page[entry], first bool) error {
	p, absent, place := l.source.paging, false, ""
	switch {
	case p.cursor != nil:
		node, ok := p.cursor.one(tree)
		place, absent = "page.cursor, path "+p.cursor.text, !ok
		if ok && node != nil && node != "" {
			text, err := textOf(node)
			if err != nil {
				return fmt.Errorf("%s: %w", place, err)
			}
			page.Next, l.cursors[text] = text, node
		}
	case p.next != nil:
		node, ok := p.next.one(tree)
		place, absent = "page.next, path "+p.next.text, !ok
		if ok && node != nil && node != "" {
			text, isText := node.(string)
			next, err := url.Parse(text)
			if !isText || err != nil {
				return fmt.Errorf("%s: %s is no address", place, describe(node))
			}
			page.Next = a.URL.ResolveReference(next).String()
		}
	case p.Type == "link":
		place, absent = "the header Link", len(a.Header.Values("Link")) == 0
		page.Next = webapi.NextLink(a)
	}
	if absent {
		page.Lacks = place
	}
	empty := first && len(page.Items) == 0 // allow_empty decides of a list without any entry
	if absent && !p.Omitted && page.Total == nil && page.More == nil && !empty {
		return fmt.Errorf("%s: the page has nothing there, so that nobody knows whether it is the last; check the path, or say total or more, or omitted = true if the API leaves it out of its last page", place)
	}
	return nil
}

// lengths makes sure that only the last page is shorter than the others, where nothing else proves that the list is whole.
func (l *lister) lengths(n int, page *webapi.Page[entry]) error {
	p := l.source.paging
	overlap := 0
	switch {
	case page.Total != nil || page.More != nil || p.Type != "offset" && p.Type != "number":
		return nil
	case p.Type == "offset":
		overlap = 1 // each page begins with the last entry of the one before
	}
	first := p.firstPlace()
	switch {
	case l.at == first:
		l.length, l.short = n, false
	case n <= overlap:
	case l.short:
		return fmt.Errorf("a page has fewer entries than the first (%d), and another follows it: entries may be missing; say total or more in the block page", l.length)
	default:
		l.short = n < l.length
	}
	return nil
}

// firstPlace is where the first page is.
func (p *pagePlan) firstPlace() string {
	switch p.Type {
	case "offset":
		return "0"
	case "number":
		return strconv.FormatInt(p.first, 10)
	}
	return ""
}

// passingError is one that may pass.
type passingError struct{ error }

// refusal returns the error that an answer with status 200 is; nil if it is none.
func (s *Source) refusal(tree any) error {
	var texts []string
	passes := false
	if root, ok := tree.(map[string]any); ok && s.GraphQL != "" {
		texts, passes = graphQLErrors(root["errors"])
	}
	if s.errors != nil {
		for _, node := range s.errors.nodes(tree) {
			if node != nil && node != "" && node != false {
				text, ok := wordOf(node)
				if !ok {
					text = describe(node)
				}
				texts = append(texts, shortened(text))
			}
		}
	}
	switch {
	case len(texts) == 0:
		return nil
	case passes:
		return &passingError{fmt.Errorf("the API answers with an error: %s", strings.Join(texts, "; "))}
	}
	return fmt.Errorf("the API answers with an error: %s", strings.Join(texts[:min(len(texts), 5)], "; "))
}

// graphQLErrors returns what the member errors of a GraphQL answer says, and whether that passes. It is a list, as a rule; what else stands
// there is no sign that all is well either.
func graphQLErrors(node any) (texts []string, passes bool) {
	list, ok := node.([]any)
	if !ok && node != nil {
		list = []any{node}
	}
	for _, one := range list {
		object, _ := one.(map[string]any)
		text, ok := object["message"].(string)
		if !ok {
			if text, ok = one.(string); !ok {
				text = describe(one)
			}
		}
		extensions, _ := object["extensions"].(map[string]any)
		code, _ := extensions["code"].(string)
		passes = passes || strings.Contains(strings.ToUpper(code), "THROTTL")
		texts = append(texts, strings.TrimSpace(strings.TrimSuffix(shortened(text)+" ("+shortened(code)+")", " ()")))
	}
	return texts, passes
}

// selected describes the only node of a path, for messages.
func selected(node any, ok bool) string {
	if !ok {
		return "nothing, or several values"
	}
	return describe(node)
}

// shape says which members an answer has, for messages: their names only, and few of them.
func shape(tree any) string {
	object, ok := tree.(map[string]any)
	if !ok {
		return describe(tree)
	}
	names := memberNames(object)
	if len(names) == 0 {
		return "no members"
	}
	if len(names) > 10 {
		names = append(names[:10], "…")
	}
	return "the members " + strings.Join(names, ", ")
}

// first asks for the first page.
func (s *Source) first(ctx context.Context, session *webapi.Session) (page webapi.Page[entry], err error) {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	l := &lister{source: s, stop: stop, cursors: map[string]any{}}
	list := l.list()
	r := list.Ask(s.paging.firstPlace())
	r.What = list.What
	r.Read = func(a *webapi.Answer) (err error) {
		page, err = l.page(a)
		return err
	}
	err = session.Do(ctx, r)
	return page, err
}
