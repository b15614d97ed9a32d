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
)

// maxSize is the largest size of a plugin's file, in bytes.
const maxSize = 512 << 20

// answerTimeout is how long a server may take until its answer begins.
const answerTimeout = 30 * time.Second

// IsURL reports whether place is an address, not the path of a file.
func IsURL(place string) bool { return strings.Contains(place, "://") }

// Fetch copies a file, or what it downloads from an address, to w and returns its SHA-256. It downloads only by https, also
// after a redirection; plain http is allowed only from this computer itself.
func Fetch(ctx context.Context, place string, w io.Writer) (hash string, err error) {
	from, err := open(ctx, place)
	if err != nil {
		return "", err
	}
	defer from.Close()
	sum := sha256.New()
	n, err := io.Copy(io.MultiWriter(w, sum), io.LimitReader(from, maxSize+1))
	if err != nil {
		return "", fmt.Errorf("fetch %s: %w", place, err)
	}
	if n > maxSize {
		return "", fmt.Errorf("%s is larger than %d MiB: that is no plugin", place, maxSize>>20)
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

func open(ctx context.Context, place string) (io.ReadCloser, error) {
	if !IsURL(place) {
		f, err := os.Open(place)
		if err != nil {
			return nil, err
		}
		if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
			_ = f.Close()
			return nil, fmt.Errorf("%s is not a plain file", place)
		}
		return f, nil
	}
	at, err := url.Parse(place)
	if err == nil {
		err = checkAddress(at)
	}
	if err != nil {
		return nil, err
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.ResponseHeaderTimeout = answerTimeout
	client := &http.Client{Transport: transport, CheckRedirect: func(r *http.Request, via []*http.Request) error {
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
