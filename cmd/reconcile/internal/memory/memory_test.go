package memory

import (
	"runtime"
	"testing"
)

func TestSize(t *testing.T) {
	for text, want := range map[string]int64{
		"512MiB": 512 << 20, "2GiB": 2 << 30, "1.5GiB": 3 << 29, "1GB": 1e9, "64 k": 64 << 10, "1000": 1000, "7B": 7, "512m": 512 << 20, "1TiB": 1 << 40,
	} {
		var s Size
		if err := s.Set(text); err != nil || int64(s) != want {
			t.Errorf("%s: %d, %v, want %d", text, s, err, want)
		}
	}
	for _, text := range []string{"", "MiB", "0", "-1", "0.1", "much", "1e30", "NaN", "Inf", "1 MiB 2", "5 XB"} {
		var s Size
		if err := s.Set(text); err == nil {
			t.Errorf("%q: %d", text, s)
		}
	}
	for size, want := range map[Size]string{0: "", 512 << 20: "512MiB", 1000: "1000B", 3 << 29: "1536MiB"} {
		if got := size.String(); got != want {
			t.Errorf("%d: %s, want %s", int64(size), got, want)
		}
	}
}

func TestDefaultLimit(t *testing.T) {
	limit := DefaultLimit()
	if limit < 64<<20 {
		t.Errorf("%d bytes", limit)
	}
	switch runtime.GOOS {
	case "linux", "darwin", "windows":
		if ofMachine() == 0 {
			t.Error("the machine's memory is not known")
		}
	}
}
