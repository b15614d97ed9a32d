package plan

// DecodeAtMost is Decode of a file of at most so many bytes.
var DecodeAtMost = decode
