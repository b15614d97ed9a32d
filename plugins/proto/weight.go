package proto

import (
	"fmt"

	"google.golang.org/protobuf/encoding/protowire"
)

// A message is checked before it is decoded: an element that takes two bytes in a message takes a hundred as a Go value, so
// that the largest message could take gigabytes. What is no protobuf at all is left to the decoder.

// Numbers of fields in source.proto.
const (
	putField, deleteField, lookupField = 2, 3, 6 // PullResponse
	recordsField, keysField            = 2, 2    // Records, Delete and Lookup
)

// checkRead checks a ReadResponse: what is no batch has at most MaxAnswer bytes.
func checkRead(message []byte) error {
	return eachField(message, func(number protowire.Number, value []byte) error {
		if number != batchField && len(value) > MaxAnswer {
			return tooHeavy(len(value))
		}
		return nil
	})
}

// checkPull checks a PullResponse: at most MaxBatchItems records or keys, and at most MaxAnswer bytes of anything else.
func checkPull(message []byte) error {
	return eachField(message, func(number protowire.Number, value []byte) error {
		switch number {
		case putField, deleteField, lookupField:
			return checkElements(value)
		}
		if len(value) > MaxAnswer {
			return tooHeavy(len(value))
		}
		return nil
	})
}

// checkElements checks the number of records or keys in a message of Pull.
func checkElements(message []byte) error {
	n := 0
	return eachField(message, func(number protowire.Number, _ []byte) error {
		if number == recordsField || number == keysField {
			n++
		}
		if n > MaxBatchItems {
			return fmt.Errorf("a message has more than %d records or keys: send them in several", MaxBatchItems)
		}
		return nil
	})
}

// TooHeavy stands in the error about a message that is too large although it has no items: of gRPC's errors only texts arrive.
const TooHeavy = "(max_answer)"

func tooHeavy(size int) error {
	return fmt.Errorf("a message without items has %d bytes, more than %d %s", size, MaxAnswer, TooHeavy)
}

// eachField calls do with the fields of a message, up to the first error. value is nil where a field has no length. It ends
// where the bytes are no fields any more.
func eachField(message []byte, do func(number protowire.Number, value []byte) error) error {
	for len(message) > 0 {
		number, kind, tag := protowire.ConsumeTag(message)
		if tag < 0 {
			return nil
		}
		rest := message[tag:]
		size := protowire.ConsumeFieldValue(number, kind, rest)
		if size < 0 {
			return nil
		}
		var value []byte
		if kind == protowire.BytesType {
			value, _ = protowire.ConsumeBytes(rest)
		}
		if err := do(number, value); err != nil {
			return err
		}
		message = rest[size:]
	}
	return nil
}
