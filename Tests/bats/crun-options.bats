load helpers

# Mount options that crun has beside those of the specification; Podman passes them through.

local_setup() {
  unlike runc "does not know them"
  SOURCE=$BATS_TEST_TMPDIR/source
  mkdir -p "$SOURCE"
  echo target >"$SOURCE/target"
  ln -s target "$SOURCE/link"
  ln -s nowhere "$SOURCE/dangling"
  chown 5:6 "$SOURCE/target"
  mkdir -p "$BUNDLE/rootfs/mnt"
}

# bound SOURCE DESTINATION OPTION…
bound() {
  mounts "$(jq -cn --arg s "$SOURCE/$1" --arg d "$2" '{destination: $d, source: $s, options: (["bind"] + $ARGS.positional)}' --args -- "${@:3}")"
}

userns() {
  config '.linux.namespaces += [{type: "user"}] | .linux.uidMappings = $m | .linux.gidMappings = $m' \
    --argjson m '[{"containerID": 0, "hostID": 100000, "size": 10}, {"containerID": 10, "hostID": 200000, "size": 1000}]'
}

@test "copy-symlink: a source that is a link is made at the destination, any other is mounted" {
  bound link /mnt/deep/copy copy-symlink
  bound dangling /mnt/dangling copy-symlink
  bound target /mnt/file copy-symlink
  shell 'readlink /mnt/deep/copy; readlink /mnt/dangling; cat /mnt/file; grep -c " /mnt/" /proc/self/mountinfo'
  prints $'target\nnowhere\ntarget\n1'
  # The same link may be there.
  foreground
  exits 0
}

@test "copy-symlink: something else at the destination is an error, and is left as it is" {
  bound link /mnt/here copy-symlink
  ln -s other "$BUNDLE/rootfs/mnt/here"
  refused here
  is "$(readlink "$BUNDLE/rootfs/mnt/here")" other
  rm "$BUNDLE/rootfs/mnt/here"
  echo file >"$BUNDLE/rootfs/mnt/here"
  refused here
  is "$(cat "$BUNDLE/rootfs/mnt/here")" file
}

@test "copy-symlink: a link in the way leads no further than to the container's root" {
  mkdir "$BATS_TEST_TMPDIR/outside"
  ln -s "$BATS_TEST_TMPDIR/outside" "$BUNDLE/rootfs/mnt/way"
  bound link /mnt/way/copy copy-symlink
  shell 'readlink /mnt/way/copy'
  foreground
  is "$(ls -A "$BATS_TEST_TMPDIR/outside")" ""
}

@test "src-nofollow: a source that is a link is mounted itself" {
  bound link /mnt/here src-nofollow
  ln -s old "$BUNDLE/rootfs/mnt/here"
  config '.mounts[-1].options += ["dest-nofollow"]'
  echo of the container >"$BUNDLE/rootfs/mnt/target"
  shell 'readlink /mnt/here; cat /mnt/here'
  prints $'target\nof the container'
}

@test "dest-nofollow: a destination that is a link is mounted over itself, and what it leads to stays" {
  unlike crun "follows it unless the source is a link, too"
  echo kept >"$BUNDLE/rootfs/mnt/behind"
  ln -s behind "$BUNDLE/rootfs/mnt/here"
  bound target /mnt/here dest-nofollow
  shell 'cat /mnt/here /mnt/behind'
  prints $'target\nkept'
}

@test "dest-nofollow: a missing destination is made, and links of its parents are followed" {
  unlike crun "wants it to be there"
  ln -s real "$BUNDLE/rootfs/mnt/parent"
  mkdir "$BUNDLE/rootfs/mnt/real"
  bound target /mnt/parent/here dest-nofollow
  shell 'cat /mnt/real/here'
  prints target
}

@test "crun's link options are refused where they mean nothing, with their place" {
  unlike crun "ignores some"
  local before
  before=$(cat "$BUNDLE/config.json")
  bound link /mnt/here copy-symlink src-nofollow
  refused "/options: " copy-symlink
  echo "$before" >"$BUNDLE/config.json"
  mounts '{"destination": "/mnt", "type": "tmpfs", "options": ["dest-nofollow"]}'
  refused "/options: " bind
}

@test "idmap=uids=…;gids=…: a mount shows the ids that the option gives" {
  bound target /mnt/file 'idmap=uids=0-1000-5#5-2005-10;gids=0-3000-100'
  shell 'stat -c %u:%g /mnt/file'
  prints 2005:3006
}

@test "idmap with @: ids are relative to the container's user namespace" {
  userns
  touch "$BUNDLE/rootfs/mnt/file"
  bound target /mnt/file 'idmap=uids=@5-12-3;gids=@6-3-1'
  shell 'stat -c %u:%g /mnt/file'
  # 12 is 200002 outside, and seen as 12 again.
  prints 12:3
}

@test "idmap: maps that make no sense are refused with their place" {
  unlike crun "takes some of them"
  local before option
  before=$(cat "$BUNDLE/config.json")
  for option in 'uids=0-1000-5' 'uids=0-1000;gids=0-0-1' 'uids=a-1-1;gids=0-0-1' 'uids=0-0-0;gids=0-0-1' \
    'uids=0-4294967295-2;gids=0-0-1' 'uids=0-0-1;gids=0-0-1;x=1' 'uids=@0-0-1;gids=@0-0-1' 'uids=-1-0-1;gids=0-0-1'; do
    echo "$before" >"$BUNDLE/config.json"
    bound target /mnt/file "idmap=$option"
    refused "/options: " idmap
  done
  echo "$before" >"$BUNDLE/config.json"
  userns
  # Across two ranges: crun maps the rest to ids of others.
  bound target /mnt/file 'idmap=uids=@0-5-10;gids=@0-0-1'
  refused "/options: " "@0-5-10"
}

@test "idmap= of another form is an option of the filesystem" {
  unlike crun "takes it for its own"
  mounts '{"destination": "/mnt", "type": "tmpfs", "options": ["idmap=user"]}'
  refused idmap
  lacks "$stderr" "uids"
}
