package rules

import (
	"io"
	"strings"
	"testing"
)

// TestSkusFileIsBounded checks that a file that is too large is an error, and never a shorter list.
func TestSkusFileIsBounded(t *testing.T) {
	if _, err := io.ReadAll(&bounded{strings.NewReader("sku\nA-1\n"), 7}); err == nil || !strings.Contains(err.Error(), "max_skus_file") {
		t.Error(err)
	}
	if text, err := io.ReadAll(&bounded{strings.NewReader("sku\nA-1\n"), 8}); err != nil || len(text) != 8 {
		t.Error(err)
	}
}
