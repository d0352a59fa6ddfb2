// Cgroups: the container's cgroup on cgroup v2, and its limits.
//
// Lives here: `Plan`, what `linux.cgroupsPath` and `linux.resources` ask for; `Limits` and `Devices`, the
// same as writes to files and as a device program; `Cgroupfs` and `Systemd`, the two managers that
// make a cgroup, behind `CgroupManager`; `Statistics`, what a container uses. `Cgroup` is what the
// other modules hold: freeze, kill, list, measure, change, remove.
// Never here: cgroup v1, a process of the container, when in a `create` something happens.
// Imports: Bytes, OCISpec, Linux, DBus.
//
// Rule: the root of cgroup2 is opened once and checked; below it a file is only ever opened with
// `openat2` that refuses links, other mounts and every way out.
