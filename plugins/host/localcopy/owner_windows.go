package localcopy

import "io/fs"

// belongsToUser has nothing to add: a user's folders there are the user's by their access lists.
func belongsToUser(fs.FileInfo) error { return nil }
