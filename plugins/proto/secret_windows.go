package proto

import "os"

// closeOnExec does nothing: Windows inherits no descriptor that is not named.
func closeOnExec(*os.File) {}
