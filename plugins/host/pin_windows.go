package host

// canMirror says whether a file's surroundings can be linked to: here a link takes a privilege that people do not have.
const canMirror = false
