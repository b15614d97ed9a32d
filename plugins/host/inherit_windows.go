package host

// inheritsFiles says whether a child can be handed an open file.
const inheritsFiles = false
