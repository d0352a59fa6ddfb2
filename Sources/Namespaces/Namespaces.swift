// Namespaces: which namespaces a container has, and what is set inside them.
//
// Lives here: the kinds of namespaces, which are new and which are joined, host and domain name,
// sysctls, id maps, clock offsets, network devices: each as a checked plan and as steps that put it
// in force.
// Never here: the clone itself and which process joins what (Launch), mounts (Rootfs), the order of
// steps (Plan).
// Imports: Bytes, OCISpec, Linux.
