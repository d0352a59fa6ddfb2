load helpers

# profile JQ: the filter.
profile() {
  config ".linux.seccomp = $1"
}

calls() {
  local script= call
  for call in "$@"; do script+="probe call $call; "; done
  shell "$script"
  foreground
}

@test "SE-1 SE-7 SE-10: a call that the profile refuses fails with the errno it names, EPERM by default" {
  profile '{defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["getsid"], action: "SCMP_ACT_ERRNO", errnoRet: 5},
    {names: ["getppid", "personality"], action: "SCMP_ACT_ERRNO"}]}'
  calls getsid getppid personality getuid
  exits 0
  is "$output" 'getsid: Input/output error
getppid: Operation not permitted
personality: Operation not permitted
getuid = 0'
}

@test "SE-1 SE-2: the default action and its errno apply to every call that is not listed" {
  allowed="$(strace_calls)"
  profile "{defaultAction: \"SCMP_ACT_ERRNO\", defaultErrnoRet: 38, syscalls: [{names: [$allowed], action: \"SCMP_ACT_ALLOW\"}]}"
  args probe call getppid
  prints 'getppid: Function not implemented'
}

# What a static program and the way to it need.
strace_calls() {
  printf '"%s",' read write close fstat newfstatat lseek mmap mprotect munmap brk rt_sigaction rt_sigprocmask ioctl \
    pread64 access execve execveat exit uname fcntl getcwd chdir readlink readlinkat umask getuid setuid setgid setgroups \
    setresuid setresgid capget capset prctl arch_prctl futex set_tid_address set_robust_list prlimit64 getrandom rseq \
    clock_gettime openat openat2 close_range gettid tgkill getpid sigaltstack epoll_ctl epoll_pwait epoll_create1 \
    rt_sigreturn nanosleep madvise sched_yield getdents64 statfs fstatfs statx faccessat faccessat2 fchown sched_getaffinity \
    clone3 poll ppoll sendmsg recvmsg sendto recvfrom socketpair dup dup2 dup3 pipe2 kill seccomp eventfd2 write writev unlinkat
  printf '"exit_group"'
}

@test "SE-9: KILL_PROCESS ends the program with SIGSYS, TRAP sends it, LOG lets it pass" {
  profile '{defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["add_key"], action: "SCMP_ACT_KILL_PROCESS"},
    {names: ["kcmp"], action: "SCMP_ACT_TRAP"}, {names: ["personality"], action: "SCMP_ACT_LOG"},
    {names: ["sync"], action: "SCMP_ACT_KILL"}]}'
  shell 'probe call add_key; echo $?; probe call kcmp; echo $?; probe call sync; echo $?; probe call personality 0xffffffff'
  foreground
  exits 0
  is "$(grep -v '^Bad' <<<"$output")" '159
159
159
personality = 0'
}

@test "SE-11: arguments are compared with every operator" {
  profile '{defaultAction: "SCMP_ACT_ALLOW", syscalls: [
    {names: ["getsid"], action: "SCMP_ACT_ERRNO", errnoRet: 10, args: [{index: 0, value: 10, op: "SCMP_CMP_EQ"}]},
    {names: ["getppid"], action: "SCMP_ACT_ERRNO", errnoRet: 11, args: [{index: 0, value: 10, op: "SCMP_CMP_GT"}]},
    {names: ["getuid"], action: "SCMP_ACT_ERRNO", errnoRet: 12, args: [{index: 1, value: 240, valueTwo: 48, op: "SCMP_CMP_MASKED_EQ"}]},
    {names: ["getgid"], action: "SCMP_ACT_ERRNO", errnoRet: 13, args: [{index: 0, value: 5, op: "SCMP_CMP_LE"}, {index: 1, value: 7, op: "SCMP_CMP_NE"}]}]}'
  calls 'getppid 10' 'getppid 11' 'getuid 0 0x13' 'getuid 0 0x3f' 'getgid 5 7' 'getgid 5 8' 'getgid 6 8' 'getsid 10'
  exits 0
  is "$(sed 's/= [0-9]*/= N/' <<<"$output")" 'getppid = N
