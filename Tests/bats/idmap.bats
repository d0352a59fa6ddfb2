load helpers

# Bind mounts through which files have other owners. What the machine's own filesystems can do
# is known beforehand: a tmpfs and the disk have idmapped mounts, procfs has none.

local_setup() {
  SOURCE=$BATS_TEST_TMPDIR/source
  mkdir -p "$SOURCE/below"
  echo text >"$SOURCE/file"
  chown 5:6 "$SOURCE/file"
  mkdir -p "$BUNDLE/rootfs/mnt"
  MAPS='[{"containerID": 0, "hostID": 100000, "size": 65536}]'
}

# bound OPTIONS JSON: the source on /mnt with these options and members.
bound() {
  mounts "$(jq -n --arg s "$SOURCE" --argjson o "$1" --argjson m "${2:-{\}}" \
    '{destination: "/mnt", source: $s, options: $o} + $m')"
}

new_user() {
  config '.linux.namespaces += [{type: "user"}] | .linux.uidMappings = $m | .linux.gidMappings = $m' --argjson m "$MAPS"
}

# maps USERS GROUPS: members of a mount, from 0 on.
maps() {
  echo "{\"uidMappings\": [{\"containerID\": 0, \"hostID\": $1, \"size\": 100}], \"gidMappings\": [{\"containerID\": 0, \"hostID\": $2, \"size\": 100}]}"
}

@test "ID-1 ID-2 ID-5 ID-6: a bind mount shows the owners that its maps give" {
  bound '["bind", "idmap"]' "$(maps 1000 2000)"
  shell 'stat -c %u:%g /mnt/file; touch /mnt/new 2>&1 | grep -o Value || echo refused'
  foreground
  is "$(head -1 <<<"$output")" 1005:2006
  is "$(stat -c %u:%g "$SOURCE/file")" 5:6
}

@test "MT-6: maps are meant without the option too" {
  bound '["bind"]' "$(maps 1000 2000)"
  shell 'stat -c %u:%g /mnt/file'
  prints 1005:2006
}

@test "ID-3: without maps they are the container's own" {
  new_user
  bound '["bind", "idmap"]'
  shell 'stat -c %u:%g /mnt/file; echo more >/mnt/made && stat -c %u:%g /mnt/made'
  # The source's owner is who may make names there.
  prints "$(printf '5:6\n0:0')"
  is "$(stat -c %u:%g "$SOURCE/made")" 0:0
}

@test "ID-2: in a user namespace the mount's own maps are used" {
  new_user
  bound '["rbind", "idmap"]' "$(maps 100010 100020)"
  shell 'stat -c %u:%g /mnt/file'
  prints 15:26
}

@test "ID-3: no maps and no user namespace is an error" {
  bound '["bind", "idmap"]'
  refused /mounts/7/options idmap
}

@test "MT-6: one map without the other is an error" {
  bound '["bind", "idmap"]' '{"uidMappings": [{"containerID": 0, "hostID": 1, "size": 1}]}'
  refused /mounts/7/gidMappings
}

@test "UM-4: maps of a mount that overlap are refused with their place" {
  bound '["bind", "idmap"]' '{"uidMappings": [{"containerID": 0, "hostID": 1, "size": 2}, {"containerID": 1, "hostID": 9, "size": 2}], "gidMappings": [{"containerID": 0, "hostID": 1, "size": 1}]}'
  refused /mounts/7/uidMappings/1/containerID
}

# below OPTION: the owners at the top and on a mount below, of a recursive bind.
below() {
  cat >"$BATS_TEST_TMPDIR/run" <<'SCRIPT'
mount -t tmpfs t "$1/below"
echo x >"$1/below/file"
chown 7:8 "$1/below/file"
shift
exec "$@"
SCRIPT
  bound "[\"rbind\", \"$1\"]" "$(maps 1000 2000)"
  shell 'stat -c %u:%g /mnt/file /mnt/below/file'
  try unshare -m sh "$BATS_TEST_TMPDIR/run" "$SOURCE" "$RUNTIME" --root "$ROOT" run --bundle "$BUNDLE" "$ID"
  exits 0
}

@test "ID-4: ridmap is for the mounts below too, idmap is not" {
  below ridmap
  is "$output" "$(printf '1005:2006\n1007:2008')"
}

@test "ID-4: idmap is for the mount alone" {
  below idmap
  is "$output" "$(printf '1005:2006\n7:8')"
}

@test "ID-8: a filesystem without idmapped mounts is named" {
  SOURCE=/proc/sys
  bound '["bind", "idmap"]' "$(maps 1000 2000)"
  refused idmap proc /mounts/7
}

@test "ID-8: only bind mounts are idmapped" {
  mounts '{"destination": "/mnt", "type": "tmpfs", "source": "tmpfs", "options": ["idmap"]}'
  refused /mounts/7 idmapped
}

@test "ID-7: the source may be an earlier mount" {
  mounts '{"destination": "/mnt", "type": "tmpfs", "source": "tmpfs"}'
  mkdir -p "$BUNDLE/rootfs/also"
  config '.mounts += [{destination: "/also", source: "rootfs/mnt", options: ["bind", "idmap"]} + $m]' --argjson m "$(maps 1000 2000)"
  shell 'touch /mnt/f && stat -c %u:%g /also/f'
  prints 1000:2000
}

@test "ID-7: in a user namespace, too, the source may be an earlier bind mount" {
  unlike crun "shows what is below it"
  new_user
  bound '["rbind"]'
  config '.mounts += [{destination: "/tmp", source: "\($b)/rootfs/mnt/below", options: ["rbind", "idmap"]} + $m]' \
    --arg b "$BUNDLE" --argjson m "$(maps 100000 100000)"
  echo deep >"$SOURCE/below/deep"
  mkdir -p "$BUNDLE/rootfs/mnt/below"
  args cat /tmp/deep
  prints deep
}
