package webapi

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Teller is told what a session does. sdk.ReadRequest and sdk.PullRequest are Tellers.
type Teller interface {
	// Step says what is being asked. It is called at each try.
	Step(text string)
	// Waiting says until when requests are held back, and what they wait for. It is called about every second.
	Waiting(until time.Time, why string)
}

// Session is a series of requests for one purpose, several at a time or one by one.
type Session struct {
	*Client
	// Tries is how often a request is made at most, MostTries by habit. Fewer are better where a person waits.
	Tries int
	// Room is how many requests must be free beside each: those that are to follow it at once. It is as if it were less where the
	// limits never have so much room.
	Room int64
	// Answered is called with each good answer, after it was read; nil if nobody wants to know.
	Answered func(*Answer)

	teller Teller
}

// Session returns a session. t is told what it does; nil if nobody wants to know.
func (c *Client) Session(t Teller) *Session { return &Session{Client: c, Tries: MostTries, teller: t} }

// Tell says what is being done.
func (s *Session) Tell(text string) {
	if s.teller != nil {
		s.teller.Step(text)
	}
}

// Request is what is asked.
type Request struct {
	What string // for people: "page 3 of GET /products"; the method and the path if it is empty

	Method string     // GET if it is empty
	Path   string     // below Config.URL
	Query  url.Values // the parameters of the address
	// Address is a whole address in place of Path and Query, such as a link to the next page; relative ones are below
	// Config.URL. It must be of the same host: nothing else gets the credentials.
	Address string
	Header  http.Header
	Body    []byte
	// Key makes a write that is sent twice count once: it is sent as the header Idempotency-Key, the same with each try.
	Key string
	// Again says that sending it twice is the same as sending it once, for another reason than Key: it is a query that is sent
	// by POST, or sets a value whatever it was. GET and HEAD are so by themselves.
	Again bool
	// Until is when it is too late to send it, such as a write for which the platform was looked at: after that it fails with ErrLate,
	// and is not sent. The zero time sets no bound.
	Until time.Time
	// Cost is what the request is going to cost where limits count points; 1 if it is 0, or what the last one cost.
	Cost int64

	// Good are statuses of good answers beside 200 or, of a write, any from 200 to 299. A 204 to a GET is one only if it
	// stands here.
	Good []int
	// Read takes in a good answer; nil if there is nothing to read. It is called for each try, and must forget what an
	// earlier one said. Its error means that the answer is broken, and is tried again.
	Read func(*Answer) error
}

// Answer is what the platform answered, whole.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
	URL    *url.URL // what was asked
}

func (r *Request) method() string { return cmp.Or(r.Method, http.MethodGet) }

// what names the request for people.
func (r *Request) what() string {
	switch {
	case r.What != "":
		return r.What
	case r.Address != "":
		if u, err := url.Parse(r.Address); err == nil { // without its parameters: they may hold secrets
			return r.method() + " " + u.Path
		}
	}
	path, _, _ := strings.Cut(r.Path, "?")
	return r.method() + " " + path
}

// safe reports whether the request may be sent again though nobody knows what became of it.
func (r *Request) safe() bool {
	return r.Again || r.Key != "" || r.method() == http.MethodGet || r.method() == http.MethodHead
}

// good reports whether a status is that of a good answer.
func (r *Request) good(status int) bool {
	for _, also := range r.Good {
		if status == also {
			return true
		}
	}
	if r.method() == http.MethodGet || r.method() == http.MethodHead {
		return status == http.StatusOK
	}
	return status/100 == 2
}

// again reports whether a request that failed may be sent once more. A write whose fate nobody knows is not, and neither is one
// that the platform answered, unless it says that there were too many: that one it has not looked at.
func (r *Request) again(f *Failure) bool {
	return f.Temporary && (r.safe() || f.Sent == NotSent || f.Sent == Answered && f.Status == http.StatusTooManyRequests)
}

// Do makes a request. Answers that may be different the next time are asked for again, a few times, with growing pauses, unless
// it is a write of which nobody knows whether it was done. The error wraps a *Failure, which says what is known of that.
func (s *Session) Do(ctx context.Context, r Request) error {
	began, tried, renewed := s.config.Clock.Now(), 0, false
	waits, t, well, sent := backoff{}, &turn{cost: r.Cost, room: s.Room}, false, NotSent
	what := s.Clean(r.what())
	defer func() { s.pace.end(t, well) }()
	for {
		if err := s.pace.enter(ctx, t, s.waiting); err != nil {
			return givenUp(what, err, sent)
		}
		if !r.Until.IsZero() && s.config.Clock.Now().After(r.Until) {
			s.pace.withdraw(t)
			return (&Failure{Cause: Caller, Text: ErrLate.Error(), Sent: sent, err: ErrLate}).finally(what, "")
		}
		tried++
		s.Tell(what)
		failure, signed := s.try(ctx, t, &r)
		if failure == nil {
			well = true
			return nil
		}
		if failure.MayBeDone() {
			sent = max(sent, MaybeSent) // an earlier try counts as well: see Failure.Sent
		}
		if err := context.Cause(ctx); err != nil {
			return givenUp(what, err, sent)
		}
		if failure.Sent == NotSent {
			failure.Sent = sent
		}
		if renewer, ok := s.config.Auth.(Renewer); ok && failure.Status == http.StatusUnauthorized && !renewed {
			renewed = true
			switch fresh, err := renewer.Renew(ctx, signed); {
			case err != nil:
				return unsigned(s.Client, err).finally(what, "")
			case fresh:
				tried--
				s.pace.end(t, true)
				continue
			}
		}
		if !r.again(failure) {
			well = failure.Status != 0 && !failure.TooLarge
			return failure.finally(what, unknown(&r, failure))
		}
		pause, ok := waits.next(failure.RetryAfter)
		if tried >= s.Tries || !ok {
			spent := s.config.Clock.Now().Sub(began).Round(time.Second)
			tries := fmt.Sprintf(" after %d tries in %s", tried, spent)
			if tried == 1 {
				tries = fmt.Sprintf(" after 1 try in %s", spent)
			}
			if !ok && failure.RetryAfter > 0 {
				tries += fmt.Sprintf("; the API asks to wait %s", failure.RetryAfter)
			}
			return failure.finally(what, tries)
		}
		s.pace.hold(t, pause, fmt.Sprintf("try %d of %d of %s (%s)", tried+1, s.Tries, what, failure))
	}
}

// ErrLate is the reason why a request was not sent: its Until had passed.
var ErrLate = errors.New("it was held back for too long, and not sent")

// unknown says what nobody knows of a write that is not tried again; "" of anything else.
func unknown(r *Request, f *Failure) string {
	if !f.Temporary || !f.MayBeDone() {
		return ""
	}
	return "; it may have been done all the same, so that it was not sent again"
}

// givenUp is the error for a request that nobody waits for any more, or that would have to wait for too long.
func givenUp(what string, cause error, sent Sent) error {
	if f, ok := cause.(*Failure); ok { //nolint:errorlint // the pacer's own, and not what it may be wrapped in
		f.Sent = sent
		return f.finally(what, "")
	}
	return (&Failure{Cause: Caller, Text: cause.Error(), Sent: sent, err: cause}).finally(what, "")
}

// waiting tells how long requests are held back, and why.
func (s *Session) waiting(wait time.Duration, why string) {
	if s.teller != nil {
		s.teller.Waiting(s.config.Clock.Now().Add(wait), why)
	}
}
