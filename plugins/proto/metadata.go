package proto

import (
	"errors"
	"io"

	flatbuffers "github.com/google/flatbuffers/go"
)

// checkStream checks the metadata of each message of an Arrow stream. The Arrow library allocates memory for as many fields,
// buffers and bytes as the metadata say; so this check comes first. The numbers of slots here are those of Arrow's
// Message.fbs and Schema.fbs.
//
// If an offset is outside the metadata, checkStream panics, as the library does; DecodeBatch turns that into an error.
func checkStream(data []byte) error {
	for m := (&arrowStream{data}); ; {
		metadata, _, err := m.next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if err := checkMessage(rootTable(metadata)); err != nil {
			return err
		}
	}
}

func rootTable(metadata []byte) flatbuffers.Table {
	return flatbuffers.Table{Bytes: metadata, Pos: flatbuffers.GetUOffsetT(metadata)}
}

func checkMessage(message flatbuffers.Table) error {
	if err := checkVectors(message, 12); err != nil {
		return err
	}
	header, ok := childTable(message, 8)
	if !ok {
		return errors.New("a message without a header")
	}
	kind := byte(0)
	if at := message.Offset(6); at != 0 {
		kind = message.GetByte(message.Pos + flatbuffers.UOffsetT(at))
	}
	switch kind {
	case 1: // Schema
		if err := checkVectors(header, 6, 8, 10); err != nil {
			return err
		}
		fields := 0
		return checkFields(header, 6, &fields)
	case 2: // DictionaryBatch, which holds a RecordBatch
		if inner, ok := childTable(header, 6); ok {
			return checkVectors(inner, 6, 8, 12)
		}
		return nil
	case 3: // RecordBatch
		return checkVectors(header, 6, 8, 12)
	}
	return errors.New("a message of an unknown kind")
}

// checkFields checks a vector of fields and their children. It counts them, because in damaged metadata a field can contain
// itself.
func checkFields(parent flatbuffers.Table, slot flatbuffers.VOffsetT, count *int) error {
	at := flatbuffers.UOffsetT(parent.Offset(slot))
	if at == 0 {
		return nil
	}
	start := parent.Vector(at)
	for i := range parent.VectorLen(at) {
		if *count++; *count > 10_000 {
			return errors.New("too many fields")
		}
		field := flatbuffers.Table{Bytes: parent.Bytes, Pos: parent.Indirect(start + flatbuffers.UOffsetT(i)*4)}
		if err := checkVectors(field, 14, 16); err != nil {
			return err
		}
		if err := checkFields(field, 14, count); err != nil {
			return err
		}
	}
	return nil
}

// checkVectors checks that no vector has more elements than the metadata have bytes.
func checkVectors(t flatbuffers.Table, slots ...flatbuffers.VOffsetT) error {
	for _, slot := range slots {
		if at := flatbuffers.UOffsetT(t.Offset(slot)); at != 0 {
			if n := t.VectorLen(at); n < 0 || n > len(t.Bytes) {
				return errors.New("more elements than the metadata have room for")
			}
		}
	}
	return nil
}

func childTable(t flatbuffers.Table, slot flatbuffers.VOffsetT) (flatbuffers.Table, bool) {
	at := flatbuffers.UOffsetT(t.Offset(slot))
	if at == 0 {
		return flatbuffers.Table{}, false
	}
	return flatbuffers.Table{Bytes: t.Bytes, Pos: t.Indirect(t.Pos + at)}, true
}
