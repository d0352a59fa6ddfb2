// Rootfs: what the container sees as its files.
//
// Lives here: the root filesystem, mounts, device nodes and links, masked and read-only paths, and the
// change of root. Each in two halves: `…Plan` makes a value from the config without touching anything,
// `…Apply` carries the value to the kernel, one step at a time. `InRootResolver` is the only way
// to a path below the root filesystem: nothing else opens, makes or removes a name there.
// Never here: the order of the steps (Plan), in which process they run (Launch), cgroups, the terminal.
// Imports: Bytes, OCISpec, Linux.
