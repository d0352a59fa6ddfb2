# runtime.md: the state of a container, its lifecycle and the operations on it.
load lib

@test "runtime.md State: a created container has version, id, status, pid, bundle and annotations" {
  config '.annotations = {"org.example.key": "value"}'
  create
  is "$(state '.id, .status')" "$(printf '%s\ncreated' "$ID")"
  matches "$(state .ociVersion)" '^1\.[0-9]+\.[0-9]+'
  is "$(state .bundle)" "$BUNDLE"
  is "$(state '.annotations["org.example.key"]')" value
  [ -d "/proc/$(pid)" ]
}

@test "runtime.md State: pid is the process as the host sees it, of a running container too" {
  running_sleep
  is "$(state .status)" running
  has "$(tr '\0' ' ' <"/proc/$(pid)/cmdline")" "while :"
}

@test "runtime.md State: a container whose process ended is stopped" {
  outcome true
  is "$(state .status)" stopped
}

@test "runtime.md Errors: an operation that fails changes nothing of another container" {
  create
  fails create
  is "$(state .status)" created
}

@test "runtime.md Query State: an unknown id is an error" {
  try state unknown
  [ "$status" -ne 0 ]
}

@test "runtime.md Query State: no id is an error" {
  try state
  [ "$status" -ne 0 ]
}

@test "runtime.md Create: the program does not run before start" {
  shell 'touch /data/ran; while :; do sleep 0.05; done'
  create
  sleep 0.3
  [ ! -e "$BUNDLE/rootfs/data/ran" ]
  operation start "$ID"
  eventually test -e "$BUNDLE/rootfs/data/ran"
}

@test "runtime.md Create: an id is unique" {
  create
  fails create
}

@test "runtime.md Create: a bundle that does not exist is an error" {
  try create --bundle /nonexistent "$ID"
  [ "$status" -ne 0 ]
  try create "$ID"
  [ "$status" -ne 0 ]
}

@test "runtime.md Create: a change of config.json after create has no effect" {
  shell 'echo first'
  create
  config '.process.args = ["sh", "-c", "echo second"]'
  operation start "$ID"
  eventually stopped
  is "$(cat "$OUT")" first
}

@test "runtime.md Create: what cannot be applied is an error, and no container is left" {
  config '.linux.namespaces += [{type: "network", path: "/nonexistent"}]'
  refused
}

@test "runtime.md Start: runs the program" {
  yields ran 'echo ran'
}

@test "runtime.md Start: of an unknown container is an error" {
  try start unknown
  [ "$status" -ne 0 ]
  try start
  [ "$status" -ne 0 ]
}

@test "runtime.md Start: of a running container is an error and changes nothing" {
  running_sleep
  local before
  before=$(pid)
  try start "$ID"
  [ "$status" -ne 0 ]
  is "$(state '"\(.status) \(.pid)"')" "running $before"
}

@test "runtime.md Start: of a stopped container is an error" {
  outcome true
  try start "$ID"
  [ "$status" -ne 0 ]
  is "$(state .status)" stopped
}

@test "runtime.md Start: without process is an error" {
  config 'del(.process)'
  if create 2>/dev/null; then
    try start "$ID"
    [ "$status" -ne 0 ]
  fi
}

@test "runtime.md Kill: sends the signal to the process" {
  shell 'trap "echo got; exit" USR1; echo ready; while :; do sleep 0.05; done'
  launch
  eventually 'grep -q ready "$OUT"'
  operation kill "$ID" USR1
  eventually stopped
  has "$(cat "$OUT")" got
}

@test "runtime.md Kill: of a created container" {
  create
  operation kill "$ID" KILL
  eventually stopped
}

@test "runtime.md Kill: of an unknown container is an error" {
  try kill unknown KILL
  [ "$status" -ne 0 ]
  try kill
  [ "$status" -ne 0 ]
}

@test "runtime.md Kill: of a stopped container is an error" {
  outcome true
  try kill "$ID" KILL
  [ "$status" -ne 0 ]
}

@test "runtime.md Delete: of a stopped container removes it, and its id is free again" {
  outcome 'echo one'
  operation delete "$ID"
  fails operation state "$ID"
  [ ! -d "$CGROUP" ]
  outcome 'echo two'
  has "$output" two
}

@test "runtime.md Delete: of a running container is an error and changes nothing" {
  running_sleep
  try delete "$ID"
  [ "$status" -ne 0 ]
  is "$(state .status)" running
}

@test "runtime.md Delete: of an unknown container is an error" {
  try delete unknown
  [ "$status" -ne 0 ]
  try delete
  [ "$status" -ne 0 ]
}

