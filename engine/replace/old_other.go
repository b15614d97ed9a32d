//go:build !linux

package replace

// old is a file that will be replaced: nothing is known to do with it here.
type old struct{}

func hold(string) *old { return nil }

func (*old) release() {}
