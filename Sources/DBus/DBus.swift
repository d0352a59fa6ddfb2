// DBus: a client of a message bus, as far as systemd needs one.
//
// Lives here: the wire format (D-Bus specification, "Marshaling"), authentication by user id, method
// calls with their replies, signals, bus addresses. Every wait ends.
// Never here: a name of systemd's, a unit, a cgroup.
// Imports: Bytes, Linux.
//
// Not libdbus: its static archive needs functions of libsystemd, of which Debian ships no static
// archive, and asks the name service of glibc, which a static program loads from the host at run time.
