package emulator

import (
	"bytes"
	"net"
	"net/http"
	"strconv"
	"time"
)

// Fault answers a request in place of the server; answer is what the server would have said.
type Fault func(w http.ResponseWriter, r *http.Request, answer http.Handler)

// BareTooManyRequests is a 429 without any of the headers that say how long to wait.
func BareTooManyRequests() Fault {
	return func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
		w.WriteHeader(http.StatusTooManyRequests)
	}
}

// TooManyRequests is a 429 that asks the client to come back after so many milliseconds.
func TooManyRequests(resetMilliseconds int) Fault {
	return func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
		reset := time.Duration(resetMilliseconds) * time.Millisecond
		writeLimits(w.Header(), limits{quota: 150, window: 30 * time.Second, reset: reset})
		writeWait(w.Header(), reset)
		w.WriteHeader(http.StatusTooManyRequests)
	}
}

// Status is an answer of that status with an empty body, for example 500 or 204.
func Status(status int) Fault {
	return func(w http.ResponseWriter, _ *http.Request, _ http.Handler) { w.WriteHeader(status) }
}

// HTML is a page for people where a program expects JSON, under status 200.
func HTML() Fault {
	return func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = w.Write([]byte("<!doctype html><title>Down for maintenance</title><p>Please come back later.</p>"))
	}
}

// Reset breaks the connection before anything is answered.
func Reset() Fault {
	return func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
		hijacker, ok := w.(http.Hijacker)
		if !ok {
			panic(http.ErrAbortHandler)
		}
		conn, _, err := hijacker.Hijack()
		if err != nil {
			panic(http.ErrAbortHandler)
		}
		if tcp, ok := conn.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0) // a reset, not an orderly end
		}
		_ = conn.Close()
	}
}

// Lost does what was asked for, and breaks the connection before anything is answered.
func Lost() Fault {
	return func(w http.ResponseWriter, r *http.Request, answer http.Handler) {
		recorded(r, answer)
		Reset()(w, r, answer)
	}
}

// Done does what was asked for, and answers with a status as if it had failed.
func Done(status int) Fault {
	return func(w http.ResponseWriter, r *http.Request, answer http.Handler) {
		recorded(r, answer)
		w.WriteHeader(status)
	}
}

// Truncated breaks the connection in the middle of the answer's body.
func Truncated() Fault {
	return func(w http.ResponseWriter, r *http.Request, answer http.Handler) {
		kept := recorded(r, answer)
		kept.copyTo(w, kept.body.Bytes()[:kept.body.Len()/2])
		panic(http.ErrAbortHandler)
	}
}

// CutShort ends the answer's body in the middle as if that were all of it.
func CutShort() Fault {
	return func(w http.ResponseWriter, r *http.Request, answer http.Handler) {
		kept := recorded(r, answer)
		half := kept.body.Bytes()[:kept.body.Len()/2]
		kept.header.Set("Content-Length", strconv.Itoa(len(half)))
		kept.copyTo(w, half)
	}
}

// After answers as usual, then calls then: for a catalogue that changes while its pages are read.
func After(then func()) Fault {
	return func(w http.ResponseWriter, r *http.Request, answer http.Handler) {
		answer.ServeHTTP(w, r)
		then()
	}
}

// recording keeps an answer instead of sending it.
type recording struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func recorded(r *http.Request, answer http.Handler) *recording {
	kept := &recording{header: http.Header{}, status: http.StatusOK}
	answer.ServeHTTP(kept, r)
	return kept
}

func (k *recording) Header() http.Header            { return k.header }
func (k *recording) WriteHeader(status int)         { k.status = status }
func (k *recording) Write(data []byte) (int, error) { return k.body.Write(data) }

func (k *recording) copyTo(w http.ResponseWriter, body []byte) {
	for name, values := range k.header {
		w.Header()[name] = values
	}
	w.WriteHeader(k.status)
	_, _ = w.Write(body)
	_ = http.NewResponseController(w).Flush()
}
