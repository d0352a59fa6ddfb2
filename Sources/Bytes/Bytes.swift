// Bytes: text as the kernel sees it, for every room.
//
// Lives here: `ByteString` and the pure operations on it.
// Never here: a system call, a JSON key, a kernel flag.
// Imports: nothing.
