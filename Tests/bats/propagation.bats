# What travels between the mounts of a container and the host's, in which direction.
load helpers

# Runs a script in a mount namespace that is nobody else's. There are three sources: a shared mount,
# one that is the slave of another's (`master`), and a private one.
apart() {
  try unshare --mount --propagation private bash -eu -c '
    cd "$1"; shift
    rt() { "$RUNTIME" --root "$ROOT" "$@"; }
    mkdir -p shared master slave private
    for each in shared master private; do
      mount -t tmpfs "$each" $each; mkdir $each/host $each/container
    done
    mount --make-shared shared; mount --make-shared master
    mount --bind master slave; mount --make-slave slave
    '"$1" - "$BATS_TEST_TMPDIR" </dev/null
}

# A bind of each source for each of the options, at /mnt/SOURCE-OPTION.
binds() {
  export ROOT BUNDLE ID RUNTIME
  mkdir -p "$BATS_TEST_TMPDIR"/{shared,slave,private}
  config '.linux.rootfsPropagation = $root | .mounts += [
      ("shared", "slave", "private") as $source | $ARGS.positional[] as $option | {
        destination: "/mnt/\($source)-\($option)", type: "none", source: "\($dir)/\($source)",
        options: (["rbind"] + (if $option == "none" then [] else [$option] end))}]
    | if $root == "null" then del(.linux.rootfsPropagation) else . end' \
    --arg root "$1" --arg dir "$BATS_TEST_TMPDIR" --args -- "${@:2}"
}

# Each row: rootfsPropagation, the source, and for each option what the bind mount is connected to:
# `peer` of the host's mount, its `slave`, and `shared` with others in the container.
rows="
null     shared  none=slave        rprivate=- rslave=slave rshared=shared,slave
null     slave   none=slave        rprivate=- rslave=slave rshared=shared,slave
null     private none=-            rprivate=- rslave=-     rshared=shared
rslave   shared  none=slave        rprivate=- rslave=slave rshared=shared,slave
rslave   slave   none=slave        rprivate=- rslave=slave rshared=shared,slave
rslave   private none=-            rprivate=- rslave=-     rshared=shared
rprivate shared  none=-            rprivate=- rslave=-     rshared=shared
rprivate slave   none=-            rprivate=- rslave=-     rshared=shared
rprivate private none=-            rprivate=- rslave=-     rshared=shared
rshared  shared  none=peer         rprivate=- rslave=slave rshared=peer
rshared  slave   none=shared,slave rprivate=- rslave=slave rshared=shared,slave
rshared  private none=shared       rprivate=- rslave=-     rshared=shared"

@test "a bind mount is connected to the host as rootfsPropagation and its option say" {
  unlike "runc crun" "let rootfsPropagation replace the option"
  local root source cell cells wrong=
  for root in null rslave rprivate rshared; do
    cp "$BUNDLE/config.json" "$BUNDLE/plain.json"
    binds "$root" none rprivate rslave rshared
    args cat /proc/self/mountinfo
    apart '
      group() { sed -nE "s|.* $PWD/$1 .* $2:([0-9]+) .*|\1|p" /proc/self/mountinfo; }
      echo "groups $(group shared shared) $(group slave master)"
      rt run --bundle "$BUNDLE" "$ID"'
    exits 0
    while read -r _ source cells; do
      for cell in $cells; do
        is_connected "$source-${cell%%=*}" "${cell#*=}" || wrong+=" $root:$source-$cell"
      done
    done < <(grep "^$root " <<<"$rows")
    mv "$BUNDLE/plain.json" "$BUNDLE/config.json"
  done
  is "$wrong" ""
}

# is_connected NAME WANT, by the lines of mountinfo in $output.
is_connected() {
  local fields got= first second
  read -r _ first second < <(grep '^groups ' <<<"$output")
  fields=$(awk -v at="/mnt/$1" '$5 == at { for (i = 7; $i != "-"; i++) print $i }' <<<"$output")
  while IFS=: read -r kind group; do
    case $kind:$group in
      shared:"$first") got+=,peer ;;
      shared:*) got+=,shared ;;
      master:"$first" | master:"$second") got+=,slave ;;
      master:*) got+=,stranger ;;
    esac
  done <<<"$fields"
  got=${got#,}
  [ "${got:--}" = "$2" ] || { echo "$1 is ${got:--}, not $2" >&2; return 1; }
}

# travels ROOTFS-PROPAGATION OPTION: mounts from both sides, and what the other side sees of them.
travels() {
  binds "$1" "$2"
  export OPTION=$2
  config '.process.capabilities[] += ["CAP_SYS_ADMIN"]'
  args sleep 60
  apart '
    trap "rt delete --force $ID" EXIT
    rt run --detach --bundle "$BUNDLE" "$ID" >/dev/null 2>err
    for each in shared master private; do mount -t tmpfs fromhost $each/host; done
    rt exec "$ID" sh -c "for each in shared slave private; do
      mount -t tmpfs inside /mnt/\$each-$OPTION/container; done"
    for each in shared slave private; do
      rt exec "$ID" grep -q "^[^-]* /mnt/$each-$OPTION/host .*fromhost" /proc/self/mountinfo && echo "$each in"
      mountpoint -q $each/container && echo "$each out"
    done; :'
  config 'del(.mounts[] | select(.destination | startswith("/mnt/")))'
  exits 0
  output=$(echo $output)
}

@test "with rshared a mount travels from the host to the container and back" {
  travels rshared rshared
  is "$output" "shared in shared out slave in"
  travels rshared none
  is "$output" "shared in shared out slave in"
}

@test "without it a mount travels in one direction at most, as the option says" {
  unlike crun "cuts a bind mount without an option off"
  local root option
  for root in null rslave; do
    for option in none rslave rshared; do
      travels "$root" "$option"
      is "$output" "shared in slave in"
    done
    travels "$root" rprivate
    is "$output" ""
  done
}

@test "an option says more about its mount than an rshared root" {
  travels rshared rslave
  is "$output" "shared in slave in"
  travels rshared rprivate
  is "$output" ""
}

@test "a root that is moved instead of pivoted takes nothing away from the host it shares mounts with" {
  unlike "runc crun" "unmount the host's procfs"
  config '.linux.rootfsPropagation = "rshared"'
  export ROOT BUNDLE ID RUNTIME
  args ls /proc/self
  apart '
    mount --make-rshared /
    before=$(cut -d" " -f1,5 /proc/self/mountinfo); rt run --no-pivot --bundle "$BUNDLE" "$ID" | grep -x status
    diff <(echo "$before") <(cut -d" " -f1,5 /proc/self/mountinfo)'
  exits 0
  is "$output" status
}

@test "a user namespace mounts nothing on the host, whatever is shared" {
  config '.linux.namespaces += [{type: "user"}] | .linux.uidMappings = [{containerID: 0, hostID: 0, size: 65536}]
    | .linux.gidMappings = .linux.uidMappings'
  travels rshared rshared
  is "$output" "shared in slave in"
}
