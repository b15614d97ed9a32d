package proto

import (
	"errors"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/bitutil"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

var errShortBuffer = errors.New("the Arrow data are damaged: a buffer is too short for its values")

// checkBuffers checks that an array's buffers are long enough for its values. The Arrow library does not check this: if a
// buffer is too short, it reads on in the next buffer, and the result is a wrong value instead of an error.
func checkBuffers(data arrow.ArrayData) error {
	if data.Len() < 0 || data.Offset() != 0 {
		return errors.New("the Arrow data are damaged: a length that no array has")
	}
	n, buffers := data.Len(), data.Buffers()
	if len(buffers) > 0 && buffers[0] != nil && buffers[0].Len() > 0 {
		if buffers[0].Len() < (n+7)/8 {
			return errShortBuffer
		}
		if nulls := data.NullN(); nulls >= 0 && nulls != n-bitutil.CountSetBits(buffers[0].Bytes(), 0, n) {
			return errors.New("the Arrow data are damaged: a wrong number of nulls")
		}
	} else if data.NullN() > 0 && data.DataType().ID() != arrow.NULL {
		return errors.New("the Arrow data are damaged: nulls, and nothing that says which")
	}
	if n > 0 && !bufferHolds(buffers, minBufferBytes(data.DataType(), n)) {
		return errShortBuffer
	}
	for _, child := range data.Children() {
		if err := checkBuffers(child); err != nil {
			return err
		}
		if data.DataType().ID() == arrow.STRUCT && child.Len() < n {
			return errShortBuffer
		}
	}
	if data.DataType().ID() == arrow.DICTIONARY {
		return checkBuffers(data.Dictionary())
	}
	return nil
}

// minBufferBytes returns how many bytes the second buffer, which comes after that of the nulls, must have for n values; 0
// if the type does not need one.
func minBufferBytes(t arrow.DataType, n int) int {
	switch t := t.(type) {
	case *arrow.StringType, *arrow.BinaryType, *arrow.ListType, *arrow.MapType:
		return 4 * (n + 1)
	case *arrow.LargeStringType, *arrow.LargeBinaryType, *arrow.LargeListType:
		return 8 * (n + 1)
	case *arrow.StringViewType:
		return 16 * n
	case *arrow.DictionaryType:
		return minBufferBytes(t.IndexType, n)
	case arrow.FixedWidthDataType:
		return (n*t.BitWidth() + 7) / 8
	}
	return 0
}

// bufferHolds reports whether the second buffer has that many bytes.
func bufferHolds(buffers []*memory.Buffer, bytes int) bool {
	return bytes == 0 || len(buffers) > 1 && buffers[1] != nil && buffers[1].Len() >= bytes
}
