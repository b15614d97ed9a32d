//go:build !linux

package host

func becomeOther() {}
