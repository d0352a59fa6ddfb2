extension DiagnosisCode {
  var kernelText: (meaning: StaticString, example: StaticString) {
    switch self {
    case .namespacePath:
      (
        """
        The path of a namespace does not name one of that kind. /proc/PID/ns/KIND does while \
        the process lives, and a bind mount of it does after. Correct the path.
        """,
        """
        config.json /linux/namespaces/5/path: open `/proc/4711/ns/net`: not found (ENOENT): \
        there is no process 4711, it is gone
        """
      )
    case .namespaceLimit:
      (
        """
        There are as many namespaces of this kind as the machine allows. The limit is in \
        /proc/sys/user. Raise it, or end containers.
        """,
        """
        start init: clone3: no space left on device (ENOSPC): user.max_net_namespaces is 0
        """
      )
    case .namespaceRefused:
      (
        """
        The kernel does not let this caller make the namespace. Without root the container \
        needs a user namespace; some distributions restrict those. The setting is named where \
        there is one.
        """,
        """
        start init: clone3: not permitted (EPERM): uid 1000 has no CAP_SYS_ADMIN, which \
        namespaces other than user need; add a user namespace with uidMappings and gidMappings, \
        or run as root
        """
      )
    case .mapHelper:
      (
        """
        The id map needs newuidmap and newgidmap, or they refused it. They look into \
        /etc/subuid and /etc/subgid for the caller. The line to add is named.
        """,
        """
        map the ids of the user namespace: newgidmap refused these ids [/linux/gidMappings]; add \
        the line `web:900000:10` to /etc/subuid
        """
      )
    case .sysctlUnknown:
      (
        """
        The kernel has no such setting. Names near it are given. Correct the key, or load the \
        module that has it.
        """,
        """
        set the sysctl `net/ipv4/ip_forwardx`: ...: not found (ENOENT); did you mean \
        `net.ipv4.ip_forward`?
        """
      )
    case .sysctlValue:
      (
        """
        The kernel refuses the value. The value that is in force is named. Some settings take \
        a range, or belong to the host.
        """,
        """
        set the sysctl `net/ipv4/ip_forward`: invalid argument (EINVAL): the kernel refuses the \
        value `yes`, the host has `0` [/linux/sysctl/net.ipv4.ip_forward]
        """
      )
    case .limitHard:
      (
        """
        A resource limit is above the hard limit of the runtime. Raising that needs \
        CAP_SYS_RESOURCE. Ask for less, or raise the limit of whoever starts apus.
        """,
        """
        cannot set RLIMIT_NOFILE: 999999 is above the hard limit 20000
        """
      )
    case .capabilityLeftOut:
      (
        """
        A warning: a capability is unknown to this kernel, or not the caller's to give. The \
        container starts without it. Remove it, or give it to the runtime.
        """,
        """
        /process/capabilities/bounding/5: `CAP_FOO` is not a capability of this kernel
        """
      )
    case .networkDevice:
      (
        """
        The interface is not on the host, or cannot be moved. Interfaces are named as `ip \
        link` shows them. Correct the name.
        """,
        """
        move the network device `eth7`: netlink `eth7`: no such device (ENODEV)
        """
      )
    case .securityLabel:
      (
        """
        The security module that the label is for is not in force. AppArmor and SELinux are \
        compiled in and enabled at boot. Remove the property on this host.
        """,
        """
        set the security label: AppArmor is not in force on this kernel
        """
      )
    case .cgroupBusy:
      (
        """
        The cgroup of the new container is in use. Its processes are named. Give another \
        cgroupsPath, or end them.
        """,
        """
        container's cgroup is not empty: /x: process 4711 (sleep)
        """
      )
    default: kernelText1
    }
  }

  private var kernelText1: (meaning: StaticString, example: StaticString) {
    switch self {
    case .cgroupFrozen:
      (
        """
        The cgroup of the new container is frozen. Nothing could start in it. Write 0 into its \
        cgroup.freeze, or give another cgroupsPath.
        """,
        """
        container's cgroup is frozen: /x
        """
      )
    case .cgroupController:
      (
        """
        A limit needs a controller that is not there. What the cgroup offers is named. Mount \
        or delegate it, or remove the limit.
        """,
        """
        cgroup controller rdma is not available: /sys/fs/cgroup offers hugetlb \
        [/linux/resources/rdma/mlx5_1]; make the controller available there, or remove \
        /linux/resources/rdma/mlx5_1
        """
      )
    case .cgroupForm:
      (
        """
        A warning: cgroupsPath has systemd's form, but the manager is cgroupfs. It names a \
        plain directory then. Give --systemd-cgroup, or write a path.
        """,
        """
        config.json /linux/cgroupsPath: `system.slice:x:y` has systemd's form
        """
      )
    case .cgroupFailed:
      (
        """
        A cgroup could not be made, entered or set. The file and the error number are named. \
        Without root it must be delegated to the caller.
        """,
        """
        the kernel refuses `deep` for cgroup.max.depth with EINVAL \
        [/linux/resources/unified/cgroup.max.depth]
        """
      )
    case .deviceRule:
      (
        """
        A warning: a device is made, but no rule of resources.devices allows it. Opening it \
        will fail. Add a rule that allows it.
        """,
        """
        config.json /linux/devices/0: `/dev/fuse` is made, but no rule allows it
        """
      )
    default: commandText
    }
  }
}
