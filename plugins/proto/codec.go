package proto

import (
	"google.golang.org/grpc/encoding"
	grpcproto "google.golang.org/grpc/encoding/proto" // registers the codec that ours wraps
	"google.golang.org/grpc/mem"
	"google.golang.org/protobuf/encoding/protowire"

	sourcev1 "github.com/reconcilehq/reconcile/plugins/proto/source/v1"
)

// Numbers of fields in source.proto.
const (
	batchField = 1 // ReadResponse.batch
	arrowField = 1 // Batch.arrow
)

// Codec is gRPC's own codec, but faster for batches, which are nearly all of what is sent: each side copies a batch only
// once, into memory that it uses again. The bytes are the same as those of gRPC's codec.
func Codec() encoding.CodecV2 { return codec{encoding.GetCodecV2(grpcproto.Name)} }

type codec struct{ encoding.CodecV2 }

// Marshal also accepts *Encoded, which it writes as a ReadResponse with that batch. It keeps no reference to the batch.
func (c codec) Marshal(v any) (mem.BufferSlice, error) {
	batch, ok := v.(*Encoded)
	if !ok {
		return c.CodecV2.Marshal(v)
	}
	inner := protowire.SizeTag(arrowField) + protowire.SizeBytes(batch.size)
	b := protowire.AppendTag(takeBuffer(maxHeader+batch.size), batchField, protowire.BytesType)
	b = protowire.AppendVarint(b, uint64(inner))
	b = protowire.AppendTag(b, arrowField, protowire.BytesType)
	b = protowire.AppendVarint(b, uint64(batch.size))
	b = batch.appendTo(b)
	return mem.BufferSlice{mem.NewBuffer(&b, sentBuffers{})}, nil
}

// maxHeader is the largest number of bytes before the Arrow data in a message.
const maxHeader = 32

// sentBuffers is the pool to which gRPC returns the memory of a message after it has sent it.
type sentBuffers struct{}

func (sentBuffers) Get(length int) *[]byte {
	b := takeBuffer(length)[:length]
	return &b
}

func (sentBuffers) Put(b *[]byte) { Recycle(*b) }

// Unmarshal copies the Arrow data of a batch to the start of a buffer, where they are aligned.
func (c codec) Unmarshal(data mem.BufferSlice, v any) error {
	if _, ok := v.(*sourcev1.PullResponse); ok {
		return c.unmarshalChecked(data, v, checkPull)
	}
	m, ok := v.(*sourcev1.ReadResponse)
	if !ok {
		return c.CodecV2.Unmarshal(data, v)
	}
	skip, ok := batchAt(data)
	if !ok {
		return c.unmarshalChecked(data, v, checkRead)
	}
	arrow := takeBuffer(data.Len() - skip)
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

// unmarshalChecked decodes a message after a check of its bytes.
func (c codec) unmarshalChecked(data mem.BufferSlice, v any, check func(message []byte) error) error {
	message := data.Materialize()
	if err := check(message); err != nil {
		return err
	}
	return c.CodecV2.Unmarshal(mem.BufferSlice{mem.SliceBuffer(message)}, v)
}

// batchAt returns the position of the Arrow data in a ReadResponse; false if it has anything but a batch.
func batchAt(data mem.BufferSlice) (int, bool) {
	var head [maxHeader]byte
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

// Encoded is a batch as an Arrow IPC stream, in parts. The parts with values are the memory of the columns, not copies.
type Encoded struct {
	parts   [][]byte
	size    int
	ownLast bool // the last part is not memory of a column, so Write may append to it
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

// Write appends what the Arrow library writes. It copies metadata, which are small; of the columns' buffers, which nobody
// changes, it only keeps references.
func (e *Encoded) Write(p []byte) (int, error) {
	const small = 2 << 10
	e.size += len(p)
	if len(p) > small {
		e.parts, e.ownLast = append(e.parts, p), false
		return len(p), nil
	}
	if last := len(e.parts) - 1; e.ownLast && cap(e.parts[last])-len(e.parts[last]) >= len(p) {
		e.parts[last] = append(e.parts[last], p...)
		return len(p), nil
	}
	e.parts, e.ownLast = append(e.parts, append(make([]byte, 0, 2*small), p...)), true
	return len(p), nil
}
