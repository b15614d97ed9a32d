package sdk

import (
	"context"
	"strings"
	"testing"
)

// stuck is a host that says that it holds more, and sends no more than a record.
type stuck struct{ asked int }

func (s *stuck) lookup(context.Context, lookupRequest) ([]Record, bool, error) {
	if s.asked++; s.asked == 1 {
		return []Record{{Key: "a"}}, true, nil
	}
	return nil, true, nil
}

// TestLookupThatBreaksOff says that records that a host does not send are not taken for none.
func TestLookupThatBreaksOff(t *testing.T) {
	var keys []string
	var failed error
	for key, err := range (PullRequest{finder: &stuck{}}).Keys(t.Context(), ItemKind) {
		if err != nil {
			failed = err
			break
		}
		keys = append(keys, key)
	}
	if len(keys) != 1 || failed == nil || !strings.Contains(failed.Error(), "holds more records, but sends none") {
		t.Errorf("keys %q, error %v", keys, failed)
	}
}