getppid: Resource temporarily unavailable
getuid = N
getuid: Cannot allocate memory
getgid = N
getgid: Permission denied
getgid = N
getsid: No child processes'
}

@test "SE-11 JS-4: two conditions on one argument are alternatives, and a value may need 64 bits" {
  profile '{defaultAction: "SCMP_ACT_ALLOW", syscalls: [
    {names: ["getgid"], action: "SCMP_ACT_ERRNO", errnoRet: 13, args: [{index: 0, value: 5, op: "SCMP_CMP_EQ"}, {index: 0, value: 77, op: "SCMP_CMP_EQ"}]}]}'
  shell 'for v in 5 -1 6; do probe call getgid $v; done'
  # jq would round the number.
  sed -i 's/"value": 77/"value": 18446744073709551615/' "$BUNDLE/config.json"
  foreground
  exits 0
  is "$output" 'getgid: Permission denied
getgid: Permission denied
getgid = 0'
}

@test "SE-3: more architectures can be named; unknown ones are refused" {
  [ "$(uname -m)" = x86_64 ] || skip "the architectures are those of x86_64"
  profile '{defaultAction: "SCMP_ACT_ALLOW", architectures: ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"],
    syscalls: [{names: ["getsid"], action: "SCMP_ACT_ERRNO"}]}'
  calls getsid
  is "$output" 'getsid: Operation not permitted'
  profile '{defaultAction: "SCMP_ACT_ALLOW", architectures: ["SCMP_ARCH_NOSUCH"]}'
  refused NOSUCH
}

@test "SE-4: known flags are accepted; unknown ones are refused" {
  unlike "crun" "drops flags it does not know"
  profile '{defaultAction: "SCMP_ACT_ALLOW", flags: ["SECCOMP_FILTER_FLAG_LOG", "SECCOMP_FILTER_FLAG_SPEC_ALLOW"],
    syscalls: [{names: ["getsid"], action: "SCMP_ACT_ERRNO"}]}'
  calls getsid
  is "$output" 'getsid: Operation not permitted'
  profile '{defaultAction: "SCMP_ACT_ALLOW", flags: ["SECCOMP_FILTER_FLAG_NOSUCH"], syscalls: [{names: ["getsid"], action: "SCMP_ACT_ERRNO"}]}'
  refused NOSUCH
}

@test "AN-5: a call that libseccomp does not know is a warning, or on request an error" {
  unlike runc "does not know the annotation"
  config '.linux.seccomp = {defaultAction: "SCMP_ACT_LOG", syscalls: [{names: ["no_such_call"], action: "SCMP_ACT_ALLOW"}]}'
  args true
  local value
  for value in '{}' '{"run.oci.seccomp_fail_unknown_syscall": "0"}'; do
    config '.annotations = $a' --argjson a "$value"
    foreground
    exits 0
  done
  config '.annotations = {"run.oci.seccomp_fail_unknown_syscall": "1"}'
  if [ "$RUNTIME_NAME" = crun ]; then refused; else refused /linux/seccomp/syscalls no_such_call; fi
}

@test "SE-1 SE-8 SE-9 VV-1: what is missing, empty or unknown is refused" {
  profile '{syscalls: [{names: ["getsid"], action: "SCMP_ACT_ERRNO"}]}'
  refused ""
  profile '{defaultAction: "SCMP_ACT_NOSUCH"}'
  refused ""
  profile '{defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["getsid"], action: "SCMP_ACT_NOSUCH"}]}'
  refused ""
  profile '{defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["getsid"], action: "SCMP_ACT_ERRNO", args: [{index: 0, value: 1, op: "SCMP_CMP_NOSUCH"}]}]}'
  refused ""
}

@test "SE-8 SE-11: an empty list of names, and an argument that no call has, are refused" {
  unlike "crun runc" "takes one of them"
  profile '{defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: [], action: "SCMP_ACT_ERRNO"}]}'
  refused /linux/seccomp/syscalls/0/names
  profile '{defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["getsid"], action: "SCMP_ACT_ERRNO", args: [{index: 6, value: 1, op: "SCMP_CMP_EQ"}]}]}'
  refused /linux/seccomp/syscalls/0/args/0/index
}

