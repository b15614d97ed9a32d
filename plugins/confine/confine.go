// Package confine takes rights away from this process, for good: for all its threads, and for all that it starts.
//
// On Linux the kernel does it, in two ways. Landlock says which files may be used, and keeps the process from others' memory,
// signals and sockets. A filter of system calls refuses what Landlock has no say in: who may use a file and when it was changed,
// memory and messages that processes share, other processes' limits, ways to make system calls that the filter would not see. What
// is refused fails with EPERM or EACCES; a call that is newer than this list fails with ENOSYS, as on an older kernel.
//
// Other systems have neither, and an old kernel not all of it: Landlock and HasFilter say what there is.
package confine

// The versions of Landlock that brought what a sandbox should have.
const (
	CutsFilesABI   = 3 // it can forbid to cut files short: Linux 6.2
	SignalsABI     = 6 // signals, and sockets that are in no file system: Linux 6.12
	PathSocketsABI = 9 // sockets in the file system
)

// Network says which sockets a process may make.
type Network int

const (
	// AnyNetwork are those of the internet and those between processes.
	AnyNetwork Network = iota
	// Internet are those of the internet alone, to connect to others.
	Internet
	// NoNetwork are none. Those that the process has stay.
	NoNetwork
)

// Rights are what a process keeps.
type Rights struct {
	// Read are files, and folders with everything below them, which may be read. Programs in them may be run. Unless Alone is set,
	// sockets in them may be connected to. Paths that do not exist are ignored. What every program of the system needs comes to these.
	Read []string
	// Write are folders in which everything may be read and changed.
	Write []string
	// Sockets are sockets in the file system, or folders with them, to which it may connect.
	Sockets []string
	// Network says which sockets may be made beside those that reach Sockets.
	Network Network
	// Alone is for a process that starts no programs and sends nobody signals. It may read less of the system.
	Alone bool
	// Serves is for a process that is Alone, and yet waits for connections that it did not wait for yet.
	Serves bool
}
