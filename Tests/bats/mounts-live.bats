load helpers

# Mounts that are added to a container that exists, and removed.

local_setup() {
  unlike "runc crun" "has no such command, or another one"
  args sleep 1000
  config '.root.readonly = false'
  SOURCE=$BATS_TEST_TMPDIR/source
  mkdir -p "$SOURCE/below"
  echo data >"$SOURCE/file"
  DOCUMENT=$BATS_TEST_TMPDIR/mounts.json
}

# document JSON…: the entries, as an array.
document() {
  local IFS=,
  printf '[%s]' "$*" >"$DOCUMENT"
}

# added JSON…: adds the entries.
added() {
  document "$@"
  attempt mounts add "$ID" "$DOCUMENT"
  exits 0
  is "$output$stderr" ""
}

# unadded PART…: the document is refused with one line that has every PART, and nothing is mounted.
unadded() {
  attempt mounts add "$ID" "$DOCUMENT"
  exits 1
  is "$output" ""
  has "$stderr" "$@"
  is "$(wc -l <"$BATS_TEST_TMPDIR/stderr")" 1
  is "$(live)" '[]'
}

removed() {
  document "$@"
  attempt mounts remove "$ID" "$DOCUMENT"
  exits 0
  is "$output$stderr" ""
}

# What apus says was added.
live() {
  rt mounts list --format json "$ID" | jq -c '[.[] | select(.origin == "live") | .destination]'
}

# How many mounts the container has.
count() {
  wc -l <"/proc/$(pid_of)/mountinfo"
}

# The mount at a path as the kernel has it.
mounted() {
  awk -v at="$1" '$5 == at' "/proc/$(pid_of)/mountinfo" | tail -n 1
}

inside() {
  rt exec "$ID" "$@" 3>&- </dev/null
}

bound() {
  jq -cn --arg s "$SOURCE" --arg d "$1" '{destination: $d, source: $s, options: (["rbind"] + $ARGS.positional)}' --args -- "${@:2}"
}

tmpfs() {
  jq -cn --arg d "$1" '{destination: $d, type: "tmpfs", source: "tmpfs", options: $ARGS.positional}' --args -- "${@:2}"
}

userns() {
  config '.linux.namespaces += [{type: "user"}] | .linux.uidMappings = $m | .linux.gidMappings = $m' \
    --argjson m '[{"containerID": 0, "hostID": 100000, "size": 65536}]'
  chmod -R go+rX "$BUNDLE" "$SOURCE"
  chmod go+x "$BATS_TEST_TMPDIR" "$BUNDLE"
  # The mount points are made by the container's root.
  chown 100000:100000 "$BUNDLE/rootfs"
}

@test "mounts add: a directory and a file of the host appear in a running container, and remove takes them away" {
  launch
  local before
  before=$(count)
  added "$(bound /data/deep ro)" \
    "$(jq -cn --arg s "$SOURCE/file" '{destination: "/etc/one", source: $s, options: ["bind"]}')"
  is "$(inside cat /data/deep/file /etc/one)" $'data\ndata'
  inside sh -c '! touch /data/deep/x 2>/dev/null'
  is "$(live)" '["/data/deep","/etc/one"]'
  is "$(rt state "$ID" | jq -c '[.mounts[].destination]')" '["/data/deep","/etc/one"]'
  removed '{"destination": "/etc/one"}' '{"destination": "/data/deep"}'
  is "$(count)" "$before"
  is "$(live)" '[]'
  is "$(rt state "$ID" | jq .mounts)" null
  [ -e "$SOURCE/file" ]
}

@test "mounts add: options and data reach the kernel: size, mode, attributes, propagation, recursive attributes" {
  launch
  added "$(tmpfs /t size=1m mode=700 nosuid nodev noexec)" "$(bound /slave rslave rro)" "$(bound /private private ro)"
  has "$(mounted /t)" nosuid nodev noexec size=1024k mode=700
  has "$(mounted /slave)" " ro,"
  lacks "$(mounted /private)" master: shared:
}

