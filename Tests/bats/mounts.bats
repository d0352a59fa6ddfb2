load helpers

@test "LX-5: without SELinux a mount label is an error, not left out" {
  [ ! -e /sys/fs/selinux/enforce ] || skip "this machine has SELinux"
  unlike "runc crun" "leave it out"
  config '.linux.mountLabel = "system_u:object_r:container_file_t:s0"'
  refused /mounts/1 context
  config '.annotations = {"run.oci.mount_context_type": "rootcontext"}'
  refused /mounts/1 rootcontext
}

# The mount at a path, as the container sees it: options, propagation, type, options of the filesystem.
at() {
  shell "awk '\$5 == \"$1\" { \$1 = \$2 = \$3 = \$4 = \$5 = \"\"; print }' /proc/self/mountinfo | tail -n 1"
  foreground
  exits 0
}

tmpfs() {
  mounts "$(jq -cn --arg d "$1" '{destination: $d, type: "tmpfs", source: "tmpfs", options: $ARGS.positional}' --args -- "${@:2}")"
}

bind() {
  mounts "$(jq -cn --arg s "$1" --arg d "$2" \
    '{destination: $d, type: "none", source: $s, options: $ARGS.positional}' --args -- "${@:3}")"
}

# The rest of the command runs where a mount can be made that the host does not see.
private() {
  try unshare --mount --propagation private bash -eu -c "$1; exec \"\${@:2}\"" - "$BATS_TEST_TMPDIR" \
    "$RUNTIME" --root "$ROOT" run --bundle "$BUNDLE" "$ID" </dev/null
}

@test "RT-1 RT-2: a root that is missing, no directory or not named is refused" {
  local path
  config '.root.path = "nowhere"'
  refused /root/path
  is_peer || no_phrase
  touch "$BUNDLE/file"
  config '.root.path = "file"'
  refused /root/path
  is_peer || no_phrase
  config 'del(.root.path)'
  refused /root/path
  config 'del(.root)'
  refused root
}

@test "RT-2: root.path may be absolute or relative to the bundle" {
  args cat /etc/group
  config '.root.path = "./rootfs"'
  prints root:x:0:
  config '.root.path = $p' --arg p "$BUNDLE/rootfs"
  prints root:x:0:
}

@test "BU-2: the root is the directory that root.path names, and nothing else of the bundle is in it" {
  mkdir "$BUNDLE/other"
  cp -al "$BUNDLE/rootfs/bin" "$BUNDLE/other/bin"
  mkdir "$BUNDLE"/other/{proc,dev,sys}
  echo other >"$BUNDLE/other/which"
  echo bundle >"$BUNDLE/which"
  config '.root.path = "other" | .linux.maskedPaths = []'
  shell 'cat /which; ls -d /rootfs /other /config.json /../config.json 2>/dev/null; cat /bin/../../which'
  prints $'other\nother'
}

@test "RT-3: a read-only root takes no write, but mounts below it do" {
  config '.root.readonly = true'
  tmpfs /tmp
  shell 'touch /file 2>&1; touch /tmp/file && echo fine; touch /dev/shm/file && echo fine'
  foreground
  exits 0
  has "$output" "Read-only file system" $'fine\nfine'
  config '.root.readonly = false'
  shell 'touch /file && echo fine'
  prints fine
}

@test "MT-1: mounts are made in their order, and a later one may lie on an earlier one" {
  echo below >"$BATS_TEST_TMPDIR/file"
  tmpfs /mnt mode=755
  bind "$BATS_TEST_TMPDIR/file" /mnt/a/file bind
  tmpfs /mnt/b
  shell 'cat /mnt/a/file; awk "\$5 ~ \"^/mnt\" { print \$5 }" /proc/self/mountinfo'
  prints 'below
/mnt
/mnt/a/file
/mnt/b'
}

@test "MT-1: a later mount of the same place covers the earlier one" {
  tmpfs /mnt size=4096
  tmpfs /mnt size=8192
  at /mnt
  has "$output" size=8k
}

