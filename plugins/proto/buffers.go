package proto

import (
	"errors"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/bitutil"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

var errShortBuffer = errors.New("the Arrow data are damaged: a buffer is too short for its values")

// checkBuffers checks that an array's buffers are as long as its values need. The Arrow library slices them unseen,
// and where a buffer is too short its slice reaches into the next one: that would be a wrong value, not an error.
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
	if n > 0 && !holds(buffers, bytesFor(data.DataType(), n)) {
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

// bytesFor returns how long the buffer behind that of the nulls is at least; 0 where there need be none.
func bytesFor(t arrow.DataType, n int) int {
	switch t := t.(type) {
	case *arrow.StringType, *arrow.BinaryType, *arrow.ListType, *arrow.MapType:
		return 4 * (n + 1)
	case *arrow.LargeStringType, *arrow.LargeBinaryType, *arrow.LargeListType:
		return 8 * (n + 1)
	case *arrow.StringViewType:
		return 16 * n
	case *arrow.DictionaryType:
		return bytesFor(t.IndexType, n)
	case arrow.FixedWidthDataType:
		return (n*t.BitWidth() + 7) / 8
	}
	return 0
}

func holds(buffers []*memory.Buffer, bytes int) bool {
	return bytes == 0 || len(buffers) > 1 && buffers[1] != nil && buffers[1].Len() >= bytes
}