@test "mounts add: the document may be an object with mounts, and come from standard input" {
  launch
  status=0
  jq -n --argjson m "$(tmpfs /t)" '{mounts: [$m]}' | "$RUNTIME" --root "$ROOT" mounts add "$ID" - 3>&- || status=$?
  exits 0
  has "$(mounted /t)" tmpfs
  echo '{"mounts": [{"destination": "/t"}]}' | "$RUNTIME" --root "$ROOT" mounts remove "$ID" - 3>&-
  is "$(mounted /t)" ""
}

@test "mounts add works on a created and on a paused container" {
  create
  added "$(tmpfs /t)"
  has "$(mounted /t)" tmpfs
  start
  has "$(mounted /t)" tmpfs
  rt pause "$ID"
  added "$(tmpfs /u)"
  has "$(mounted /u)" tmpfs
  removed '{"destination": "/t"}'
  has_status paused
  rt resume "$ID"
  is "$(inside ls /t)" ""
}

@test "mounts add: a stopped container is refused, and one that does not exist" {
  document "$(tmpfs /t)"
  attempt mounts add "$ID" "$DOCUMENT"
  exits 1
  has "$stderr" "container does not exist"
  args true
  launch
  eventually has_status stopped
  attempt mounts add "$ID" "$DOCUMENT"
  exits 1
  has "$stderr" "container not running"
}

@test "mounts add is all or nothing: if the last entry fails, none of the others stays" {
  launch
  local before
  before=$(count)
  document "$(tmpfs /a)" "$(tmpfs /a/b)" "$(bound /c)" "$(tmpfs /d nonsense=1)"
  unadded "nonsense" "[/3]"
  is "$(count)" "$before"
  document "$(tmpfs /a)" '{"destination": "/b", "source": "/nowhere", "options": ["bind"]}'
  unadded /nowhere "[/1]"
  # A mount on a file that is a directory outside.
  document "$(tmpfs /a)" "$(bound /etc/passwd)"
  unadded "[/1]" /etc/passwd
  is "$(count)" "$before"
}

@test "mounts add: what makes no sense is refused with its place in the document, before anything is mounted" {
  launch
  local entry
  while IFS='|' read -r where entry; do
    document "$(tmpfs /first)" "$entry"
    unadded "$DOCUMENT /1$where: "
    jq -n --argjson m "$entry" '{mounts: [$m]}' >"$DOCUMENT"
    unadded "$DOCUMENT /mounts/0$where: "
  done <<'END'
/destination|{"destination": "/", "type": "tmpfs"}
/destination|{"destination": "/proc/sys", "type": "tmpfs"}
/type|{"destination": "/proc", "type": "proc"}
/destination|{"destination": "/sys", "type": "sysfs"}
/options|{"destination": "/t", "type": "tmpfs", "options": ["remount"]}
/source|{"destination": "/t", "options": ["bind"]}
/type|{"destination": "/t"}
/destination|{"type": "tmpfs"}
END
  echo '{"mount": []}' >"$DOCUMENT"
  unadded "expected a list of mounts, found an object"
  echo '[' >"$DOCUMENT"
  unadded "line 1"
}

@test "mounts add: a filesystem shows the namespaces of the container, not those of the host" {
  launch
  inside sh -c 'hostname; mkdir /s' >/dev/null
  added '{"destination": "/s", "type": "sysfs", "source": "sysfs"}' '{"destination": "/q", "type": "mqueue", "source": "mqueue"}' \
    '{"destination": "/c", "type": "cgroup", "source": "cgroup"}'
  is "$(inside ls /s/class/net)" lo
  is "$(inside cat /c/cgroup.procs | head -n 1)" 1
  # A procfs is of the pid namespace of the process that mounts it: it would be the host's.
  document '{"destination": "/p", "type": "proc", "source": "proc"}'
  attempt mounts add "$ID" "$DOCUMENT"
  exits 1
  has "$stderr" "/0/type: "
}

@test "mounts add: in a container with a user namespace what is made belongs to its root" {
  userns
  launch
  added "$(tmpfs /t)" "$(bound /data ro)"
  is "$(inside stat -c %u /t)" 0
  inside touch /t/x
  is "$(inside cat /data/file)" data
  inside sh -c '! touch /data/x 2>/dev/null'
  is "$(live)" '["/t","/data"]'
  removed '{"destination": "/t"}' '{"destination": "/data"}'
  is "$(live)" '[]'
}

