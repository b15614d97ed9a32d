//go:build !linux

package main

import "os"

func hasLandlock() bool { return false }

func runWithoutLandlock() { os.Exit(1) }

func runWithoutFilter() { os.Exit(1) }
