package proto

import (
	"encoding/binary"
	"errors"
	"io"

	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/apache/arrow-go/v18/arrow/memory"

	flatbuffers "github.com/google/flatbuffers/go"
)

// arrowStream splits an Arrow stream in memory into its messages, for the Arrow library. It copies nothing; the library's
// own reader would copy each message.
type arrowStream struct{ data []byte }

// next returns the next message, and io.EOF after the last one. It is an error if a message is cut off, and if something
// follows the end of the stream: the library would ignore it, and its items would be lost.
func (m *arrowStream) next() (metadata, body []byte, err error) {
	if len(m.data) == 0 {
		return nil, nil, io.EOF
	}
	if len(m.data) < 8 {
		return nil, nil, errors.New("it is cut off in the middle of a message")
	}
	if binary.LittleEndian.Uint32(m.data) != 0xffffffff {
		return nil, nil, errors.New("no Arrow stream")
	}
	size := int(binary.LittleEndian.Uint32(m.data[4:]))
	if size == 0 && len(m.data) > 8 {
		return nil, nil, errors.New("something comes behind the end of the stream: send one stream in a batch")
	}
	if size == 0 {
		return nil, nil, io.EOF
	}
	rest := m.data[8:]
	if size > len(rest) {
		return nil, nil, errors.New("metadata longer than the message")
	}
	metadata, rest = rest[:size:size], rest[size:]
	message, length := rootTable(metadata), int64(0)
	if at := message.Offset(10); at != 0 {
		length = message.GetInt64(message.Pos + flatbuffers.UOffsetT(at))
	}
	if length < 0 || length > int64(len(rest)) {
		return nil, nil, errors.New("a body longer than the message")
	}
	// The capacity ends with the slice, so that nobody can read beyond it.
	body, m.data = rest[:length:length], rest[length:]
	return metadata, body, nil
}

// Message implements ipc.MessageReader.
func (m *arrowStream) Message() (*ipc.Message, error) {
	metadata, body, err := m.next()
	if err != nil {
		return nil, err
	}
	return ipc.NewMessage(memory.NewBufferBytes(metadata), memory.NewBufferBytes(body)), nil
}

// Retain and Release implement ipc.MessageReader; there is nothing to do.
func (m *arrowStream) Retain()  {}
func (m *arrowStream) Release() {}
