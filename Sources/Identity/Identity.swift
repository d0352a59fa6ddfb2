// Identity: who the program is and what it may do.
//
// Lives here: user and groups, capabilities, resource limits, scheduling, execution domain, memory
// policy, labels of security modules, the session keyring, environment and home directory: each as a
// plan made of the specification's words, and as steps that put a plan in force, one kernel
// property a step.
// Never here: the order of the steps among those of other modules (Plan), which process takes them
// (Launch), the filter of system calls (Seccomp).
// Imports: Bytes, OCISpec, Linux.
