// CRIU: a client of `criu swrk`.
//
// Lives here: the wire format of its messages, its requests and answers by name, the process and its socket.
// Never here: what of a container is dumped or restored (the commands decide), a path of the state root.
// Imports: Bytes, Linux.
