package trust

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/reconcilehq/reconcile/engine/fault"
)

// What is fetched at most. docs/limits.md lists it.
const (
	maxSize = 512 << 20 // of a plugin's file, in bytes
	maxList = 1 << 20   // of a list of hashes, in bytes

	maxSilence = 30 * time.Second // until an answer begins, and between two parts of it
	maxFetch   = 30 * time.Minute // until it is over
)

// patience is how long a server may take.
type patience struct {
	silence time.Duration // until its answer begins, and between two parts of it
	whole   time.Duration // until it is over
}

// usual is for servers that are far away, and for lines that are slow.
var usual = patience{silence: maxSilence, whole: maxFetch}

var (
	errSilence = errors.New("silence")
	errWhole   = errors.New("too long")
)

// IsURL reports whether place is an address, not the path of a file.
func IsURL(place string) bool { return strings.Contains(place, "://") }

// Fetch copies a file, or what it downloads from an address, to w and returns its SHA-256. It downloads only by https, also
// after a redirection; plain http is allowed only from this computer itself.
func Fetch(ctx context.Context, place string, w io.Writer) (hash string, err error) {
	sum := sha256.New()
	n, err := usual.fetch(ctx, place, io.MultiWriter(w, sum), maxSize)
	if err != nil {
		return "", err
	}
	if n > maxSize {
		return "", fmt.Errorf("%s is larger than %d MiB: that is no plugin", shown(place), maxSize>>20)
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// FetchList returns the text of a list of hashes, from a file or an address, as Fetch does.
func FetchList(ctx context.Context, place string) (string, error) {
	var list strings.Builder
	n, err := usual.fetch(ctx, place, &list, maxList)
	if err != nil {
		return "", err
	}
	if n > maxList {
		return "", fmt.Errorf("%s is larger than %d MiB: that is no list of hashes", shown(place), maxList>>20)
	}
	return list.String(), nil
}

// fetch copies what is at a place to w, but no more than one byte beyond most.
func (p patience) fetch(ctx context.Context, place string, w io.Writer, most int64) (n int64, err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	whole := time.AfterFunc(p.whole, fault.Caught(func() { cancel(errWhole) }))
	defer whole.Stop()
	silence := time.AfterFunc(p.silence, fault.Caught(func() { cancel(errSilence) }))
	defer silence.Stop()
	from, err := open(ctx, place)
	if err == nil {
		n, err = io.Copy(w, io.LimitReader(&heard{ctx: ctx, from: from, each: func() { silence.Reset(p.silence) }}, most+1))
		_ = from.Close() // it was only read
		if err != nil {
			err = fmt.Errorf("fetch %s: %w", shown(place), err)
		}
	}
	switch cause := context.Cause(ctx); {
	case err == nil:
		return n, nil
	case errors.Is(cause, errSilence):
		return n, fmt.Errorf("fetch %s: nothing came from there for %s, after %d bytes: try again, or fetch it another way and give the file", shown(place), p.silence, n)
	case errors.Is(cause, errWhole):
		return n, fmt.Errorf("fetch %s: not at its end after %s and %d bytes: fetch it another way and give the file", shown(place), p.whole, n)
	case cause != nil:
		return n, fmt.Errorf("fetch %s: %w", shown(place), cause)
	}
	return n, err
}

// shown returns a place without the password in it.
func shown(place string) string {
	if at, err := url.Parse(place); err == nil && IsURL(place) {
		return at.Redacted()
	}
	return place
}

// heard is a reader that says each time that something has come, and ends with ctx.
type heard struct {
	ctx  context.Context
	from io.Reader
	each func()
}

// Read implements io.Reader.
func (h *heard) Read(b []byte) (int, error) {
	if h.ctx.Err() != nil {
		return 0, context.Cause(h.ctx)
	}
	n, err := h.from.Read(b)
	if n > 0 {
		h.each()
	}
	return n, err
}

func open(ctx context.Context, place string) (io.ReadCloser, error) {
	if !IsURL(place) {
		info, err := os.Stat(place)
		if err != nil {
			return nil, err
		}
		if !info.Mode().IsRegular() { // opening a pipe could wait for ever
			return nil, fmt.Errorf("%s is not a plain file", place)
		}
		return os.Open(place)
	}
	at, err := url.Parse(place)
	if err == nil {
		err = checkAddress(at)
	}
	if err != nil {
		return nil, err
	}
	client := &http.Client{Transport: http.DefaultTransport.(*http.Transport).Clone(), CheckRedirect: func(r *http.Request, via []*http.Request) error {
		if len(via) >= 10 {
			return errors.New("it redirects more than 10 times")
		}
		return checkAddress(r.URL)
	}}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, at.String(), nil)
	if err != nil {
		return nil, err
	}
	res, err := client.Do(req)
	if err != nil {
		var wrapped *url.Error
		if errors.As(err, &wrapped) {
			err = wrapped.Err
		}
		return nil, fmt.Errorf("fetch %s: %w", at.Redacted(), err)
	}
	if res.StatusCode != http.StatusOK {
		_ = res.Body.Close()
		return nil, fmt.Errorf("fetch %s: the server answers %s", at.Redacted(), res.Status)
	}
	return res.Body, nil
}

// checkAddress refuses an address if somebody in the network between could replace the file.
func checkAddress(at *url.URL) error {
	switch {
	case at.Scheme == "https":
		return nil
	case at.Scheme != "http":
		return fmt.Errorf("%s: a plugin is fetched by https", at.Redacted())
	}
	host := at.Hostname()
	if ip := net.ParseIP(host); host == "localhost" || ip != nil && ip.IsLoopback() {
		return nil
	}
	return fmt.Errorf("%s: a plugin is not fetched by plain http, on which anybody on the way could change it: use https", at.Redacted())
}
