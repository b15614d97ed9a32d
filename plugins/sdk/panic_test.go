package sdk

import (
	"errors"
	"io"
	"os"
	"strings"
	"testing"
)

// TestPanicTellsNoValue has a call panic with a secret: neither the error nor the log has it, and both say what it was.
func TestPanicTellsNoValue(t *testing.T) {
	stderr := os.Stderr
	log, err := os.CreateTemp(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	for _, value := range []any{"token 123", errors.New("token 123"), map[string]string{"token": "123"}} {
		call := func() (err error) {
			defer (&server{}).recovered(&err)
			panic(value)
		}
		os.Stderr = log
		err := call()
		os.Stderr = stderr
		if err == nil || !strings.Contains(err.Error(), "the connector panicked") || strings.Contains(err.Error(), "123") {
			t.Errorf("%T: error %v", value, err)
		}
	}
	if _, err := log.Seek(0, io.SeekStart); err != nil {
		t.Fatal(err)
	}
	said, err := io.ReadAll(log)
	if err != nil || strings.Contains(string(said), "123") || strings.Count(string(said), "TestPanicTellsNoValue.func") < 3 {
		t.Errorf("%v, it says:\n%s", err, said)
	}
}