@test "runtime.md Delete: what the runtime did not make stays: the bundle, and a namespace that was joined" {
  unshare --net sleep 30 3>&- &
  local keeper=$!
  eventually '[ "$(readlink /proc/'"$keeper"'/ns/net)" != "$(readlink /proc/self/ns/net)" ]'
  config '(.linux.namespaces[] | select(.type == "network")).path = $path' --arg path "/proc/$keeper/ns/net"
  outcome 'readlink /proc/self/ns/net'
  is "$output" "$(readlink "/proc/$keeper/ns/net")"
  operation delete "$ID"
  [ -e "$BUNDLE/config.json" ]
  kill -0 "$keeper"
  kill "$keeper"
}

@test "runtime.md Lifecycle: the hooks run in their order, around what they belong to" {
  local kind
  for kind in prestart createRuntime poststart poststop; do hook "$kind" "echo $kind >>$OUT.hooks"; done
  hook createContainer "echo createContainer >>$OUT.hooks"
  hook startContainer 'echo startContainer >>/data/hooks'
  shell 'echo program >>/data/hooks; while :; do sleep 0.05; done'
  create
  is "$(cat "$OUT.hooks")" "$(printf 'prestart\ncreateRuntime\ncreateContainer')"
  [ ! -e "$BUNDLE/rootfs/data/hooks" ]
  operation start "$ID"
  eventually '[ "$(cat "$BUNDLE/rootfs/data/hooks")" = "$(printf "startContainer\nprogram")" ]'
  eventually '[ "$(tail -1 "$OUT.hooks")" = poststart ]'
  operation kill "$ID" KILL
  eventually stopped
  operation delete "$ID"
  is "$(tail -1 "$OUT.hooks")" poststop
}

@test "config.md Hooks: a hook reads the state on its standard input" {
  hook createRuntime "cat >$OUT.created"
  hook poststop "cat >$OUT.stopped"
  config '.annotations = {"org.example.key": "value"}'
  outcome true
  is "$(jq -r '.id, .bundle, .annotations["org.example.key"]' "$OUT.created")" "$(printf '%s\n%s\nvalue' "$ID" "$BUNDLE")"
  matches "$(jq -r .status "$OUT.created")" '^creat(ing|ed)$'
  operation delete "$ID"
  is "$(jq -r .status "$OUT.stopped")" stopped
}

@test "config.md Hooks: the pid in the state of createRuntime has the container's namespaces" {
  hook createRuntime "readlink /proc/\$(jq -r .pid)/ns/net >$OUT.net"
  outcome 'readlink /proc/self/ns/net'
  is "$output" "$(cat "$OUT.net")"
}

@test "config.md Hooks: entries run in the order of the list" {
  hook createRuntime "echo one >>$OUT.hooks"
  hook createRuntime "echo two >>$OUT.hooks"
  create
  is "$(cat "$OUT.hooks")" "$(printf 'one\ntwo')"
}

@test "config.md Hooks: args and env are the hook's own" {
  config '.hooks.createRuntime = [{path: "/bin/sh", args: ["zero", "-c", "echo $0 $A $# >\($file)", "name", "one"], env: ["A=b"]}]' --arg file "$OUT.hook"
  create
  is "$(cat "$OUT.hook")" "name b 1"
}

@test "config.md Hooks: a path that is not absolute is an error" {
  config '.hooks.createRuntime = [{path: "true"}]'
  refused
}

@test "config.md Hooks: a timeout ends a hook, and is an error" {
  config '.hooks.createRuntime = [{path: "/bin/sleep", args: ["sleep", "600"], timeout: 1}]'
  local from=$SECONDS
  refused
  [ $((SECONDS - from)) -lt 100 ]
}

@test "runtime.md Lifecycle: a createRuntime hook that fails stops create; a poststop hook follows" {
  hook createRuntime 'exit 1'
  hook poststop "echo ran >$OUT.after"
  refused
  is "$(cat "$OUT.after")" ran
}

@test "runtime.md Lifecycle: a createContainer hook that fails stops create" {
  hook createContainer 'exit 1'
  refused
}

@test "runtime.md Lifecycle: a startContainer hook that fails keeps the program from running" {
  hook startContainer 'exit 1'
  shell 'touch /data/ran'
  create
  operation start "$ID" 2>/dev/null || :
  eventually '! operation state "$ID" || stopped'
  [ ! -e "$BUNDLE/rootfs/data/ran" ]
}

@test "runtime.md Lifecycle: a poststart hook that fails stops the container" {
  hook poststart 'exit 1'
  shell 'while :; do sleep 0.05; done'
  create
  operation start "$ID" 2>/dev/null || :
  eventually '! operation state "$ID" || stopped'
}

@test "runtime.md Lifecycle: a poststop hook that fails is a warning, and the next one runs" {
  hook poststop 'exit 1'
  hook poststop "echo ran >$OUT.hook"
  outcome true
  operation delete "$ID"
  fails operation state "$ID"
  is "$(cat "$OUT.hook")" ran
}
