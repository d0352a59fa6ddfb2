// Launch: the two processes that a plan turns into, and what they say to each other.
//
// Lives here: the parent's stage and init's, the channel between them and its messages, the start
// gate, the search for the program, the protection of our own executable.
// Never here: the order of init's steps (Plan), a file below the state root (StateStore), how one
// step is done (its domain).
// Imports: Bytes, Linux, OCISpec, Plan, Tracing, the domains.
