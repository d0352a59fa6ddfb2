// Cgroups: the container's place in the cgroup v2 hierarchy, and what is limited there.
//
// Lives here: `linux.cgroupsPath`, `linux.resources` and the rules of delegation as a `CgroupPlan`; the
// managers that make such a place (cgroupfs, systemd); and what can be done with it afterwards:
// freeze, kill, list, measure, change, remove.
// Never here: cgroup v1, a process of the container, when in a `create` something happens.
// Imports: Bytes, OCISpec, Linux, DBus.
//
// Rule: the cgroup2 root is opened once and checked; below it a file is only ever opened with
// `openat2` that refuses links, other mounts and every way out.
