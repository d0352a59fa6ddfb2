// Report: how a command says what happened.
//
// Lives here: a failure with what is known of it, the log and its records, paths of the host that the
// caller names (a log's, a document's).
// Never here: why something failed (Diagnosis says it of one thing, Commands of a command), which options
// there are.
// Imports: Bytes, Cgroups, Diagnosis, JSON, OCISpec, Linux, Launch, StateStore.
