load helpers

# What a profile does: tried and compared without a container.

local_setup() {
  PROFILE=$BATS_TEST_TMPDIR/profile.json
  OTHER=$BATS_TEST_TMPDIR/other.json
}

# profile FILE JQ
profile() { jq -nc "$2" >"$1"; }

# answer WORD…: the rows of `seccomp test` for this machine's own architecture and all others, columns by one blank.
answer() {
  attempt seccomp test "$@"
  sed -E "s/^$(uname -m) +/own /; s/ {2,}/ /g" "$BATS_TEST_TMPDIR/stdout"
}

@test "seccomp test says the action, the errno and the rule in a config.json" {
  config '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [
    {names: ["getsid"], action: "SCMP_ACT_ALLOW"}, {names: ["getsid", "add_key"], action: "SCMP_ACT_ERRNO", errnoRet: 5},
    {names: ["keyctl"], action: "SCMP_ACT_KILL_PROCESS"}]}'
  is "$(answer "$BUNDLE/config.json" getsid)" 'own SCMP_ACT_ERRNO EIO /linux/seccomp/syscalls/1
others SCMP_ACT_KILL_THREAD /linux/seccomp/architectures'
  attempt seccomp test "$BUNDLE/config.json" getsid
  exits 1
  has "$(answer "$BUNDLE/config.json" keyctl)" 'own SCMP_ACT_KILL_PROCESS /linux/seccomp/syscalls/2'
  has "$(answer "$BUNDLE/config.json" getuid)" 'own SCMP_ACT_ALLOW /linux/seccomp/defaultAction'
  attempt seccomp test "$BUNDLE/config.json" getuid
  exits 0
}

@test "seccomp test answers what the kernel answers, for every value of an argument" {
  config '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [
    {names: ["getsid"], action: "SCMP_ACT_ERRNO", errnoRet: 10, args: [{index: 0, value: 10, op: "SCMP_CMP_EQ"}]},
    {names: ["getsid"], action: "SCMP_ACT_ERRNO", errnoRet: 11, args: [{index: 0, value: 4294967296, op: "SCMP_CMP_GT"}]},
    {names: ["getsid"], action: "SCMP_ACT_ERRNO", errnoRet: 12, args: [{index: 0, value: 48, valueTwo: 16, op: "SCMP_CMP_MASKED_EQ"}]}]}'
  answers_of() { answer "$BUNDLE/config.json" getsid "$1" | head -n 1; }
  is "$(answers_of 10)" 'own SCMP_ACT_ERRNO ECHILD /linux/seccomp/syscalls/0'
  is "$(answers_of 0xA)" 'own SCMP_ACT_ERRNO ECHILD /linux/seccomp/syscalls/0'
  is "$(answers_of 0x100000001)" 'own SCMP_ACT_ERRNO EAGAIN /linux/seccomp/syscalls/1'
  is "$(answers_of 16)" 'own SCMP_ACT_ERRNO ENOMEM /linux/seccomp/syscalls/2'
  is "$(answers_of 0)" 'own SCMP_ACT_ALLOW /linux/seccomp/defaultAction'
  # The kernel says the same.
  shell 'for i in 10 4294967297 16; do probe call getsid $i; done'
  foreground
  is "$output" 'getsid: No child processes
getsid: Resource temporarily unavailable
getsid: Cannot allocate memory'
}

@test "seccomp test lists each case where an argument decides that was not given" {
  profile "$PROFILE" '{defaultAction: "SCMP_ACT_ERRNO", syscalls: [
    {names: ["personality"], action: "SCMP_ACT_ALLOW", args: [{index: 0, value: 8, op: "SCMP_CMP_EQ"}]}]}'
  is "$(answer "$PROFILE" personality | head -n 2)" 'own SCMP_ACT_ALLOW /syscalls/0 if argument 0 == 0x8
own SCMP_ACT_ERRNO EPERM /defaultAction otherwise'
  attempt seccomp test "$PROFILE" personality
  exits 1
  attempt seccomp test --format json "$PROFILE" personality
  follows seccomp-test
  is "$(jq -r '.answers[0].condition' <<<"$output")" 'if argument 0 == 0x8'
  attempt seccomp test "$PROFILE" personality 8
  exits 0
}

