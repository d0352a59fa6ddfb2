// CommandLine: how a request to apus is spelled.
//
// Lives here: the one table of commands and options, and what is made from it: the parser, the help
// texts, man pages and shell completions. All of it is pure: arguments and the caller's working
// directory in, an invocation or a usage error out.
// Never here: a system call, the meaning of a request, a rule for ids or for the configuration.
// Imports: Bytes, Commands (for the option structs only).
