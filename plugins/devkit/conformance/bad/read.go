package bad

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/plugins/proto"
	sourcev1 "github.com/reconcilehq/reconcile/plugins/proto/source/v1"
)

// batchItems is how many items a batch has.
const batchItems = 1000

// reading is one read.
type reading struct {
	*server
	*settings
	asked  *catalog.Schema
	stream sourcev1.Source_ReadServer
	number int // of the process's reads, from 1
}

// Read sends the items in batches, and misbehaves after the first, or in the end.
func (s *server) Read(req *sourcev1.ReadRequest, stream sourcev1.Source_ReadServer) error {
	given, err := s.settings()
	if err != nil {
		return err
	}
	if s.way == "empty-for-strangers" && given.stranger() || s.way == "never-fails" && given.Shut {
		given = &settings{} // without items
	} else if err := s.refuse(given); err != nil {
		return err
	}
	if s.way == "first-page" {
		page := *given
		page.Items = min(page.Items, batchItems)
		given = &page
	}
	asked, err := schema.Select(req.GetFields())
	if err != nil {
		return status.Error(codes.InvalidArgument, err.Error())
	}
	s.mu.Lock()
	s.reads++
	r := &reading{server: s, settings: given, asked: asked, stream: stream, number: s.reads}
	if s.way == "leaks" {
		s.leaked = append(s.leaked, touched(8<<20))
	}
	s.mu.Unlock()
	if s.way == "hoards" {
		s.leaked = append(s.leaked, touched(160<<20))
		defer func() { s.leaked = nil }()
	}
	if s.way == "ignores-fields" && asked.Len() < schema.Len() {
		r.asked = schema
	}
	err = r.send()
	if err != nil && s.way == "ignores-cancellation" {
		for { // its work
			rand.Int()
		}
	}
	return err
}

func touched(n int) []byte {
	memory := make([]byte, n)
	for i := 0; i < n; i += 4096 {
		memory[i] = 1
	}
	return memory
}

func (r *reading) send() error {
	ctx := r.stream.Context()
	if r.way == "ignores-cancellation" {
		ctx = context.WithoutCancel(ctx)
	}
	for from := int64(0); from < r.Items; from += batchItems {
		if ctx.Err() != nil {
			return status.FromContextError(ctx.Err()).Err()
		}
		if err := r.batch(int(from), int(min(r.Items-from, batchItems))); err != nil {
			return err
		}
		if from == 0 {
			if err := r.midst(); err != nil {
				return err
			}
		}
	}
	done := &sourcev1.Done{Items: r.Items, ReadAt: timestamppb.Now()}
	switch r.way {
	case "wrong-count":
		done.Items++
	case "negative-count":
		done.Items = -1
	case "duplicates":
		if r.Items > 0 {
			if err := r.batch(0, 1); err != nil {
				return err
			}
			done.Items++
		}
	case "hides-unreadable", "nameless-unreadable":
		it := &sourcev1.UnreadableItem{Sku: "A-1", Reason: "line 2: it is torn"}
		if r.way == "nameless-unreadable" {
			it.Sku, done.Unreadable = "", 1
		}
		if err := r.say(&sourcev1.ReadResponse{Message: &sourcev1.ReadResponse_Unreadable{Unreadable: &sourcev1.Unreadable{Items: []*sourcev1.UnreadableItem{it}}}}); err != nil {
			return err
		}
	case "from-the-future":
		done.ReadAt = timestamppb.New(time.Now().Add(24 * time.Hour))
	case "no-currency":
		done.Currencies = map[string]string{"price": "dollars"}
	case "no-unit":
		done.Units = map[string]string{"price": "kg"}
	case "no-done":
		return nil
	}
	if err := r.say(&sourcev1.ReadResponse{Message: &sourcev1.ReadResponse_Done{Done: done}}); err != nil || r.way != "goes-on" {
		return err
	}
	return r.say(&sourcev1.ReadResponse{Message: &sourcev1.ReadResponse_Done{Done: done}})
}

func (r *reading) say(m *sourcev1.ReadResponse) error { return r.stream.Send(m) }

// batch sends n items from the one of that number on.
func (r *reading) batch(from, n int) error {
	data, err := proto.EncodeBatch(r.items(from, n))
	if err != nil {
		return err
	}
	if r.way == "damaged" {
		data = data[:len(data)/2]
	}
	return r.say(&sourcev1.ReadResponse{Message: &sourcev1.ReadResponse_Batch{Batch: &sourcev1.Batch{Arrow: data}}})
}

