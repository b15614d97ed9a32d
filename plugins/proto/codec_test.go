package proto

import (
	"bytes"
	"testing"

	"google.golang.org/grpc/encoding"
	grpcproto "google.golang.org/grpc/encoding/proto"
	"google.golang.org/grpc/mem"
	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"

	"github.com/reconcilehq/reconcile/engine/catalog"
	sourcev1 "github.com/reconcilehq/reconcile/plugins/proto/source/v1"
)

// cut parts bytes as a connection may.
func cut(t *rapid.T, data []byte) mem.BufferSlice {
	var parts mem.BufferSlice
	for len(data) > 0 {
		n := rapid.IntRange(1, len(data)).Draw(t, "part")
		parts = append(parts, mem.SliceBuffer(data[:n]))
		data = data[n:]
	}
	return parts
}

// TestCodec says that batches are written as protobuf writes them, and that whatever protobuf has written is read as
// protobuf reads it, however the connection parts it.
func TestCodec(t *testing.T) {
	ours, plain := Codec(), encoding.GetCodecV2(grpcproto.Name)
	if ours.Name() != plain.Name() {
		t.Errorf("the codec goes by %q", ours.Name())
	}
	rapid.Check(t, func(t *rapid.T) {
		b := catalog.NewBuilder(schema)
		for range rapid.IntRange(0, 600).Draw(t, "items") {
			b.SetString(0, "SKU")
			b.End()
		}
		encoded, err := Encode(b.Batch())
		if err != nil {
			t.Fatal(err)
		}
		message := &sourcev1.ReadResponse{Message: &sourcev1.ReadResponse_Batch{Batch: &sourcev1.Batch{Arrow: encoded.Bytes()}}}
		want, err := plain.Marshal(message)
		if err != nil {
			t.Fatal(err)
		}
		got, err := ours.Marshal(encoded)
		if err != nil || !bytes.Equal(got.Materialize(), want.Materialize()) {
			t.Fatalf("a batch is not written as protobuf does: %v", err)
		}
		data := rapid.OneOf(rapid.Just(want.Materialize()), rapid.Custom(drawMessage)).Draw(t, "data")
		var ourMessage, plainMessage sourcev1.ReadResponse
		ourErr, plainErr := ours.Unmarshal(cut(t, data), &ourMessage), plain.Unmarshal(cut(t, data), &plainMessage)
		if (ourErr == nil) != (plainErr == nil) || ourErr == nil && !proto.Equal(&ourMessage, &plainMessage) {
			t.Fatalf("%x is read as %v (%v), by protobuf as %v (%v)", data, &ourMessage, ourErr, &plainMessage, plainErr)
		}
	})
}

// drawMessage draws bytes that are nearly a message.
func drawMessage(t *rapid.T) []byte {
	messages := []*sourcev1.ReadResponse{
		{Message: &sourcev1.ReadResponse_Batch{Batch: &sourcev1.Batch{}}},
		{Message: &sourcev1.ReadResponse_Batch{Batch: &sourcev1.Batch{Arrow: []byte("abc")}}},
		{Message: &sourcev1.ReadResponse_Batch{Batch: &sourcev1.Batch{Arrow: bytes.Repeat([]byte("x"), 300)}}},
		{Message: &sourcev1.ReadResponse_Warning{Warning: &sourcev1.Warning{Text: "careful"}}},
		{Message: &sourcev1.ReadResponse_Done{Done: &sourcev1.Done{Items: 7}}},
		{},
	}
	var data []byte
	for range rapid.IntRange(0, 2).Draw(t, "messages") {
		one, err := proto.Marshal(rapid.SampledFrom(messages).Draw(t, "message"))
		if err != nil {
			t.Fatal(err)
		}
		data = append(data, one...)
	}
	if len(data) > 0 && rapid.Bool().Draw(t, "damaged") {
		data[rapid.IntRange(0, min(len(data), 8)-1).Draw(t, "at")] ^= 1 << rapid.IntRange(0, 7).Draw(t, "bit")
	}
	return data
}
