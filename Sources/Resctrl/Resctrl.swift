// Resctrl: the group of the kernel's resource control (caches, memory bandwidth) that a container is in.
//
// Lives here: `linux.intelRdt` as a `ResctrlPlan`; the group below /sys/fs/resctrl: made or looked at,
// joined, removed.
// Never here: a cgroup, when in a `create` something happens.
// Imports: Bytes, OCISpec, Linux.
//
// Rule: the root is opened once and checked; below it nothing is reached through a link or another
// mount.
