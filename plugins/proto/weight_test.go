package proto

import (
	"bytes"
	"strings"
	"testing"

	"google.golang.org/grpc/mem"
	"google.golang.org/protobuf/encoding/protowire"

	sourcev1 "github.com/reconcilehq/reconcile/plugins/proto/source/v1"
)

// message is a field of that number, with n times an empty element of field inner in it.
func message(number, inner protowire.Number, n int) []byte {
	elements := bytes.Repeat(protowire.AppendBytes(protowire.AppendTag(nil, inner, protowire.BytesType), nil), n)
	return protowire.AppendBytes(protowire.AppendTag(nil, number, protowire.BytesType), elements)
}

// TestWeight says which messages are not decoded because they would take too much memory.
func TestWeight(t *testing.T) {
	const unreadable, done = 6, 4
	batch := message(batchField, arrowField, 1)
	for name, c := range map[string]struct {
		data []byte
		into any
		want string
	}{
		"unreadable items":                 {message(unreadable, 1, 1000), &sourcev1.ReadResponse{}, ""},
		"unreadable items without end":     {message(unreadable, 1, MaxAnswer/2+1), &sourcev1.ReadResponse{}, "a message without items has 2097154 bytes, more than 2097152 (max_answer)"},
		"the same behind a batch":          {append(batch, message(unreadable, 1, MaxAnswer/2+1)...), &sourcev1.ReadResponse{}, "(max_answer)"},
		"currencies without end":           {message(done, 6, MaxAnswer/2+1), &sourcev1.ReadResponse{}, "(max_answer)"},
		"records":                          {message(putField, recordsField, MaxBatchItems), &sourcev1.PullResponse{}, ""},
		"records without end":              {message(putField, recordsField, MaxBatchItems+1), &sourcev1.PullResponse{}, "more than 1048576 records or keys"},
		"keys without end":                 {message(deleteField, keysField, MaxBatchItems+1), &sourcev1.PullResponse{}, "more than 1048576 records or keys"},
		"questions without end":            {message(lookupField, keysField, MaxBatchItems+1), &sourcev1.PullResponse{}, "more than 1048576 records or keys"},
		"a pull's end without end":         {message(9, 4, MaxAnswer/2+1), &sourcev1.PullResponse{}, "(max_answer)"},
		"no protobuf, which protobuf says": {[]byte{0xff}, &sourcev1.ReadResponse{}, "proto"},
	} {
		t.Run(name, func(t *testing.T) {
			err := Codec().Unmarshal(mem.BufferSlice{mem.SliceBuffer(c.data)}, c.into)
			if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}
