// Linux: the kernel's interface in types.
//
// Lives here: one file for each noun of the kernel (a descriptor, a mount, a process, a terminal), in
// folders (Errors, Files, Mounts, Processes, Namespaces, Security, IO, HostFacts), each call with a
// typed error that names the call and its subject. With the library bindings it is the only home of
// `unsafe`.
// Never here: a JSON key, a field of the specification, an order of steps, a path of apus' own.
// Imports: Bytes, CShim, CCap.
//
// Rules: every descriptor is born close-on-exec; calls take a `Handle` (borrowed) and give a
// `FileDescriptor` (owned, closed once); no result of the kernel is dropped.
