extension DiagnosisCode {
  var commandText: (meaning: StaticString, example: StaticString) {
    switch self {
    case .hookAbsent:
      (
        """
        A hook's path does not exist. Hooks of the host are looked up on the host, others in \
        the container. Install it, or correct the path.
        """,
        """
        hook /hooks/createRuntime/0 `/opt/x`: execve failed with ENOENT: `/opt/x` is not on the \
        host; install it
        """
      )
    case .hookMode:
      (
        """
        A hook cannot be executed. Its mode, its interpreter or its format forbids it. The \
        reason is named.
        """,
        """
        hook /hooks/createRuntime/0 `/x`: execve failed with EACCES: `/x` has mode 0644, owner \
        0:0: nobody may execute it, it has no x bit; chmod +x /x
        """
      )
    case .hookExit:
      (
        """
        A hook ended with a failure. What it wrote last is in the line. Run it by hand with \
        the state on standard input.
        """,
        """
        hook /hooks/createRuntime/0 `/bin/sh` `-c` `echo boom; exit 3`: exited with status 3 after 2 ms: \
        boom
        """
      )
    case .hookTimeout:
      (
        """
        A hook did not end within its timeout, and was killed. The timeout is in seconds. Give \
        it more, or see what it waits for.
        """,
        """
        hook /hooks/createRuntime/0 `/bin/x`: timed out after 1 s
        """
      )
    case .stateRoot:
      (
        """
        The directory of containers cannot be used. It is --root, else below XDG_RUNTIME_DIR \
        or /run. The reason is named.
        """,
        """
        open `/f/root`: no directory (ENOTDIR): `/f` is a file; give --root a directory that can \
        be written
        """
      )
    case .descriptors:
      (
        """
        The runtime has no descriptors left. A dozen and a few for each mount are needed. \
        Raise RLIMIT_NOFILE of the caller.
        """,
        """
        RLIMIT_NOFILE is 12: making this container takes up to 24 descriptors; raise it (ulimit -n)
        """
      )
    case .preservedHole:
      (
        """
        A warning: --preserve-fds counts descriptors that are not open. They are passed on as \
        a row from 3 on. The closed ones are named.
        """,
        """
        --preserve-fds 2: descriptor 4 is not open
        """
      )
    case .containerAbsent:
      (
        """
        There is no container of this id below the state root. Another --root or another user \
        has other containers. If it is found elsewhere, that root is named.
        """,
        """
        container does not exist: `x`; there is one below /run/apus: give --root /run/apus
        """
      )
    case .containerState:
      (
        """
        The container is in a state in which the command is not possible. The state is named. \
        Kill it, start it or delete it first.
        """,
        """
        cannot delete container ID that is not stopped: running; kill it first (apus kill ID KILL), \
        or give --force
        """
      )
    case .containerExists:
      (
        """
        The id is taken. Ids are unique below one state root. Delete the old container, or \
        take another id.
        """,
        """
        container with given ID already exists
        """
      )
    case .terminal:
      (
        """
        process.terminal and the way the container is started do not fit. A detached container \
        hands its terminal over --console-socket; in the foreground standard input is typed into \
        it, whatever that is, and its end ends the input. Set terminal to false, or give the socket.
        """,
        """
        --console-socket: cannot connect to `/run/c`: ENOENT: `/run/c` is not there; start the \
        receiver first: it makes the socket and listens
        """
      )
    case .seccompUnknown:
      (
        """
        A warning: the profile names system calls that the installed libseccomp does not know. \
        Their rules are left out, so the filter is weaker than it is written. Install a newer \
        libseccomp, or correct the names.
        """,
        """
        seccomp: libseccomp does not know these system calls, and the filter does not block \
        them: no_such_call
        """
      )
    default: ("", "")
    }
  }
}
