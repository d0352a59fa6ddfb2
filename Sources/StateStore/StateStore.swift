// StateStore: what is on disk about a container, below the state root.
//
// Lives here: the state root and the directory of one container, its lock, its record, its start
// FIFOs, and the rules that follow from them (which status, which command is allowed).
// Never here: a cgroup file, a namespace, a hook, the text of an option.
// Imports: Bytes, JSON, Linux, OCISpec.
