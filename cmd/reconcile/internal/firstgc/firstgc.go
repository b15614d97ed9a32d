// Package firstgc puts off the first collection of garbage. Go initializes packages in the order of their paths, as far as their imports
// allow: this one comes before most of those that fill the heap, which would have Go collect before main begins.
package firstgc

import (
	"os"
	"runtime"
	"runtime/debug"
)

// The first collection comes when the heap has 28 MB instead of 4, of which a connector never touches 12 (its SDK's ballast): a small
// shop's run ends before it, in each of its processes, and spent a fifth of its time on collections. From then on all is as Go has it.
const (
	usual = 100
	first = 7 * usual
)

func init() { putOff() }

// putOff does so, unless the user has set a pace.
func putOff() {
	if os.Getenv("GOGC") != "" {
		return
	}
	debug.SetGCPercent(first)
	unused := new([]string) // unreachable at once: it goes with the first collection
	runtime.AddCleanup(unused, func(int) { debug.SetGCPercent(usual) }, 0)
}
