// Container: a container's life, from a plan to nothing.
//
// Lives here: the executor of the host's steps; the teardown, and recovery where no record leads to
// what there is; a container that exists, found by its id; what the executor works with: the pid file,
// the notify proxy, the seccomp agent, the sockets for a pidfd and a console.
// Never here: the order of the host's steps (Plan), an option or a document of the command line, what
// is shown (Commands), the explanation of a failure (Commands, which hands it in).
// Imports: Bytes, CRIU, Diagnosis, JSON, OCISpec, Linux, the domains, Plan, Launch, StateStore, Report,
// Tracing.