@test "mounts add: an idmapped mount shows the ids of the map, or those of the container" {
  userns
  chown 5:5 "$SOURCE/file"
  launch
  added "$(jq -c '. + {uidMappings: $m, gidMappings: $m}' --argjson m '[{"containerID": 5, "hostID": 100007, "size": 1}]' <<<"$(bound /mapped idmap)")"
  is "$(inside stat -c %u:%g /mapped/file)" 7:7
  chown 0:0 "$SOURCE/file"
  added "$(bound /own idmap)"
  is "$(inside stat -c %u:%g /own/file)" 0:0
}

@test "mounts remove takes only what apus added, with --force also mounts of the configuration" {
  mounts "$(bound /configured)"
  launch
  document '{"destination": "/configured"}'
  attempt mounts remove "$ID" "$DOCUMENT"
  exits 1
  has "$stderr" "/0/destination" configuration --force
  inside cat /configured/file
  document '{"destination": "/nothing"}'
  attempt mounts remove --force "$ID" "$DOCUMENT"
  exits 1
  has "$stderr" "/0/destination"
  # One that the container made itself.
  document '{"destination": "/configured"}'
  attempt mounts remove --force "$ID" "$DOCUMENT"
  exits 0
  is "$(inside ls /configured)" ""
  is "$(rt mounts list --format json "$ID" | jq -c '.[] | select(.destination == "/configured") | .mounted')" false
}

@test "mounts remove is all or nothing: an entry that cannot be removed leaves the others mounted" {
  launch
  added "$(tmpfs /a)" "$(tmpfs /b)"
  document '{"destination": "/a"}' '{"destination": "/nothing"}'
  attempt mounts remove "$ID" "$DOCUMENT"
  exits 1
  has "$stderr" "/1/destination"
  is "$(live)" '["/a","/b"]'
  has "$(mounted /a)" tmpfs
}

@test "T62: mounts remove follows a mount that the container has moved, and never takes another in its place" {
  config '.process.capabilities[] += ["CAP_SYS_ADMIN"]'
  launch
  added "$(tmpfs /a)"
  inside sh -c 'mkdir /b; mount --move /a /b 2>/dev/null || mv /a /c'
  removed '{"destination": "/a"}'
  is "$(mounted /b)$(mounted /a)$(mounted /c)" ""
  added "$(tmpfs /d)"
  inside mount -t tmpfs over /d
  document '{"destination": "/d"}'
  attempt mounts remove "$ID" "$DOCUMENT"
  exits 1
  has "$stderr" "/0/destination" "cannot be reached"
  has "$(mounted /d)" over
  inside umount /d
  inside umount /d
  # It is gone already.
  attempt mounts remove "$ID" "$DOCUMENT"
  exits 0
  is "$(live)" '[]'
}

@test "mounts list shows the mounts of the configuration and those that were added" {
  launch
  added "$(bound /data)"
  attempt mounts list "$ID"
  exits 0
  has "$output" DESTINATION ORIGIN /proc config /data live "$SOURCE"
  is "$(rt mounts list --format json "$ID" | jq -c '.[-1]')" \
    "$(jq -cn --arg s "$SOURCE" '{destination: "/data", source: $s, type: "bind", origin: "live", mounted: true}')"
}

@test "mounts: the operands are checked" {
  local words
  for words in "add $ID" "list $ID x" "swap $ID x"; do
    attempt mounts $words
    exits 1
    has "$stderr" mounts
  done
}

# --- attacks -----------------------------------------------------------------------------------

@test "T60: a link of the container leads neither to the host, nor over /proc, nor over the root" {
  launch
  local before target
  before=$(count)
  mkdir "$BATS_TEST_TMPDIR/outside"
  for target in "$BATS_TEST_TMPDIR/outside" /proc/1/root/data /../../../../data2; do
    inside sh -c 'rm -f /link; ln -s "$1" /link' - "$target"
    document "$(tmpfs /link/x)"
    attempt mounts add "$ID" "$DOCUMENT"
    # Wherever it went, it was in the container.
    is "$(ls "$BATS_TEST_TMPDIR/outside")" ""
    [ "$status" -ne 0 ] || removed '{"destination": "/link/x"}'
  done
  for target in /proc /proc/sys /proc/self /proc/self/root / /proc/1/cwd; do
    inside sh -c 'rm -f /link; ln -s "$1" /link' - "$target"
    document "$(tmpfs /link)"
    unadded "[/0]"
  done
  is "$(count)" "$before"
}

