//go:build !linux

package main

// haveBadDay is for Linux, where a test may mount disks.
func haveBadDay() {}
