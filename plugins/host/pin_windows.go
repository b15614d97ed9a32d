package host

// canMirror says whether this system lets users make symbolic links: Windows asks for a privilege that users do not have.
const canMirror = false
