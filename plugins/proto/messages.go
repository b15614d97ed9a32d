package proto

import (
	"encoding/binary"
	"errors"
	"io"

	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/apache/arrow-go/v18/arrow/memory"

	flatbuffers "github.com/google/flatbuffers/go"
)

// messages hands the messages of an Arrow stream to the Arrow library as they lie in memory. Where the library's own
// reader copies, nothing is copied here.
type messages struct{ data []byte }

// next cuts off the next message. It returns io.EOF behind the last, and an error if there is less than announced, or
// something behind the end: half a message, or another stream, whose items nobody would miss.
func (m *messages) next() (metadata, body []byte, err error) {
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
	message, length := root(metadata), int64(0)
	if at := message.Offset(10); at != 0 {
		length = message.GetInt64(message.Pos + flatbuffers.UOffsetT(at))
	}
	if length < 0 || length > int64(len(rest)) {
		return nil, nil, errors.New("a body longer than the message")
	}
	// Nobody can reach beyond a slice that has no room behind its end.
	body, m.data = rest[:length:length], rest[length:]
	return metadata, body, nil
}

// Message implements ipc.MessageReader.
func (m *messages) Message() (*ipc.Message, error) {
	metadata, body, err := m.next()
	if err != nil {
		return nil, err
	}
	return ipc.NewMessage(memory.NewBufferBytes(metadata), memory.NewBufferBytes(body)), nil
}

// Retain and Release implement ipc.MessageReader; there is nothing to hold.
func (m *messages) Retain()  {}
func (m *messages) Release() {}
