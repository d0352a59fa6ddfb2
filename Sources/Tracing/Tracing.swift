// Tracing: how long the steps of a command took.
//
// Lives here: the spans of one command, the file that they are written to, its reader, the table of a
// summary, the identifiers of W3C's trace context.
// Never here: what a step is (Plan), who performs it (Launch, Container), an option (CommandLine).
// Imports: Bytes, JSON, Linux.
