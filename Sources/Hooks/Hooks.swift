// Hooks: programs of the caller that run at fixed points of a container's life.
//
// Lives here: which hooks run at which point, and how one of them is run: its descriptors, its
// environment, its time limit, what is said when it fails.
// Never here: when a point is reached, in which namespace the caller stands, what a failure undoes.
// Imports: Bytes, Linux, OCISpec, Tracing.