@test "seccomp test answers for each architecture of the profile, and JSON has the numbers" {
  [ "$(uname -m)" = x86_64 ] || skip "it names x86"
  profile "$PROFILE" '{defaultAction: "SCMP_ACT_ERRNO", architectures: ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86"],
    syscalls: [{names: ["socket", "mkdir"], action: "SCMP_ACT_ALLOW"}]}'
  attempt seccomp test --format json "$PROFILE" mkdir
  exits 0
  follows seccomp-test
  is "$(jq -c '[.call, (.answers[] | [.architecture, .number, .action, .pointer])]' <<<"$output")" \
    '["mkdir",["SCMP_ARCH_X86_64",83,"SCMP_ACT_ALLOW","/syscalls/0"],["SCMP_ARCH_X86",39,"SCMP_ACT_ALLOW","/syscalls/0"],[null,null,"SCMP_ACT_KILL_THREAD","/architectures"]]'
  # i386 has the call beside socketcall(2).
  attempt seccomp test --format json "$PROFILE" socket
  is "$(jq -c '[.answers[:2][] | [.number, .action]]' <<<"$output")" '[[41,"SCMP_ACT_ALLOW"],[359,"SCMP_ACT_ALLOW"]]'
  # By number, and one that is newer than the profile.
  has "$(answer "$PROFILE" 83)" 'own SCMP_ACT_ALLOW /syscalls/0'
  has "$(answer "$PROFILE" 999)" 'own SCMP_ACT_ERRNO ENOSYS no rule: newer than the profile'
}

@test "seccomp test reads the profiles of engines, with the rules that hold here" {
  [ "$(uname -m)" = x86_64 ] || skip "it names amd64"
  profile "$PROFILE" '{defaultAction: "SCMP_ACT_ERRNO", defaultErrnoRet: 38, archMap: [
      {architecture: "SCMP_ARCH_AARCH64", subArchitectures: ["SCMP_ARCH_ARM"]},
      {architecture: "SCMP_ARCH_X86_64", subArchitectures: ["SCMP_ARCH_X86"]}],
    syscalls: [{names: ["mount"], action: "SCMP_ACT_ALLOW", includes: {caps: ["CAP_SYS_ADMIN"]}},
      {names: ["arch_prctl"], action: "SCMP_ACT_ALLOW", includes: {arches: ["amd64", "x32"]}},
      {names: ["clone"], action: "SCMP_ACT_ALLOW", excludes: {caps: ["CAP_SYS_ADMIN"], arches: ["s390"]}},
      {names: ["s390_pci_mmio_read"], action: "SCMP_ACT_ALLOW", includes: {arches: ["s390"]}}]}'
  has "$(answer "$PROFILE" mount)" 'own SCMP_ACT_ERRNO ENOSYS /defaultAction
x86 '
  has "$(answer "$PROFILE" arch_prctl)" 'own SCMP_ACT_ALLOW /syscalls/1'
  has "$(answer "$PROFILE" clone)" 'own SCMP_ACT_ALLOW /syscalls/2'
}

@test "seccomp test refuses what is no call, no number and no profile, with status 2" {
  profile "$PROFILE" '{defaultAction: "SCMP_ACT_ALLOW"}'
  attempt seccomp test "$PROFILE" mkdri
  exits 2
  has "$stderr" 'knows no call `mkdri`: did you mean `mkdir`?'
  attempt seccomp test "$PROFILE" mkdir 0x10000000000000000
  exits 2
  has "$stderr" '`0x10000000000000000` is not a decimal or hexadecimal number of 64 bits'
  attempt seccomp test "$BUNDLE/config.json" mkdir
  exits 2
  has "$stderr" '/linux/seccomp: missing: every call is let through'
  attempt seccomp test "$BATS_TEST_TMPDIR/absent.json" mkdir
  exits 2
  has "$stderr" 'there is no `'
  profile "$PROFILE" '{defaultAction: "SCMP_ACT_ALOW"}'
  attempt seccomp test "$PROFILE" mkdir
  exits 2
  has "$stderr" '/defaultAction: unknown seccomp action `SCMP_ACT_ALOW`'
  attempt seccomp taste "$PROFILE" mkdir
  exits 2
  has "$stderr" '`seccomp` takes test'
  # A name is data, not a line of the answer.
  profile "$PROFILE" '{defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["a\nb\u001b[2J"], action: "SCMP_ACT_ERRNO"}]}'
  profile "$OTHER" '{defaultAction: "SCMP_ACT_ALLOW"}'
  attempt seccomp diff "$OTHER" "$PROFILE"
  exits 1
  is "$output" '+ a\x0ab\x1b[2J: not known to libseccomp'
}