@test "T60: a container that swaps the target and its parent all the time gets a mount in its tree or none" {
  mkdir "$BATS_TEST_TMPDIR/outside"
  chmod 777 "$BATS_TEST_TMPDIR/outside"
  # shellcheck disable=SC2016
  shell 'mkdir -p /v/t /w; ln -s / /evil; ln -s /proc /evil2
    while :; do
      mv /v /o; ln -s '"$BATS_TEST_TMPDIR/outside"' /v; rm /v; ln -s /proc/self /v; rm /v; mv /o /v
      rmdir /v/t; ln -s /proc/self/cwd /v/t; rm /v/t; ln -s / /v/t; rm /v/t; mkdir /v/t
    done 2>/dev/null'
  launch
  local before n succeeded=0
  before=$(count)
  document "$(tmpfs /v/t)" "$(bound /v/t/x)"
  for n in $(seq 40); do
    attempt mounts add "$ID" "$DOCUMENT"
    is "$(ls -A "$BATS_TEST_TMPDIR/outside")" ""
    if [ "$status" -ne 0 ]; then
      is "$(live)" '[]'
      is "$(count)" "$before"
      continue
    fi
    succeeded=$((succeeded + 1))
    lacks "$(awk '$9 == "tmpfs" || $8 == "tmpfs" { print $5 }' "/proc/$(pid_of)/mountinfo" | tail -n 1)" /proc/
    jq -c '[reverse[] | {destination}]' "$DOCUMENT" >"$DOCUMENT.r"
    attempt mounts remove "$ID" "$DOCUMENT.r"
    exits 0
    is "$(count)" "$before"
  done
  echo "$succeeded of 40 succeeded" >&2
}

@test "T61: root of a container that sees the process which mounts cannot look into it" {
  probing
  # In the pid namespace of the host, and with every right over processes of its own user namespace.
  config '.linux.namespaces |= map(select(.type != "pid")) | .process.capabilities[] += ["CAP_SYS_PTRACE", "CAP_SYS_ADMIN"]
    | .mounts |= map(if .destination == "/proc" then {destination, source: "/proc", options: ["rbind"]} else . end)'
  userns
  launch
  document "$(tmpfs /t)" "$(bound /t/x)"
  held host:8:before mounts add "$ID" "$DOCUMENT"
  local child what
  child=$(pgrep -P "$runtime")
  is "$(readlink "/proc/$child/ns/mnt")" "$(readlink "/proc/$(pid_of)/ns/mnt")"
  inside test -d "/proc/$child"
  for what in exe cwd root fd/0 ns/mnt; do
    is "$(inside readlink "/proc/$child/$what" 2>/dev/null || :)" ""
  done
  is "$(inside sh -c 'ls /proc/$1/fd/' - "$child" 2>/dev/null || :)" ""
  is "$(inside sh -c 'cat /proc/$1/maps' - "$child" 2>/dev/null || :)" ""
  # The same of a process that it may look into.
  [ -n "$(inside readlink /proc/self/exe)" ]
  kill -TERM "$runtime"
  wait "$runtime" || :
  is "$(live)" '[]'
}

@test "T62: mounts add does not wait for a fifo that the container put where procfs was" {
  config '.mounts |= map(select(.destination != "/proc")) | del(.linux.maskedPaths, .linux.readonlyPaths)'
  shell 'mkdir -p /proc/self/fd; mkfifo /proc/self/mountinfo; sleep 1000'
  launch
  eventually test -p "$BUNDLE/rootfs/proc/self/mountinfo"
  added "$(tmpfs /t)"
  removed '{"destination": "/t"}'
  document '{"destination": "/s", "type": "sysfs"}' '{"destination": "/x", "type": "tmpfs", "options": ["no=1"]}'
  unadded "[/1]"
}

