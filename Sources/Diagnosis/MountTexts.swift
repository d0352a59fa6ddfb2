extension DiagnosisCode {
  var mountText: (meaning: StaticString, example: StaticString) {
    switch self {
    case .mountSource:
      (
        """
        What is to be mounted is not there on the host. A relative source is looked up in \
        the bundle. Make it, or correct the source.
        """,
        """
        bind `/nope` on `/data`: open the source `/nope`: not found (ENOENT) [/mounts/7]
        """
      )
    case .mountKinds:
      (
        """
        A directory cannot be mounted on a file, nor a file on a directory. Which of the two \
        is which is named. Change one of them; a destination that is not there is made of the \
        right kind.
        """,
        """
        bind `/tmp` on `/bin/x`: ... the source is a directory, the destination a file
        """
      )
    case .mountFilesystem:
      (
        """
        The kernel has no filesystem of that type. /proc/filesystems lists those it has. Load \
        its module, or correct the type: a bind mount has the option `bind`.
        """,
        """
        mount `tmpfsx` on `/t`: fsopen `tmpfsx`: no such device (ENODEV): this kernel has no \
        such filesystem
        """
      )
    case .mountOption:
      (
        """
        The filesystem or the kernel refuses an option. The kernel's own words are in the line \
        where it has any. Correct the option.
        """,
        """
        mount `tmpfs` on `/t`: fsconfig `nosuidd: tmpfs: Unknown parameter 'nosuidd'`: invalid \
        argument (EINVAL)
        """
      )
    case .mountUnmapped:
      (
        """
        An option gives an owner that is not in the container's id map. Inside a user \
        namespace only mapped ids can own files. Add it to the map, or take the option out.
        """,
        """
        mount `devpts` on `/dev/pts`: invalid argument (EINVAL): gid 5 is not mapped: \
        /linux/gidMappings has no group 5 [/mounts/2]; map it, or remove `gid=5` from \
        /mounts/2/options
        """
      )
    case .mountOverlay:
      (
        """
        A layer of the overlay cannot be used. lowerdir must exist, upperdir and workdir must \
        lie on one mount. The directory is named.
        """,
        """
        mount `overlay` on `/o`: ... lowerdir `/b/low` is not there
        """
      )
    case .mountNamespace:
      (
        """
        The filesystem belongs to a namespace that the container does not have. The kernel \
        mounts it only for whoever owns that namespace. Add the namespace, or bind the host's \
        mount.
        """,
        """
        mount `mqueue` on `/mq`: fsconfig `create`: not permitted (EPERM): a new mqueue needs an \
        ipc namespace of the container's own [/mounts/5]; add it to /linux/namespaces
        """
      )
    case .mountLocked:
      (
        """
        A mount that came from a more privileged namespace keeps its flags. In a user \
        namespace they cannot be cleared. Give the mount the same options.
        """,
        """
        bind `/x` on `/data`: mount_setattr: not permitted (EPERM): its source is mounted \
        nosuid, which a user namespace may not undo [/mounts/5]; give /mounts/5/options nosuid
        """
      )
    case .mountHidden:
      (
        """
        A warning: a later mount covers an earlier one, which nobody will see. Mounts are made \
        in the order of the list. Move the outer one before the inner one.
        """,
        """
        config.json /mounts/8: `/data` hides /mounts/7 (`/data/in`)
        """
      )
    case .mountOverMounted:
      (
        """
        A new procfs or sysfs would show what is covered in the old one, so the kernel refuses \
        it in a user namespace. The covered path is named. Bind the old one, or uncover it.
        """,
        """
        mount `proc` on `/proc`: a new procfs must not show what is mounted over in the host's \
        `/proc/acpi`: not permitted (EPERM) [/mounts/0]
        """
      )
    case .mountClosed:
      (
        """
        The caller may not search a directory on the way to the source. Its mode and owner are \
        named. Give x for others, or move the source.
        """,
        """
        bind `/root/x` on `/data`: ...: uid 1000 may not search `/root` (mode 0700, owner 0:0)
        """
      )
    default: mountText1
    }
  }

  private var mountText1: (meaning: StaticString, example: StaticString) {
    switch self {
    case .mountTarget:
      (
        """
        The place of the mount cannot be made. The root filesystem is read-only or closed \
        there. Make it before, or mount a writable filesystem above it.
        """,
        """
        mount `tmpfs` on `/data`: mkdir `data`: read-only file system (EROFS)
        """
      )
    case .mountFailed:
      (
        """
        The kernel refused the mount. Its error number and the property are named. `man 2 \
        mount` lists what each means.
        """,
        """
        remount `/tmp`: mount: invalid argument (EINVAL) [/mounts/5]
        """
      )
    case .rootAbsent:
      (
        """
        root.path does not name a directory. It is absolute, or relative to the bundle. \
        Correct it, or unpack the root filesystem there.
        """,
        """
        config.json /root/path: there is no directory `/b/rootfs2`
        """
      )
    default: kernelText
    }
  }
}
