// Seccomp: from `linux.seccomp` to a program that the kernel loads.
//
// Lives here: the words of a profile (actions, operators, flags, architectures), the checked plan,
// the compiler on libseccomp, the prologue for system calls that are newer than the profile, and the
// cache of compiled programs. With Linux and JSON it is a home of `unsafe`: the library binding.
// Never here: when the program is loaded and who takes the listener (Launch), where the cache lies
// (StateStore).
// Imports: Bytes, OCISpec, Linux, CSeccomp.
