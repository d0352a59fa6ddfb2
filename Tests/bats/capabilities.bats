load helpers

# CAP_CHOWN is bit 0, CAP_KILL 5, CAP_NET_BIND_SERVICE 10, CAP_NET_RAW 13.

capabilities() {
  config ".process.capabilities = $1"
  args grep -E '^Cap' /proc/self/status
}

sets() {
  foreground
  exits 0
  is "$(sed 's/\t0*/ /' <<<"$output" | tr '\n' ' ')" "$1"
}

@test "CA-1: each of the five sets is the configured one" {
  capabilities '{bounding: ["CAP_CHOWN", "CAP_KILL", "CAP_NET_RAW"], permitted: ["CAP_CHOWN", "CAP_KILL"],
    effective: ["CAP_CHOWN", "CAP_KILL"], inheritable: [], ambient: []}'
  sets "CapInh:  CapPrm: 21 CapEff: 21 CapBnd: 2021 CapAmb:  "
}

@test "CA-1: a user other than root keeps exactly the ambient set" {
  config '.process.user = {uid: 1000, gid: 1000}'
  capabilities '{bounding: ["CAP_CHOWN", "CAP_NET_BIND_SERVICE"], permitted: ["CAP_CHOWN", "CAP_NET_BIND_SERVICE"],
    effective: ["CAP_CHOWN", "CAP_NET_BIND_SERVICE"], inheritable: ["CAP_NET_BIND_SERVICE"],
    ambient: ["CAP_NET_BIND_SERVICE"]}'
  sets "CapInh: 400 CapPrm: 400 CapEff: 400 CapBnd: 401 CapAmb: 400 "
}

@test "CA-1 T16: nothing is inheritable or ambient that was not asked for (CVE-2022-29162)" {
  config '.process.user = {uid: 1000, gid: 1000}'
  capabilities '{bounding: ["CAP_NET_RAW"]}'
  sets "CapInh:  CapPrm:  CapEff:  CapBnd: 2000 CapAmb:  "
}

@test "CA-2 CA-3: a name that the kernel does not know is no error" {
  capabilities '{bounding: ["CAP_KILL", "CAP_NO_SUCH_THING"], permitted: ["CAP_KILL", "CAP_NO_SUCH_THING"],
    effective: ["CAP_KILL"]}'
  sets "CapInh:  CapPrm: 20 CapEff: 20 CapBnd: 20 CapAmb:  "
}

@test "CA-3: a capability that the machine cannot grant is no error" {
  unlike "runc crun" "fails"
  local missing
  missing=$(printf '%d' $((16#$(sed -n 's/^CapBnd:\t//p' /proc/self/status) ^ 16#1ffffffffff)))
  ((missing & 1 << 24)) || skip "this machine grants everything"
  capabilities '{bounding: ["CAP_KILL", "CAP_SYS_RESOURCE"], permitted: ["CAP_KILL", "CAP_SYS_RESOURCE"],
    effective: ["CAP_KILL", "CAP_SYS_RESOURCE"]}'
  sets "CapInh:  CapPrm: 20 CapEff: 20 CapBnd: 20 CapAmb:  "
}

@test "CA-4: without capabilities in the configuration the program has none" {
  unlike runc "leaves the caller's"
  config 'del(.process.capabilities)'
  args grep -E '^Cap' /proc/self/status
  sets "CapInh:  CapPrm:  CapEff:  CapBnd:  CapAmb:  "
}

@test "CA-4: a set that is absent is empty" {
  capabilities '{bounding: ["CAP_KILL"]}'
  sets "CapInh:  CapPrm:  CapEff:  CapBnd: 20 CapAmb:  "
}

@test "CA-5: a name is matched exactly" {
  unlike "runc crun" "matches loosely or fails"
  capabilities '{bounding: ["cap_chown", "CHOWN", "CAP_KILL"]}'
  sets "CapInh:  CapPrm:  CapEff:  CapBnd: 20 CapAmb:  "
}
