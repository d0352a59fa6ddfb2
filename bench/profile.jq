# Puts the seccomp profile of the containers project into a config, as an engine would: the rules for
# this architecture and for the capabilities that the process has.
.process.capabilities.bounding as $capabilities
| ($profile[0]) as $p
| .linux.seccomp = {
    defaultAction: $p.defaultAction,
    defaultErrnoRet: $p.defaultErrnoRet,
    architectures: [$p.archMap[] | select(.architecture == "SCMP_ARCH_X86_64") | .architecture, .subArchitectures[]],
    syscalls: [$p.syscalls[]
      | select((.includes.caps // []) | all(. as $c | $capabilities | index($c)))
      | select((.excludes.caps // []) | any(. as $c | $capabilities | index($c)) | not)
      | select((.includes.arches // ["amd64"]) | any(. == "amd64" or . == "x86"))
      | select((.excludes.arches // []) | any(. == "amd64") | not)
      | {names, action} + (if .args then {args} else {} end)
        + (if .errnoRet then {errnoRet} else {} end)]
  }
