package sdk

import "github.com/reconcilehq/reconcile/engine/fault"

// Go runs f in a goroutine. A panic in it ends the connector's program and says where it was, without the values that it was about. A
// panic in Go's own goroutines ends the program too, but it writes its value, which may be a secret, to the log. (A panic in a method
// that the host calls is only an error of that call.)
func Go(f func()) { fault.Go(f) }

// Caught returns f for something else that runs it in a goroutine as Go does, such as a sync.WaitGroup or time.AfterFunc.
func Caught(f func()) func() { return fault.Caught(f) }