@test "MT-2: a destination is taken below the root, also when it is relative" {
  tmpfs mnt/relative size=4096
  at /mnt/relative
  has "$output" size=4k
}

@test "MT-2: a link in a destination is followed inside the root" {
  ln -s /real "$BUNDLE/rootfs/link"
  ln -s ../../../../../real "$BUNDLE/rootfs/up"
  mkdir "$BUNDLE/rootfs/real"
  tmpfs /link size=4096
  at /real
  has "$output" size=4k
  config '.mounts |= map(select(.destination != "/link"))'
  tmpfs /up size=8192
  at /real
  has "$output" size=8k
}

@test "MT-2: a missing destination is made: a directory, or a file for a bind of a file" {
  unlike "runc crun" "applies the caller's umask"
  config '.root.readonly = false'
  bind /etc/hostname /made/here/file bind
  bind /etc /made/there/directory bind
  tmpfs /made/tmpfs
  (umask 077 && at /made/here/file)
  is "$(stat -c '%a %F' "$BUNDLE/rootfs/made" "$BUNDLE/rootfs/made/here/file" "$BUNDLE/rootfs/made/there/directory" | sed 's/^1//')" \
    "755 directory
644 regular empty file
755 directory"
}

@test "MT-3: a relative source is relative to the bundle" {
  echo inside >"$BUNDLE/file"
  bind file /file bind
  args cat /file
  prints inside
}

@test "MT-3: a source that is missing is an error and is never made" {
  bind "$BATS_TEST_TMPDIR/missing" /mnt bind
  local index
  index=$(jq '.mounts | length - 1' "$BUNDLE/config.json")
  if is_peer; then refused missing; else refused missing "/mounts/$index"; fi
  is_peer || no_phrase
  [ ! -e "$BATS_TEST_TMPDIR/missing" ]
}

@test "MT-4: neither a type nor bind among the options is an error" {
  unlike "runc crun" "takes the empty type, or the type for the option"
  mounts '{"destination": "/mnt", "source": "/etc"}'
  refused /mounts/
  config 'del(.mounts[-1])'
  mounts '{"destination": "/mnt", "source": "/etc", "type": "bind"}'
  refused /mounts/
}

@test "MT-4: a filesystem that the kernel does not have is named in the error" {
  mounts '{"destination": "/mnt", "source": "x", "type": "nosuchfs"}'
  refused nosuchfs
}

@test "MT-5: a bind mount needs no type, and its type says nothing" {
  echo text >"$BATS_TEST_TMPDIR/file"
  mounts "$(jq -cn --arg s "$BATS_TEST_TMPDIR/file" '{destination: "/a", source: $s, options: ["bind"]}')" \
    "$(jq -cn --arg s "$BATS_TEST_TMPDIR/file" '{destination: "/b", source: $s, type: "bind", options: ["rbind"]}')"
  shell 'cat /a /b'
  prints 'text
text'
}

@test "MT-5: a mount without options gets none" {
  unlike crun "has options of its own for some places"
  config '.mounts |= map(if .destination == "/dev/shm" then del(.options) else . end)'
  at /dev/shm
  lacks "$output" noexec nosuid size=
}

@test "MT-8: a NUL byte in a mount is refused" {
  unlike "crun" "cuts the text there"
  config '.mounts[0].destination = "/mnt\u0000x"'
  refused ""
}

@test "MT-O: every flag that a filesystem shows is set by its name" {
  local option shown
  while read -r option shown; do
    config '.mounts |= map(select(.destination != "/mnt"))'
    tmpfs /mnt "$option"
    at /mnt
    has " ${output//,/ } " " $shown "
  done <<'END'
ro ro
nosuid nosuid
nodev nodev
noexec noexec
noatime noatime
nodiratime nodiratime
relatime relatime
sync sync
dirsync dirsync
END
}

