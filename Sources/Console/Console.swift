// Console: the terminal of a container, and the terminal or pipes of its caller.
//
// Lives here: the socket that receives the pty's master, the pty itself, the relay between a
// caller's terminal and the pty, and the signals that a foreground command passes on.
// Never here: where in the order of steps the console is made, or which mount it needs.
// Imports: Bytes, Linux, OCISpec.
