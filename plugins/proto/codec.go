package proto

import (
	"google.golang.org/grpc/encoding"
	grpcproto "google.golang.org/grpc/encoding/proto" // registers the codec that ours goes by
	"google.golang.org/grpc/mem"
	"google.golang.org/protobuf/encoding/protowire"

	sourcev1 "github.com/reconcilehq/reconcile/plugins/proto/source/v1"
)

// The fields' numbers in source.proto.
const (
	batchField = 1 // ReadResponse.batch
	arrowField = 1 // Batch.arrow
)

// Codec is gRPC's own codec, except that batches, which are nearly all that is sent, are copied once on either side, into
// memory that is used again and again. What it writes is what protobuf writes.
func Codec() encoding.CodecV2 { return codec{encoding.GetCodecV2(grpcproto.Name)} }

type codec struct{ encoding.CodecV2 }

// Marshal also takes *Encoded, which it writes as a ReadResponse with that batch. It keeps nothing of it.
func (c codec) Marshal(v any) (mem.BufferSlice, error) {
	batch, ok := v.(*Encoded)
	if !ok {
		return c.CodecV2.Marshal(v)
	}
	inner := protowire.SizeTag(arrowField) + protowire.SizeBytes(batch.size)
	b := protowire.AppendTag(room(headRoom+batch.size), batchField, protowire.BytesType)
	b = protowire.AppendVarint(b, uint64(inner))
	b = protowire.AppendTag(b, arrowField, protowire.BytesType)
	b = protowire.AppendVarint(b, uint64(batch.size))
	b = batch.appendTo(b)
	return mem.BufferSlice{mem.NewBuffer(&b, sent{})}, nil
}

// headRoom is how long what stands before the Arrow data in a message can be.
const headRoom = 32

// sent takes messages back once they are on their way.
type sent struct{}

func (sent) Get(length int) *[]byte {
	b := room(length)[:length]
	return &b
}

func (sent) Put(b *[]byte) { Recycle(*b) }

// Unmarshal reads a batch into memory of its own, which starts where the Arrow data do.
func (c codec) Unmarshal(data mem.BufferSlice, v any) error {
	m, ok := v.(*sourcev1.ReadResponse)
	if !ok {
		return c.CodecV2.Unmarshal(data, v)
	}
	skip, ok := batchAt(data)
	if !ok {
		return c.CodecV2.Unmarshal(data, v)
	}
	arrow := room(data.Len() - skip)
	for _, part := range data {
		b := part.ReadOnlyData()
		n := min(skip, len(b))
		arrow = append(arrow, b[n:]...)
		skip -= n
	}
	m.Reset()
	m.Message = &sourcev1.ReadResponse_Batch{Batch: &sourcev1.Batch{Arrow: arrow}}
	return nil
}

// batchAt returns where the Arrow data start in a ReadResponse that is a batch and nothing else.
func batchAt(data mem.BufferSlice) (int, bool) {
	var head [headRoom]byte
	n, size := data.CopyTo(head[:]), data.Len()
	at := 0
	for _, field := range []protowire.Number{batchField, arrowField} {
		number, kind, tag := protowire.ConsumeTag(head[at:n])
		if tag < 0 || number != field || kind != protowire.BytesType {
			return 0, false
		}
		at += tag
		length, prefix := protowire.ConsumeVarint(head[at:n])
		if prefix < 0 {
			return 0, false
		}
		if at += prefix; length != uint64(size-at) {
			return 0, false
		}
	}
	return at, true
}

// Encoded is a batch as an Arrow IPC stream, in parts: those of the columns are the columns' own memory.
type Encoded struct {
	parts [][]byte
	size  int
	own   bool // the last part is ours, and has room
}

// Size returns the length of the stream.
func (e *Encoded) Size() int { return e.size }

// Bytes returns the stream in one piece.
func (e *Encoded) Bytes() []byte {
	return e.appendTo(make([]byte, 0, e.size))
}

func (e *Encoded) appendTo(dst []byte) []byte {
	for _, part := range e.parts {
		dst = append(dst, part...)
	}
	return dst
}

// Write takes what the Arrow library writes: metadata, which it copies, and the columns' buffers, which nobody changes.
func (e *Encoded) Write(p []byte) (int, error) {
	const small = 2 << 10
	e.size += len(p)
	if len(p) > small {
		e.parts, e.own = append(e.parts, p), false
		return len(p), nil
	}
	if last := len(e.parts) - 1; e.own && cap(e.parts[last])-len(e.parts[last]) >= len(p) {
		e.parts[last] = append(e.parts[last], p...)
		return len(p), nil
	}
	e.parts, e.own = append(e.parts, append(make([]byte, 0, 2*small), p...)), true
	return len(p), nil
}