@test "MT-O: lazytime, strictatime, nosymfollow, iversion, silent and loud are known" {
  unlike crun "passes them to the filesystem"
  local option
  for option in lazytime nolazytime strictatime nosymfollow symfollow iversion noiversion silent loud mand nomand; do
    config '.mounts |= map(select(.destination != "/mnt"))'
    tmpfs /mnt "$option"
    at /mnt
    case $option in
    strictatime) lacks "$output" relatime noatime ;;
    nosymfollow) has "$output" nosymfollow ;;
    esac
  done
}

@test "MT-O: what is not asked for is not set, and the later of two opposites wins" {
  unlike "crun" "keeps ro before rw"
  local pair
  for pair in ro:rw nosuid:suid nodev:dev noexec:exec noatime:atime nodiratime:diratime sync:async; do
    config '.mounts |= map(select(.destination != "/mnt"))'
    tmpfs /mnt "${pair%:*}" "${pair#*:}"
    at /mnt
    lacks " ${output//,/ } " " ${pair%:*} "
    config '.mounts |= map(select(.destination != "/mnt"))'
    tmpfs /mnt "${pair#*:}" "${pair%:*}"
    at /mnt
    has " ${output//,/ } " " ${pair%:*} "
  done
}

@test "MT-O: defaults means nothing, on a bind mount too" {
  unlike runc "passes it to the kernel"
  tmpfs /mnt defaults
  at /mnt
  has "$output" tmpfs
  config 'del(.mounts[-1])'
  bind /etc /mnt bind defaults
  at /mnt
  has "$output" rw
}

@test "MT-O: a bind mount takes flags, and keeps those of its source" {
  unlike "crun" "drops the flags of the source"
  mkdir "$BATS_TEST_TMPDIR/source"
  bind "$BATS_TEST_TMPDIR/source" /a bind ro nosuid
  bind "$BATS_TEST_TMPDIR/source" /b bind
  shell 'awk "\$5 == \"/a\" || \$5 == \"/b\" { print \$5, \$6 }" /proc/self/mountinfo; touch /a/x 2>&1'
  private 'mount -t tmpfs -o noexec,nodev tmpfs "$1/source"'
  has "$output" "Read-only file system"
  local a b
  a=$(sed -n 's|^/a ||p' <<<"$output")
  b=$(sed -n 's|^/b ||p' <<<"$output")
  has "$a" ro nosuid
  has "$b" rw noexec nodev
}

@test "MT-O: a bind mount can clear what its source has" {
  mkdir "$BATS_TEST_TMPDIR/source"
  bind "$BATS_TEST_TMPDIR/source" /a bind exec dev rw
  shell 'awk "\$5 == \"/a\" { print \$6 }" /proc/self/mountinfo'
  private 'mount -t tmpfs -o noexec,nodev,ro tmpfs "$1/source"'
  exits 0
  lacks "$output" noexec nodev ro
}

@test "MT-O: bind takes one mount, rbind what lies below it too" {
  mkdir -p "$BATS_TEST_TMPDIR/source"
  bind "$BATS_TEST_TMPDIR/source" /one bind
  bind "$BATS_TEST_TMPDIR/source" /all rbind
  shell 'ls /one/sub; echo -; ls /all/sub'
  private 'mkdir "$1/source/sub"; mount -t tmpfs tmpfs "$1/source/sub"; touch "$1/source/sub/file"'
  exits 0
  is "$output" '-
file'
}

@test "MT-O: ro on a recursive bind concerns the top only, rro everything" {
  mkdir -p "$BATS_TEST_TMPDIR/source"
  bind "$BATS_TEST_TMPDIR/source" /top rbind ro
  bind "$BATS_TEST_TMPDIR/source" /all rbind rro
  bind "$BATS_TEST_TMPDIR/source" /more rbind ro rnosuid rnoexec rnodev
  shell 'awk "\$5 ~ \"^/(top|all|more)\" { print \$5, \$6 }" /proc/self/mountinfo'
  private 'mkdir "$1/source/sub"; mount -t tmpfs tmpfs "$1/source/sub"'
  exits 0
  has "$output" "/top ro" "/top/sub rw" "/all ro" "/all/sub ro" "/more ro" "/more/sub rw,nosuid,nodev,noexec"
}

