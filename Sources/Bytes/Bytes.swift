// Bytes: text as the kernel sees it, for every module.
//
// Lives here: `ByteString` and the pure operations on it: paths, numbers as digits and as bytes, lists of
// numbers, excerpts for messages; a reader of text that must be as expected; order, and expressions that ids
// are matched with; the version of apus, which is a text too.
// Never here: a system call, a JSON key, a kernel flag.
// Imports: nothing.