# --- killed ------------------------------------------------------------------------------------

# The debug build beside the release has places to stop at.
probing() {
  local debug
  for debug in "${RUNTIME%/release/apus}/debug/apus" "$RUNTIME"; do
    [ -x "$debug" ] && strings "$debug" 2>/dev/null | grep -q APUS_PROBE && { PROBED=$debug; return; }
  done
  skip "there is no debug build"
}

# held STOP RUNTIME-ARG…: starts the command, and returns once it waits at the stop or has ended.
held() {
  local stop=$1
  shift
  APUS_PROBE=$stop "$PROBED" --root "$ROOT" "$@" </dev/null >"$OUT" 2>"$ERR" 3>&- &
  runtime=$!
  while kill -0 "$runtime" 2>/dev/null; do
    [ "$(cat "/proc/$runtime/comm" 2>/dev/null)" != apus-probe ] || return 0
    sleep 0.01
  done
  return 1
}

@test "mounts add: killed before or after any step, all of the mounts are there or none, and the next command knows" {
  probing
  launch
  local before n at reached=0
  before=$(count)
  document "$(tmpfs /a)" "$(tmpfs /a/b)" "$(bound /c)"
  printf '[]' >"$BATS_TEST_TMPDIR/none.json"
  for at in before after; do
    for n in $(seq 10); do
      if held "host:$n:$at" mounts add "$ID" "$DOCUMENT"; then
        reached=$((reached + 1))
        kill -KILL "$runtime"
      fi
      wait "$runtime" 2>/dev/null || :
      attempt mounts add "$ID" "$BATS_TEST_TMPDIR/none.json"
      exits 0
      case $(count) in
        "$before") is "$(live)" '[]' ;;
        $((before + 3)))
          is "$(live)" '["/a","/a/b","/c"]'
          jq -c '[reverse[] | {destination}]' "$DOCUMENT" >"$DOCUMENT.r"
          attempt mounts remove "$ID" "$DOCUMENT.r"
          exits 0
          is "$(count)" "$before"
          ;;
        *) fail "half of them after step $n, $at: $(live)" ;;
      esac
    done
  done
  is "$reached" 20
}

@test "mounts add: whichever step fails, nothing stays mounted" {
  probing
  launch
  local before n
  before=$(count)
  document "$(tmpfs /a)" "$(tmpfs /a/b)" "$(bound /c)"
  for n in $(seq 10); do
    APUS_PROBE=host:$n:fail try "$PROBED" --root "$ROOT" mounts add "$ID" "$DOCUMENT"
    exits 1
    has "$stderr" EIO
    is "$(count)" "$before"
    is "$(live)" '[]'
  done
}

@test "mounts add: if the process in the container is killed, nothing stays mounted" {
  probing
  launch
  local before n child
  before=$(count)
  document "$(tmpfs /a)" "$(tmpfs /a/b)" "$(bound /c)"
  for n in 7 8 9 10; do
    held "host:$n:before" mounts add "$ID" "$DOCUMENT"
    child=$(pgrep -P "$runtime")
    kill -KILL "$child"
    # The name of the one that waits is apus-probe; it goes on by itself after 10 seconds.
    wait "$runtime" && [ "$n" = 10 ] || :
    if [ "$n" = 10 ]; then
      [ "$(count)" = "$((before + 3))" ] || is "$(count)" "$before"
    else
      is "$(count)" "$before"
      is "$(live)" '[]'
    fi
  done
}

@test "mounts remove: killed before or after any step, the next command completes it" {
  probing
  launch
  local before n at
  before=$(count)
  printf '[]' >"$BATS_TEST_TMPDIR/none.json"
  for at in before after; do
    for n in $(seq 8); do
      added "$(tmpfs /a)" "$(tmpfs /b)"
      document '{"destination": "/a"}' '{"destination": "/b"}'
      held "host:$n:$at" mounts remove "$ID" "$DOCUMENT"
      kill -KILL "$runtime"
      wait "$runtime" 2>/dev/null || :
      attempt mounts add "$ID" "$BATS_TEST_TMPDIR/none.json"
      exits 0
      case $(count) in
        "$before") is "$(live)" '[]' ;;
        $((before + 2)))
          is "$(live)" '["/a","/b"]'
          removed '{"destination": "/a"}' '{"destination": "/b"}'
          ;;
        *) fail "half of them after step $n, $at: $(live)" ;;
      esac
    done
  done
}

