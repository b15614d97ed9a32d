package proto

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"sync"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/reconcilehq/reconcile/engine/fault"
)

// shareMemory returns both sides of shared memory: the connector's is what InheritMemory makes of the files that its process inherits.
func shareMemory(t *testing.T) (*SharedMemory, *Places) {
	t.Helper()
	host, theirs, err := ShareMemory()
	if err != nil {
		t.Fatal(err)
	}
	for variable, file := range theirs {
		fd, err := unix.Dup(int(file.Fd()))
		if err != nil {
			t.Fatal(err)
		}
		t.Setenv(variable, fmt.Sprint(fd))
		_ = file.Close()
	}
	connector := InheritMemory()
	if connector == nil {
		t.Fatal("nothing was inherited")
	}
	if os.Getenv(MemoryEnv) != "" || os.Getenv(FreedEnv) != "" {
		t.Error("the variables are still there")
	}
	t.Cleanup(host.Close)
	return host, connector
}

func encodedOf(b []byte) *Encoded {
	return &Encoded{parts: [][]byte{b[:len(b)/2], b[len(b)/2:]}, size: len(b)}
}

// TestSharedMemory has several streams send through the same places, and takes what they send, in the order of each.
func TestSharedMemory(t *testing.T) {
	host, connector := shareMemory(t)
	const streams, batches = 3, 60
	type message struct {
		place, size uint32
		inMemory    bool
	}
	content := func(stream, n int) []byte {
		return bytes.Repeat([]byte{byte(stream), byte(n), byte(n >> 8)}, 1+(n*7919+stream)%(placeSize/3-1))
	}
	var working sync.WaitGroup
	for stream := range streams {
		sent := make(chan message, 2*places)
		working.Go(fault.Caught(func() {
			defer close(sent)
			own := connector.NewOwner()
			for n := range batches {
				place, size, ok := own.Put(t.Context(), encodedOf(content(stream, n)))
				sent <- message{place, size, ok}
			}
		}))
		working.Go(fault.Caught(func() {
			n := 0
			for m := range sent {
				if m.inMemory {
					got, err := host.Take(m.place, m.size)
					if err != nil || !bytes.Equal(got, content(stream, n)) {
						t.Errorf("stream %d, batch %d: another came, %v", stream, n, err)
					}
					Recycle(got)
				}
				n++
			}
			if n != batches {
				t.Errorf("stream %d: %d batches", stream, n)
			}
		}))
	}
	working.Wait()
}

// TestPlacesRunOut says what becomes of a stream where no place is free: it waits for one of its own, until the read is over, and sends
// otherwise through the socket.
func TestPlacesRunOut(t *testing.T) {
	host, connector := shareMemory(t)
	lost, own := connector.NewOwner(), connector.NewOwner()
	for i := range places - 1 {
		if _, _, ok := lost.Put(t.Context(), encodedOf([]byte("lost"))); !ok {
			t.Fatalf("there is no place %d", i)
		}
	}
	place, size, ok := own.Put(t.Context(), encodedOf([]byte("mine")))
	if !ok {
		t.Fatal("there is no last place")
	}
	if _, _, ok := connector.NewOwner().Put(t.Context(), encodedOf([]byte("third"))); ok {
		t.Error("there is one place too many")
	}
	over, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, ok := own.Put(over, encodedOf([]byte("late"))); ok {
		t.Error("a read that is over got a place")
	}
	again := make(chan bool)
	fault.Go(func() {
		_, _, ok := own.Put(t.Context(), encodedOf([]byte("again"))) // waits for the place
		again <- ok
	})
	if got, err := host.Take(place, size); err != nil || string(got) != "mine" {
		t.Errorf("it took %q, %v", got, err)
	}
	if !<-again {
		t.Error("it did not get its place back")
	}
	if _, _, ok := own.Put(t.Context(), encodedOf(make([]byte, placeSize+1))); ok {
		t.Error("a batch went into a place that is too small")
	}
	for _, none := range []*Owner{nil, (*Places)(nil).NewOwner()} {
		if _, _, ok := none.Put(t.Context(), encodedOf([]byte("none"))); ok {
			t.Error("a batch went into memory that there is not")
		}
	}
}

// TestPlacesComeBack says that a stream that has all places waits until half of them are free, and that what frees them can come in any order.
func TestPlacesComeBack(t *testing.T) {
	host, connector := shareMemory(t)
	own := connector.NewOwner()
	for range places {
		if _, _, ok := own.Put(t.Context(), encodedOf([]byte("first"))); !ok {
			t.Fatal("there are too few places")
		}
	}
	again := make(chan bool, 1)
	fault.Go(func() {
		_, _, ok := own.Put(t.Context(), encodedOf([]byte("again")))
		again <- ok
	})
	state := func() (free, waiting int) {
		connector.mu.Lock()
		defer connector.mu.Unlock()
		return len(connector.free), len(connector.waiting)
	}
	until := func(is func(free, waiting int) bool) {
		for !is(state()) {
			runtime.Gosched()
		}
	}
	until(func(_, waiting int) bool { return waiting == 1 })
	const enough = places - places/2
	for place := range enough {
		if place == enough-1 {
			until(func(free, _ int) bool { return free == place }) // the other end of the pipe hears of it soon
			select {
			case <-again:
				t.Fatalf("it went on with %d places free", place)
			default:
			}
		}
		if _, err := host.Take(uint32(places-1-place), 5); err != nil {
			t.Fatal(err)
		}
	}
	if !<-again {
		t.Error("it did not get a place")
	}
}

// TestOtherHost says that memory of another size than ours, which a host of another version shares, is not used.
func TestOtherHost(t *testing.T) {
	for _, size := range []int64{4 * placeSize, (places + 1) * placeSize, 0} {
		fd, err := unix.MemfdCreate("other", 0)
		if err != nil {
			t.Fatal(err)
		}
		if err := unix.Ftruncate(fd, size); err != nil {
			t.Fatal(err)
		}
		read, write, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		freed, err := unix.Dup(int(read.Fd()))
		if err != nil {
			t.Fatal(err)
		}
		t.Setenv(MemoryEnv, fmt.Sprint(fd))
		t.Setenv(FreedEnv, fmt.Sprint(freed))
		if InheritMemory() != nil {
			t.Errorf("%d bytes are taken for ours", size)
		}
		_, _ = read.Close(), write.Close()
	}
}

// TestStrangePlaces says that the host looks at nothing but the memory that it shares, which cannot become smaller.
func TestStrangePlaces(t *testing.T) {
	host, theirs, err := ShareMemory()
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range theirs {
		defer file.Close()
	}
	if err := theirs[MemoryEnv].Truncate(0); err == nil {
		t.Error("the memory can be cut short")
	}
	for _, c := range [][2]uint32{{places, 1}, {0, placeSize + 1}, {1 << 31, 1}, {0, 1<<32 - 1}} {
		if _, err := host.Take(c[0], c[1]); !errors.Is(err, errNotShared) {
			t.Errorf("place %d, %d bytes: %v", c[0], c[1], err)
		}
	}
	if b, err := host.Take(places-1, placeSize); err != nil || len(b) != placeSize {
		t.Errorf("the last place: %d bytes, %v", len(b), err)
	}
	host.Close()
	host.Close()
	for _, gone := range []*SharedMemory{host, nil} {
		gone.Close()
		if _, err := gone.Take(0, 1); !errors.Is(err, errNotShared) {
			t.Errorf("memory that is gone: %v", err)
		}
	}
}
