// JSON: text to tree and back, strictly.
//
// Lives here: `JSONValue`, the parser over libyajl and its bounds, the encoder, where in the text a
// value stands.
// Never here: the name of a member of any document, a file, a system call.
// Imports: Bytes, CYajl (Debian: libyajl-dev).
