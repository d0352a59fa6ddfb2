extension DiagnosisCode {
  var programText: (meaning: StaticString, example: StaticString) {
    switch self {
    case .execAbsent:
      (
        """
        The program is not in the container's root filesystem. The path is looked up inside \
        it, never on the host. Names near it, if there are any, are given.
        """,
        """
        exec: "/bin/bsh": no such file or directory: not in the root filesystem; did you mean \
        `/bin/bash`?
        """
      )
    case .execNotInPath:
      (
        """
        The name has no slash, and no directory of PATH has such a program. PATH is that of \
        process.env, or a default one if it has none. Set PATH, or give the whole path.
        """,
        """
        exec: "tool": executable file not found in $PATH: searched /bin
        """
      )
    case .execOneString:
      (
        """
        args[0] holds a whole command line. The program and each of its arguments are strings \
        of their own. No shell takes them apart.
        """,
        """
        exec: "/bin/sh -c true": no such file or directory: args[0] has spaces in it, a whole \
        command line; give each argument a string of its own: ["/bin/sh", "-c", "true"]
        """
      )
    case .execEmptyRoot:
      (
        """
        The root filesystem has no files. Nothing was unpacked or mounted there. Check \
        root.path and what the engine or script put there.
        """,
        """
        exec: "sh": executable file not found in $PATH: the root filesystem is empty
        """
      )
    case .execDanglingLink:
      (
        """
        The program is a symbolic link to something that is not there. Absolute links are \
        resolved inside the container. Install the target, or correct the link.
        """,
        """
        exec: "/bin/x": no such file or directory: `/bin/x` is a link to `/opt/x`, which is not \
        in the root filesystem; install the target, or correct the link
        """
      )
    case .execOtherPrefix:
      (
        """
        The program exists below another directory. Paths of args are those of the container, \
        so the path of the root filesystem must not stand before them. Use the path that is \
        named.
        """,
        """
        exec: "/b/rootfs/bin/sh": no such file or directory: inside the container it is \
        `/bin/sh`
        """
      )
    case .execInterpreter:
      (
        """
        The script is there, its interpreter is not. The first line of the script, behind #!, \
        names it. Install the interpreter, or correct the line.
        """,
        """
        exec: "/s": no such file or directory: `/bin/bash`, the interpreter in line 1 of `/s`, \
        is not in the root filesystem; install the interpreter, or correct the #! line
        """
      )
    case .execShebang:
      (
        """
        The first line of the script cannot name its interpreter: a carriage return at its \
        end, a byte order mark before #!, or no name at all. Editors of other systems write \
        these. Convert the file, as dos2unix does.
        """,
        """
        exec: "/s": no such file or directory: line 1 of `/s` ends in CR (a carriage return): \
        its interpreter is `/bin/sh\\x0d`; convert the line ends (dos2unix)
        """
      )
    case .execNoShebang:
      (
        """
        The file is text without #! in its first two bytes. A shell would run it all the same, \
        the kernel does not. Begin it with #!/bin/sh, or execute the interpreter with the file \
        as its argument.
        """,
        """
        exec: "/run.sh": exec format error (ENOEXEC): it is a text without a #! line
        """
      )
    case .execLoader:
      (
        """
        The program is dynamically linked, and its loader is not in the root filesystem. A \
        glibc program in a musl image is the usual case. Install the loader's libc, or link \
        statically.
        """,
        """
        exec: "/app": no such file or directory: its loader `/lib64/ld-linux-x86-64.so.2` is \
        not in the root filesystem
        """
      )
    case .execArchitecture:
      (
        """
        The file is for another machine or system, or no program at all. No binfmt_misc handler \
        runs it here. Take an image for this architecture, or register an emulator.
        """,
        """
        exec: "/bin/x": exec format error (ENOEXEC): it is built for aarch64, this machine is \
        x86_64
        """
      )
    default: programText1
    }
  }

  private var programText1: (meaning: StaticString, example: StaticString) {
    switch self {
    case .execTruncated:
      (
        """
        The file is empty, or ends before an executable does. A copy or download was cut \
        short. Write it again.
        """,
        """
        exec: "/b": exec format error (ENOEXEC): `/b` is an empty file; write or copy it again
        """
      )
    case .execMode:
      (
        """
        The mode of the file does not let this user execute it. The mode and the owner are \
        named. Set the x bit, or run as the owner.
        """,
        """
        exec: "/run.sh": permission denied: mode 0644 has no x bit; chmod +x it
        """
      )
    case .execDirectory:
      (
        """
        The program is a directory. A path that ends too early is the usual reason. Name a \
        file in it.
        """,
        """
        exec: "/etc": is a directory: permission denied
        """
      )
    case .execNotAFile:
      (
        """
        The program is a device, a FIFO or a socket. Only regular files are executed. Name the \
        program.
        """,
        """
        exec: "/dev/null": permission denied: `/dev/null` is a character device; name a regular \
        file
        """
      )
    case .execClosedDirectory:
      (
        """
        A directory on the way to the program does not let the container's user through. Its \
        mode and owner are named. Give x for others, or run as another user.
        """,
        """
        exec: "/root/x": permission denied: uid 1000 may not search `/root` (mode 0700, owner \
        0:0)
        """
      )
    case .execNoexec:
      (
        """
        The program lies on a mount with noexec. The mount is named. Take noexec off its \
        options, or put the program elsewhere.
        """,
        """
        exec: "/opt/x": permission denied: `/opt` is mounted noexec
        """
      )
    case .execFilter:
      (
        """
        The seccomp filter refuses execve. Init itself must be allowed to execute the program. \
        Allow execve in the profile.
        """,
        """
        exec: "true": permission denied: seccomp rule 0 answers execve with EPERM \
        [/linux/seccomp/syscalls/0]; allow execve in /linux/seccomp
        """
      )
    case .execRefused:
      (
        """
        The kernel refuses the program though its mode allows it. A security module, such as \
        SELinux or AppArmor, may be the reason. Its log (dmesg, audit) says more.
        """,
        """
        exec: "/bin/x": permission denied: its mode, its mount and its interpreter allow it; see \
        what a security module or a seccomp filter says (dmesg, audit log)
        """
      )
    case .execFailed:
      (
        """
        The kernel could not execute the program. Its error number says why. `man 2 execve` \
        lists what each means.
        """,
        """
        exec: "/bin/x": text file busy (ETXTBSY)
        """
      )
    case .cwd:
      (
        """
        The working directory cannot be entered: it is not there, is no directory, or is \
        closed to the user. A missing one is made only if it is below a writable root. Correct \
        process.cwd.
        """,
        """
        create the working directory `/x`: openat2 `/x`: no directory (ENOTDIR): `/x` is a file \
        and no directory [/process/cwd]; correct process.cwd
        """
      )
    case .initDied:
      (
        """
        Init ended without a word. The memory limit or the seccomp filter is mostly the \
        reason. The signal says which.
        """,
        """
        init was killed by signal 9
        """
      )
    case .programKilled:
      (
        """
        The program was killed by a signal. Status 128 and the signal's number is the answer. \
        SIGSYS comes from the seccomp filter, SIGKILL often from a memory limit.
        """,
        """
        the program was killed by SIGSEGV
        """
      )
    default: mountText
    }
  }
}