@test "mounts add: SIGTERM takes back what was mounted" {
  probing
  launch
  local before
  before=$(count)
  document "$(tmpfs /a)" "$(tmpfs /b)"
  held host:8:before mounts add "$ID" "$DOCUMENT"
  kill -TERM "$runtime"
  status=0
  wait "$runtime" || status=$?
  is "$status" 143
  is "$(count)" "$before"
  is "$(live)" '[]'
}

@test "mounts of two commands at the same time are all there" {
  launch
  local n pids=()
  for n in 1 2 3 4 5 6; do
    printf '[%s]' "$(tmpfs "/p$n")" >"$BATS_TEST_TMPDIR/m$n"
    rt mounts add "$ID" "$BATS_TEST_TMPDIR/m$n" 3>&- &
    pids+=($!)
  done
  for n in "${pids[@]}"; do wait "$n"; done
  is "$(live | jq -c sort)" '["/p1","/p2","/p3","/p4","/p5","/p6"]'
}

@test "mounts add takes over no mount of a command that was killed while this one waited for it" {
  probing
  launch
  local n other before
  before=$(count)
  printf '[%s]' "$(tmpfs /other)" >"$BATS_TEST_TMPDIR/other.json"
  document "$(tmpfs /a)" "$(tmpfs /b)"
  for n in $(seq 4 8); do
    # Both have looked at the container before one of them gets the lock.
    exec {lock}<"$ROOT/$ID"
    flock "$lock"
    "$RUNTIME" --root "$ROOT" mounts add "$ID" "$BATS_TEST_TMPDIR/other.json" </dev/null >"$OUT.other" 2>&1 3>&- {lock}<&- &
    other=$!
    BACKGROUND+=("$other")
    sleep 0.3
    kill -STOP "$other"
    (sleep 0.2; flock -u "$lock") 3>&- &
    exec {lock}<&-
    held "host:$n:after" mounts add "$ID" "$DOCUMENT" || break
    kill -KILL "$runtime"
    wait "$runtime" 2>/dev/null || :
    kill -CONT "$other"
    wait "$other" || fail "$(cat "$OUT.other")"
    case $(count) in
      $((before + 1))) is "$(live)" '["/other"]' ;;
      $((before + 3))) is "$(live | jq -c sort)" '["/a","/b","/other"]' ;;
      *) fail "after step $n: $(live)" ;;
    esac
    is "$(rt mounts list --format json "$ID" | jq -c '[.[] | select(.origin == "live" and (.mounted | not))]')" '[]'
    rt mounts list --format json "$ID" | jq -c '[.[] | select(.origin == "live") | {destination}] | reverse' >"$BATS_TEST_TMPDIR/all.json"
    attempt mounts remove "$ID" "$BATS_TEST_TMPDIR/all.json"
    exits 0
    is "$(count)" "$before"
  done
  [ "$n" -gt 5 ]
}

@test "mounts add says what create would: a source that is missing, a read-only root, an object for a list" {
  document '{"destination":"/data","source":"'"$SOURCE"'/belo","options":["rbind"]}'
  rt create --bundle "$BUNDLE" "$ID"
  unadded "the source \`$SOURCE/belo\` is not on the host" 'did you mean `' "[/0]"
  document '{"destination":"/data","source":"'"$SOURCE"'/other/x","options":["rbind"]}'
  unadded "is not on the host" "make it on the host, or correct /0/source"
  printf '{"destination":"/data","source":"/"}' >"$DOCUMENT"
  unadded "expected a list of mounts, found an object: write it in brackets: [{...}]"
  rt delete --force "$ID"
  config '.root.readonly = true'
  rt create --bundle "$BUNDLE" "$ID"
  document '{"destination":"/nothere","source":"'"$SOURCE"'","options":["rbind"]}'
  unadded '`/nothere` is not there, and what it would be made in is read-only' \
    "make it in the root filesystem beforehand"
}