@test "MT-O: the recursive access time options exclude each other" {
  unlike crun "passes the wrong constants"
  local option want
  for option in rnoatime:noatime rrelatime:relatime ratime:relatime rnodiratime:nodiratime rnosymfollow:nosymfollow; do
    config '.mounts |= map(select(.destination != "/mnt"))'
    bind /etc /mnt rbind "${option%:*}"
    at /mnt
    has "$output" "${option#*:}"
  done
  config '.mounts |= map(select(.destination != "/mnt"))'
  bind /etc /mnt rbind rstrictatime
  at /mnt
  lacks "$output" relatime noatime
}

@test "MT-O: propagation is what the option says" {
  unlike "crun" "has other propagation for shared"
  mkdir "$BATS_TEST_TMPDIR/source"
  local option want
  for option in shared:shared: rshared:shared: private:none slave:master: rslave:master: unbindable:unbindable; do
    config '.mounts |= map(select(.destination != "/mnt"))'
    bind "$BATS_TEST_TMPDIR/source" /mnt rbind "${option%%:*}"
    shell "awk '\$5 == \"/mnt\" { print \$7 }' /proc/self/mountinfo"
    private 'mount -t tmpfs tmpfs "$1/source"; mount --make-shared "$1/source"'
    exits 0
    want=${option#*:}
    if [ "$want" = none ]; then lacks "$output" shared master unbindable; else has "$output" "$want"; fi
  done
}

@test "MT-O: of two propagation options the last one decides" {
  unlike "crun" "sets both at once"
  mkdir "$BATS_TEST_TMPDIR/source"
  bind "$BATS_TEST_TMPDIR/source" /mnt bind shared private
  at /mnt
  lacks "$output" shared
}

@test "MT-U1: what is no option of ours goes to the filesystem" {
  tmpfs /mnt size=64k mode=1750 uid=7 gid=9
  at /mnt
  has "$output" size=64k mode=1750 uid=7 gid=9
}

@test "MT-U1: what the filesystem does not know is an error" {
  tmpfs /mnt nosuchoption=1
  refused nosuchoption
}

@test "MT-U1: an unknown option of a bind mount is refused, since the kernel would ignore it" {
  unlike "crun" "ignores it"
  bind /etc /mnt bind size=64k
  refused size=64k
}

@test "a tmpfs takes the mode of the directory it covers, unless told otherwise" {
  unlike crun "takes the kernel's mode"
  mkdir -m 2751 "$BUNDLE/rootfs/there"
  tmpfs /there
  tmpfs /fresh
  shell 'stat -c %a /there /fresh'
  foreground
  exits 0
  is "$(head -n 1 <<<"$output")" 2751
  config '.mounts |= map(select(.destination != "/there"))'
  tmpfs /there mode=711
  foreground
  is "$(head -n 1 <<<"$output")" 711
}

@test "tmpcopyup copies what the tmpfs covers: owners, modes, links" {
  mkdir -p "$BUNDLE/rootfs/copy/sub"
  echo text >"$BUNDLE/rootfs/copy/sub/file"
  ln -s sub/file "$BUNDLE/rootfs/copy/link"
  chmod 604 "$BUNDLE/rootfs/copy/sub/file"
  chown 12:34 "$BUNDLE/rootfs/copy/sub/file"
  tmpfs /copy tmpcopyup
  shell 'cat /copy/link; readlink /copy/link; stat -c "%a %u:%g" /copy/sub/file; rm /copy/sub/file && echo gone'
  prints 'text
sub/file
604 12:34
gone'
  is "$(cat "$BUNDLE/rootfs/copy/sub/file")" text
}

@test "MT-7: the default filesystems are what they should be" {
  shell 'for p in /proc /dev /dev/pts /dev/shm /dev/mqueue /sys /sys/fs/cgroup; do
      awk -v p=$p "\$5 == p { n = \$0; sub(/.* - /, \"\", n); split(n, f, \" \"); print p, f[1], \$6 }" /proc/self/mountinfo
    done'
  foreground
  exits 0
  has "$output" "/proc proc rw" "/dev tmpfs rw,nosuid" "/dev/pts devpts rw,nosuid,noexec" \
    "/dev/shm tmpfs rw,nosuid,nodev,noexec" "/dev/mqueue mqueue rw,nosuid,nodev,noexec" \
    "/sys sysfs ro,nosuid,nodev,noexec" "/sys/fs/cgroup cgroup2 ro,nosuid,nodev,noexec"
}

@test "the cgroup mount shows the container's own cgroup as its root" {
  shell 'cat /sys/fs/cgroup/cgroup.procs; grep " /sys/fs/cgroup " /proc/self/mountinfo | cut -d" " -f4; cat /proc/self/cgroup'
  foreground
  exits 0
  has $'\n'"$output"$'\n' $'\n1\n' $'\n/\n' $'\n0::/'
}

@test "T10: nothing is mounted on /proc but procfs, and nothing below it but what lxcfs needs" {
  unlike crun "mounts anything there"
  local destination
  for destination in /proc /proc/self/attr /x/../proc/self /proc/sys/kernel; do
    tmpfs "$destination"
    refused proc
    config 'del(.mounts[-1])'
  done
  echo "1.00 2.00" >"$BATS_TEST_TMPDIR/uptime"
  bind "$BATS_TEST_TMPDIR/uptime" /proc/uptime bind
  args cat /proc/uptime
  prints "1.00 2.00"
}

@test "what apus itself refuses at a mount is said as such, without an errno that no call returned" {
  unlike "runc crun" "has other words"
  config '.mounts |= map(if .destination == "/proc" then {destination: "/proc", type: "none", source: "/tmp", options: ["bind"]} else . end)'
  attempt --log "$BATS_TEST_TMPDIR/log" --log-format json run --bundle "$BUNDLE" "$ID"
  exits 1
  has "$stderr" 'bind `/tmp` on `/proc`: refused because the source is not a procfs' '[/mounts/'
  jq -se 'all(has("errno") | not)' "$BATS_TEST_TMPDIR/log" >/dev/null
  nothing_left
}

@test "a bind mount on / is the root, and what is mounted before is below it" {
  unlike runc "refuses it"
  cp -al "$BUNDLE/rootfs" "$BATS_TEST_TMPDIR/other"
  echo other >"$BATS_TEST_TMPDIR/other/mark"
  config '.mounts = [{destination: "/", type: "none", source: $s, options: ["rbind"]}] + .mounts' --arg s "$BATS_TEST_TMPDIR/other"
  shell 'cat /mark; test -c /dev/null && test -d /proc/self && ! touch /x 2>/dev/null && echo fine'
  config '.root.readonly = true'
  prints $'other\nfine'
  config '.linux.rootfsPropagation = "rshared"'
  prints $'other\nfine'
  foreground --no-pivot
  is "$output" $'other\nfine'
}

@test "another mount on / is refused" {
  unlike crun "supports it"
  tmpfs /
  refused /mounts/
}

@test "MT-O: rbind is recursive, whether bind stands before it or after" {
  mkdir -p "$BATS_TEST_TMPDIR/source/below"
  local options
  for options in "rbind bind" "bind rbind" "bind"; do
    config '.mounts |= map(select(.destination != "/mnt"))'
    bind "$BATS_TEST_TMPDIR/source" /mnt $options
    shell 'ls /mnt/below'
    private 'mount -t tmpfs tmpfs "$1/source/below"; touch "$1/source/below/file"'
    exits 0
    if [ "$options" = bind ]; then is "$output" ""; else is "$output" file; fi
  done
}

@test "MT-O: a remount changes the mount that was made there, though its path leads elsewhere by then" {
  unlike "runc crun" "look the path up again"
  mkdir -p "$BUNDLE/rootfs/a" "$BUNDLE/rootfs/b" "$BATS_TEST_TMPDIR/volume/one" "$BATS_TEST_TMPDIR/volume/two"
  # /link is changed by a mount over its directory.
  mkdir -p "$BUNDLE/rootfs/d" "$BATS_TEST_TMPDIR/over"
  ln -s /a "$BUNDLE/rootfs/d/link"
  ln -s /b "$BATS_TEST_TMPDIR/over/link"
  tmpfs /b
  tmpfs /d/link
  bind "$BATS_TEST_TMPDIR/over" /d bind
  mounts '{"destination": "/d/link", "type": "none", "source": "none", "options": ["remount", "bind", "ro"]}'
  shell 'awk "\$5 == \"/a\" || \$5 == \"/b\" { print \$5, substr(\$6, 1, 2) }" /proc/self/mountinfo | sort'
  prints $'/a ro\n/b rw'
}

@test "MT-U1: an overlay with long options is mounted, and no trace of how is left" {
  local lower= index
  for index in $(seq 40); do
    mkdir -p "$BATS_TEST_TMPDIR/layers/$index"
    touch "$BATS_TEST_TMPDIR/layers/$index/$index"
    lower+=:$BATS_TEST_TMPDIR/layers/$index
  done
  config '.mounts += [{destination: "/mnt", type: "overlay", source: "overlay", options: ["ro", "nosuid", $l]}]' --arg l "lowerdir=${lower#:}"
  shell 'ls /mnt | wc -l; awk "\$5 == \"/mnt\" { print \$6 }" /proc/self/mountinfo | cut -d, -f1-2; grep -c tmpfs /proc/self/mountinfo'
  foreground
  exits 0
  local tmpfs
  tmpfs=$(tail -n 1 <<<"$output")
  has "$output" $'40\nro,nosuid\n'
  config 'del(.mounts[-1])'
  shell 'grep -c tmpfs /proc/self/mountinfo'
  prints "$tmpfs"
}

@test "MT-2: a source that was pinned as a descriptor of the caller's process is bound" {
  unlike "runc crun" "resolves it in another mount namespace"
  mkdir "$BATS_TEST_TMPDIR/source"
  echo pinned >"$BATS_TEST_TMPDIR/source/file"
  bash -c 'exec 7<"$1"; echo ready; exec sleep 30' - "$BATS_TEST_TMPDIR/source" >"$BATS_TEST_TMPDIR/ready" 3>&- &
  BACKGROUND+=($!)
  eventually grep -q ready "$BATS_TEST_TMPDIR/ready"
  bind "/proc/$!/fd/7" /mnt bind
  args cat /mnt/file
  prints pinned
}

@test "ER-1: no mount of a container reaches the host, even from a shared tree" {
  mkdir "$BATS_TEST_TMPDIR/shared"
  tmpfs /mnt
  bind "$BATS_TEST_TMPDIR/shared" /shared rbind rslave
  shell 'cut -d" " -f5 /proc/self/mountinfo | wc -l'
  try unshare --mount --propagation private bash -eu -c '
    mount -t tmpfs tmpfs "$1"; mount --make-rshared /
    before=$(wc -l </proc/self/mountinfo); "${@:2}" >/dev/null; after=$(wc -l </proc/self/mountinfo)
    echo $((after - before))' - "$BATS_TEST_TMPDIR/shared" "$RUNTIME" --root "$ROOT" run --bundle "$BUNDLE" "$ID" </dev/null
  exits 0
  is "$output" 0
}

@test "ER-1: a mount that fails leaves nothing, and the message names its place and the call" {
  config '.root.readonly = false'
  tmpfs /fine
  tmpfs /mnt nr_inodes=nonsense
  local index
  index=$(jq '.mounts | length - 1' "$BUNDLE/config.json")
  if is_peer; then refused mnt; else refused "/mounts/$index" /mnt tmpfs; fi
}