@test "SE-2 SE-10: an errno for an action that takes none is refused" {
  unlike "runc crun" "ignores it in places"
  profile '{defaultAction: "SCMP_ACT_ALLOW", defaultErrnoRet: 5}'
  refused /linux/seccomp/defaultErrnoRet
  profile '{defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["getsid"], action: "SCMP_ACT_KILL", errnoRet: 5}]}'
  refused /linux/seccomp/syscalls/0/errnoRet
}

@test "SE-6: listenerMetadata without listenerPath is refused" {
  unlike "runc crun" "ignores it"
  profile '{defaultAction: "SCMP_ACT_ALLOW", listenerMetadata: "x"}'
  refused /linux/seccomp/listenerMetadata
}

@test "SE-5: a listenerPath that no rule needs is not even connected to" {
  unlike "crun" "connects"
  profile '{defaultAction: "SCMP_ACT_ALLOW", listenerPath: "/no/such/socket"}'
  args true
  foreground
  exits 0
}

@test "SE-8: a name that the library does not know is skipped where that makes the filter no weaker" {
  profile "{defaultAction: \"SCMP_ACT_ERRNO\", syscalls: [{names: [\"nosuchcall\", $(strace_calls)], action: \"SCMP_ACT_ALLOW\"}]}"
  args probe call getppid
  prints 'getppid: Operation not permitted'
  is_peer && return
  # Said when compiled, and when the cache has it.
  local i
  for i in 1 2; do
    foreground
    is "$stderr" ""
    attempt --log-level debug run --bundle "$BUNDLE" "$ID"
    exits 0
    has "$stderr" seccomp nosuchcall
  done
}

@test "SE-9: a rule that repeats the default action is skipped" {
  profile '{defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["getsid"], action: "SCMP_ACT_ALLOW"}, {names: ["getppid"], action: "SCMP_ACT_ERRNO"}]}'
  calls getppid
  is "$output" 'getppid: Operation not permitted'
}

@test "PR-12: a filter works with and without no_new_privs, and does not set it behind the configuration's back" {
  profile '{defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["getsid"], action: "SCMP_ACT_ERRNO"}]}'
  shell 'grep -E "^(NoNewPrivs|Seccomp):" /proc/self/status; probe call getsid'
  config '.process.noNewPrivileges = false'
  prints $'NoNewPrivs:\t0
Seccomp:\t2
getsid: Operation not permitted'
  config '.process.noNewPrivileges = true'
  prints $'NoNewPrivs:\t1
Seccomp:\t2
getsid: Operation not permitted'
}

@test "a filter holds for another user with no capabilities too" {
  config '.process.user = {uid: 1000, gid: 1000} | .process.capabilities = {} | .process.noNewPrivileges = false'
  profile '{defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["getsid"], action: "SCMP_ACT_ERRNO"}]}'
  calls getsid
  exits 0
  is "$output" 'getsid: Operation not permitted'
}

@test "SE-7: a profile that kills the first call is legal: the program dies" {
  profile '{defaultAction: "SCMP_ACT_KILL_PROCESS", syscalls: []}'
  args true
  foreground
  [ "$status" -ne 0 ]
  nothing_left
}

@test "a call that is newer than the profile answers ENOSYS where a refusal is the rule" {
  unlike "crun" "answers EPERM"
  profile "{defaultAction: \"SCMP_ACT_ERRNO\", syscalls: [{names: [$(strace_calls)], action: \"SCMP_ACT_ALLOW\"}]}"
  args probe call fchmodat2
  prints 'fchmodat2: Function not implemented'
}

@test "SE-1: the second container with a profile is filtered as the first was" {
  unlike "crun" "takes the filter of another errno from its cache"
  profile '{defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["getsid"], action: "SCMP_ACT_ERRNO", errnoRet: 5}]}'
  calls getsid
  is "$output" 'getsid: Input/output error'
  calls getsid
  is "$output" 'getsid: Input/output error'
  profile '{defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["getsid"], action: "SCMP_ACT_ERRNO", errnoRet: 6}]}'
  calls getsid
  is "$output" 'getsid: No such device or address'
}