func (r *reading) items(from, n int) *catalog.Batch {
	b := catalog.NewBuilder(r.asked)
	sku, name, price := r.asked.Index("sku"), r.asked.Index("name"), r.asked.Index("price")
	for i := from; i < from+n; i++ {
		number := i
		if r.way == "shuffles" && r.number > 1 {
			number = from + (i-from+r.number)%n
		}
		if sku >= 0 {
			b.SetString(sku, fmt.Sprintf("A-%d", number))
		}
		if name >= 0 {
			b.SetString(name, r.name(number, int(r.Bytes)))
		}
		if cents, priced := r.cents(number); price >= 0 && priced {
			b.SetNumber(price, catalog.NewDecimal(cents, 2))
		}
		b.End()
	}
	return b.Batch()
}

// cents returns an item's price; priced is false where it has none.
func (r *reading) cents(number int) (cents int64, priced bool) {
	switch {
	case r.way == "shifts" && number > 0:
		number--
	case r.way == "null-field":
		return 0, false
	}
	return int64(number), number%7 > 0
}

// midst is what happens after the first batch.
func (r *reading) midst() error {
	switch r.way {
	case "dies", "panics", "freezes":
		time.Sleep(50 * time.Millisecond) // let the batch arrive: what comes is to come in the middle
	}
	switch r.way {
	case "dies":
		fmt.Fprintf(os.Stderr, "out of paper, token %s\n", r.Token)
		time.Sleep(50 * time.Millisecond) // go-plugin hands it over by gRPC
		os.Exit(7)
	case "panics":
		panic("index out of paper")
	case "freezes":
		freeze()
	case "silent":
		<-r.stream.Context().Done()
		return r.stream.Context().Err()
	case "bulky":
		m := &sourcev1.Unreadable{} // whose items are there as bytes only
		m.ProtoReflect().SetUnknown(bytes.Repeat([]byte{1<<3 | 2, 0}, 10_000_000))
		return r.say(&sourcev1.ReadResponse{Message: &sourcev1.ReadResponse_Unreadable{Unreadable: m}})
	case "babbles":
		for range 64 {
			if _, err := os.Stderr.Write(bytes.Repeat([]byte{'x'}, 1<<20)); err != nil {
				return err
			}
		}
	case "prints":
		fmt.Println("still reading")
	case "enormous":
		return r.say(&sourcev1.ReadResponse{Message: &sourcev1.ReadResponse_Batch{Batch: &sourcev1.Batch{Arrow: make([]byte, 80<<20)}}})
	}
	if strings.HasPrefix(r.way, "waits-") || r.way == "stands-still" {
		return r.standStill()
	}
	return r.flood()
}

// standStill says something about ten times a second, and does nothing, until nobody takes it.
func (r *reading) standStill() error {
	for tick := time.NewTicker(100 * time.Millisecond); ; {
		m := &sourcev1.ReadResponse{Message: &sourcev1.ReadResponse_Progress{Progress: &sourcev1.Progress{Items: batchItems, Text: "almost there"}}}
		switch r.way {
		case "waits-for-nothing":
			m.Message = &sourcev1.ReadResponse_Waiting{Waiting: &sourcev1.Waiting{Until: timestamppb.New(time.Now().Add(-time.Minute)), Why: "better times"}}
		case "waits-too-long":
			m.Message = &sourcev1.ReadResponse_Waiting{Waiting: &sourcev1.Waiting{Until: timestamppb.New(time.Now().Add(2 * time.Hour)), Why: "better times"}}
		}
		if err := r.say(m); err != nil {
			return err
		}
		select {
		case <-tick.C:
		case <-r.stream.Context().Done():
			return r.stream.Context().Err()
		}
	}
}

// flood sends without end, until nobody takes it.
func (r *reading) flood() error {
	for n := int64(0); ; n++ {
		var err error
		switch r.way {
		case "floods-with-progress":
			err = r.say(&sourcev1.ReadResponse{Message: &sourcev1.ReadResponse_Progress{Progress: &sourcev1.Progress{Items: n, Text: "and on"}}})
		case "floods-with-warnings":
			err = r.say(&sourcev1.ReadResponse{Message: &sourcev1.ReadResponse_Warning{Warning: &sourcev1.Warning{Text: fmt.Sprintf("warning %d", n)}}})
		case "floods-with-notices":
			err = r.say(&sourcev1.ReadResponse{Message: &sourcev1.ReadResponse_Notice{Notice: &sourcev1.Notice{Text: fmt.Sprintf("notice %d", n)}}})
		case "floods-with-nothing":
			err = r.batch(0, 0)
		case "floods-with-items":
			err = r.batch(int(n)*batchItems, batchItems)
		default:
			return nil
		}
		if err != nil {
			return err
		}
	}
}