@test "seccomp diff is silent about profiles that do the same in other words" {
  profile "$PROFILE" '{defaultAction: "SCMP_ACT_ERRNO", defaultErrnoRet: 1, syscalls: [{names: ["read", "write"], action: "SCMP_ACT_ALLOW"},
    {names: ["mkdir"], action: "SCMP_ACT_ERRNO"},
    {names: ["personality"], action: "SCMP_ACT_ALLOW", args: [{index: 0, value: 8, op: "SCMP_CMP_EQ"}]},
    {names: ["personality"], action: "SCMP_ACT_ALLOW", args: [{index: 0, value: 0, op: "SCMP_CMP_EQ"}]}]}'
  profile "$OTHER" '{defaultAction: "SCMP_ACT_ERRNO", syscalls: [{names: ["personality"], action: "SCMP_ACT_ALLOW", args: [{index: 0, value: 0, op: "SCMP_CMP_EQ"}]},
    {names: ["personality"], action: "SCMP_ACT_ALLOW", args: [{index: 0, value: 8, op: "SCMP_CMP_EQ"}]},
    {names: ["write"], action: "SCMP_ACT_ALLOW"}, {names: ["read", "read"], action: "SCMP_ACT_ALLOW"}]}'
  attempt seccomp diff "$PROFILE" "$OTHER"
  exits 0
  is "$output" ''
}

@test "seccomp diff lists what was added, removed and changed, also between a config.json and a profile" {
  config '.linux.seccomp = {defaultAction: "SCMP_ACT_ERRNO", syscalls: [{names: ["read", "mkdir"], action: "SCMP_ACT_ALLOW"},
    {names: ["keyctl"], action: "SCMP_ACT_LOG"}, {names: ["personality"], action: "SCMP_ACT_ALLOW", args: [{index: 0, value: 8, op: "SCMP_CMP_EQ"}]}]}'
  profile "$OTHER" '{defaultAction: "SCMP_ACT_ERRNO", flags: ["SECCOMP_FILTER_FLAG_LOG"], syscalls: [{names: ["read", "sync"], action: "SCMP_ACT_ALLOW"},
    {names: ["keyctl"], action: "SCMP_ACT_ERRNO", errnoRet: 13}, {names: ["personality"], action: "SCMP_ACT_ALLOW", args: [{index: 0, value: 9, op: "SCMP_CMP_EQ"}]}]}'
  attempt seccomp diff "$BUNDLE/config.json" "$OTHER"
  exits 1
  is "$(sort <<<"$output")" "$(sort <<<'~ flags: SECCOMP_FILTER_FLAG_SPEC_ALLOW -> SECCOMP_FILTER_FLAG_LOG
- mkdir: SCMP_ACT_ALLOW -> SCMP_ACT_ERRNO EPERM
~ personality: SCMP_ACT_ALLOW if argument 0 == 0x8, SCMP_ACT_ERRNO EPERM otherwise -> SCMP_ACT_ALLOW if argument 0 == 0x9, SCMP_ACT_ERRNO EPERM otherwise
+ sync: SCMP_ACT_ERRNO EPERM -> SCMP_ACT_ALLOW
~ keyctl: SCMP_ACT_LOG -> SCMP_ACT_ERRNO EACCES')"
  attempt seccomp diff --format json "$BUNDLE/config.json" "$OTHER"
  follows seccomp-diff
  is "$(jq -c '[.[] | select(.what == "mkdir")]' <<<"$output")" \
    '[{"sign":"-","what":"mkdir","before":"SCMP_ACT_ALLOW","after":"SCMP_ACT_ERRNO EPERM"}]'
}
