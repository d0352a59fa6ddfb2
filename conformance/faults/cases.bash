# The table: code, what was done wrong, and what the message must say: the cause, the place, what to do. See run.

# --- the document -------------------------------------------------------------------------------------------------------
fault config-absent 'the bundle is another directory' 'config\.json' 'B/bundle' 'bundle\?' 'rm "$BUNDLE/config.json"'
fault config-syntax 'a comma too many' 'comma' 'line [0-9]+' 'remove' \
  'printf "{\n \"ociVersion\": \"1.2.0\",\n}" >"$BUNDLE/config.json"'
fault config-duplicate 'one member twice' 'duplicate' 'user|line [0-9]+' . \
  'printf "{\"ociVersion\": \"1.2.0\",\n \"process\": {\"user\": {}, \"user\": {}}}" >"$BUNDLE/config.json"'
fault config-image 'the configuration of an image' 'image' 'configuration of an image' 'unpack|spec' \
  'printf "{\"architecture\": \"amd64\", \"config\": {}, \"rootfs\": {\"type\": \"layers\"}}" >"$BUNDLE/config.json"'
fault config-missing '`arg` for `args`' 'missing' '/process/args' 'did you mean' \
  'config ".process.arg = .process.args | del(.process.args)"'
fault config-type 'a string for a list' 'array|\[\]string' 'process[./]args' '\["true"\]' 'config ".process.args = \"true\""'
fault config-word 'a namespace called `net`' 'unknown|invalid' 'namespaces/[0-9]+|"net"' 'did you mean .network' \
  'config ".linux.namespaces += [{type: \"net\"}]"'
fault config-word 'an architecture as others call it' 'SCMP_ARCH_AMD64' '/linux/seccomp/architectures/0' 'did you mean .SCMP_ARCH_X86_64' \
  'config ".linux.seccomp = {defaultAction: \"SCMP_ACT_ALLOW\", architectures: [\"SCMP_ARCH_AMD64\"]}"'
fault config-rule 'an agent that nobody started' 'nosock. is not there' '/linux/seccomp/listenerPath' 'start the seccomp agent' \
  'config ".linux.seccomp = {defaultAction: \"SCMP_ACT_ALLOW\", listenerPath: \"$DIR/nosock\", syscalls: [{names: [\"mkdir\"], action: \"SCMP_ACT_NOTIFY\"}]}"'
fault config-number 'a uid of -1' 'whole number|uint32|number' '/process/user/uid|user\.uid' '0 to 4294967295' \
  'config ".process.user.uid = -1"'
fault config-unknown-member '`readOnly` for `readonly`' 'unknown member' '/root/readOnly' 'did you mean .readonly' \
  'config ".root.readOnly = true"'
fault config-rule 'a hostname without a uts namespace' 'uts' '/hostname|hostname' 'namespace' \
  'without_namespace uts; config ".hostname = \"h\""'
fault config-rule 'a null device with other numbers' 'a null device is 1:3' '/linux/devices/0' 'correct major and minor' \
  'config ".linux.devices = [{path: \"/dev/null\", type: \"c\", major: 1, minor: 5}]"'
fault config-warning 'a mode in decimal digits' '666 is decimal' '/linux/devices/0/fileMode' 'write 438' \
  'config ".linux.devices = [{path: \"/dev/x\", type: \"c\", major: 1, minor: 3, fileMode: 666}]"'
fault config-warning 'a variable of a hook without a value' 'not NAME=value' '/hooks/createRuntime/0/env/0' 'NAME=value' \
  'hook createRuntime /bin/true; config ".hooks.createRuntime[0].env = [\"FOO\"]"'
fault config-rule 'a configuration without linux' '/linux is missing' '/hostname|/linux' 'apus spec' 'config "del(.linux) | .hostname = \"h\""'
fault config-rule 'an effective capability that is not permitted' 'CAP_CHOWN' '/process/capabilities/effective' 'permitted' \
  'config ".process.capabilities.effective = [\"CAP_CHOWN\"] | .process.capabilities.permitted = []"'
fault config-warning 'a user without a uid' 'absent|uid' '/process/user/uid' '0' 'config "del(.process.user.uid)"'

# --- the program --------------------------------------------------------------------------------------------------------
fault exec-absent 'a misspelt program' 'not in the root|no such file' '/bin/busybux' 'did you mean' 'args /bin/busybux'
fault exec-absent 'a misspelt program where /bin is a link' '/usr/bin/busybux. is not in the root' '/bin/busybux' 'did you mean' \
  'mkdir "$ROOTFS/usr"; mv "$ROOTFS/bin" "$ROOTFS/usr/bin"; ln -s usr/bin "$ROOTFS/bin"; args /bin/busybux'
fault exec-absent 'a slash too many' 'no directory' '/bin/true/' 'slash' 'args /bin/true/'
fault exec-not-in-path 'a program that PATH does not have' 'not found in' '"tool"|`tool`' '/opt/tool' \
  'file /opt/tool "#!/bin/sh\n"; args tool'
fault exec-one-string 'a whole command line as one string' 'whole command line' 'args' '"/bin/sh", "-c"' 'args "/bin/sh -c true"'
fault exec-empty-root 'an empty root filesystem' 'empty' 'root filesystem|rootfs' 'unpack|mount|root\.path' \
  'mkdir -p "$BUNDLE/none/"{proc,dev,sys}; config ".root.path = \"none\""; args sh'
fault exec-dangling-link 'a link to nothing' 'link to' '/opt/nowhere' 'install|correct' 'mkdir "$ROOTFS/opt"; ln -s /opt/nowhere "$ROOTFS/opt/link"; args /opt/link'
fault exec-dangling-link 'a script that is its own interpreter' 'interpreter is a script' '/s' 'name a program' 'file /s "#!/s\n"; args /s'
fault exec-other-prefix 'a path of the host' 'inside the container' '/opt/tool' '/opt/tool' \
  'file /opt/tool "#!/bin/sh\n"; args "/rootfs/opt/tool"'
fault exec-interpreter 'an interpreter that is not there' '/bin/nosuch' 'line 1|interpreter' 'install|correct' \
  'file /s "#!/bin/nosuch\n"; args /s'
fault exec-interpreter 'an interpreter that is not there, where /bin is a link' 'line 1 of ./s., is not in the root filesystem;' '/s' 'install|correct' \
  'mkdir "$ROOTFS/usr"; mv "$ROOTFS/bin" "$ROOTFS/usr/bin"; ln -s usr/bin "$ROOTFS/bin"; file /s "#!/bin/nosuch\n"; args /s'
fault exec-shebang 'a script with the line ends of DOS' 'CR|\\r' '/s|line 1' 'dos2unix|line end' 'file /s "#!/bin/sh\r\n"; args /s'
fault exec-no-shebang 'a script without #!' '#!' '/s' '#!/bin/sh|begin' 'file /s "echo\n"; args /s'
fault exec-loader 'a program of glibc without its loader' 'loader|ld-linux' 'ld-linux' 'install|static' \
  'cp /bin/ls "$ROOTFS/ls"; args /ls'
fault exec-architecture 'a program for another machine' 'riscv64' '/b' 'image|emulator|binfmt' \
  'file /b "\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x02\0\xf3\0"; head -c 200 /dev/zero >>"$ROOTFS/b"; args /b'
fault exec-architecture 'a program for another system' 'Windows' '/b' 'for Linux' 'file /b "MZ\x90\0\3"; args /b'
fault exec-architecture 'a program that was never fetched' 'LFS' '/b' 'git lfs pull' \
  'file /b "version https://git-lfs.github.com/spec/v1\n"; args /b'
fault exec-truncated 'an empty program' 'empty' '/b' 'again|copy|write' 'file /b ""; args /b'
fault exec-mode 'a program that is not executable' 'mode 0?644|x bit' '/p' 'chmod' 'file /p "#!/bin/sh\n" 644; args /p'
fault exec-directory 'a directory for a program' 'directory' '/etc' 'name|program|file' 'args /etc'
fault exec-not-a-file 'a device for a program' 'character device|device' '/dev/null' 'name|program' 'args /dev/null'
fault exec-closed-directory 'a directory that the user may not search' 'search' '/opt' 'chmod|o\+x' \
  'file /opt/p "#!/bin/sh\n"; chmod 700 "$ROOTFS/opt"; args /opt/p; config ".process.user = {uid: 1000, gid: 1000} | .process.capabilities = {}"'
fault exec-noexec 'a program on a mount with noexec' 'noexec' '/mounts/[0-9]+|/data' 'noexec' \
  'mkdir "$BUNDLE/data"; cp "$ROOTFS/bin/busybox" "$BUNDLE/data/true"; mount_at /data "{\"type\": \"bind\", \"source\": \"$BUNDLE/data\", \"options\": [\"bind\", \"noexec\"]}"; args /data/true'
fault exec-filter 'a seccomp profile that refuses execve' 'seccomp' '/linux/seccomp|rule' 'allow' \
  'config ".linux.seccomp = {defaultAction: \"SCMP_ACT_ALLOW\", syscalls: [{names: [\"execve\"], action: \"SCMP_ACT_ERRNO\"}]}"'
fault exec-refused 'a filter that refuses this execve alone' 'its mode, its mount and its interpreter allow it' '/bin/true' 'dmesg|audit|seccomp' \
  'config ".linux.seccomp = {defaultAction: \"SCMP_ACT_ALLOW\", syscalls: [{names: [\"execve\"], action: \"SCMP_ACT_ERRNO\", errnoRet: 13, args: [{index: 1, value: 0, op: \"SCMP_CMP_NE\"}]}]}"'
fault exec-filter 'a filter that leaves execve to a tracer' 'SCMP_ACT_TRACE' '/linux/seccomp/syscalls/0' 'allow execve' \
  'config ".linux.seccomp = {defaultAction: \"SCMP_ACT_ALLOW\", syscalls: [{names: [\"execve\"], action: \"SCMP_ACT_TRACE\"}]}"'
fault exec-failed 'a program that is being written' 'ETXTBSY|text file busy' '/bin/w|writ' 'writ|close|wait' \
  'cp "$ROOTFS/bin/busybox" "$ROOTFS/bin/w"; args /bin/w; sleep 60 9>>"$ROOTFS/bin/w" & sleep 0.2'
fault cwd 'a file for a working directory' 'is a file|not a directory|no directory' '/process/cwd|/bin/busybox' 'correct|process\.cwd' 'config ".process.cwd = \"/bin/busybox\""'

# --- mounts -------------------------------------------------------------------------------------------------------------
fault mount-source 'a misspelt source' 'not on the host|no such file' '/mounts/[0-9]+|B/bundle/dta' 'did you mean' \
  'mkdir "$BUNDLE/data"; mount_at /data "{\"type\": \"bind\", \"source\": \"$BUNDLE/dta\", \"options\": [\"bind\"]}"'
fault mount-source 'a source with a variable' 'no shell reads it' '/mounts/[0-9]+' 'write out what .\$HOME' \
  'mount_at /data "{\"type\": \"bind\", \"source\": \"\$HOME/data\", \"options\": [\"bind\"]}"'
fault mount-source 'a source that links to itself' 'circle' '/mounts/[0-9]+' 'correct' \
  'ln -s loop "$BUNDLE/loop"; mount_at /data "{\"type\": \"bind\", \"source\": \"loop\", \"options\": [\"bind\"]}"'
fault mount-source 'a slash behind a file' 'is a file' '/mounts/[0-9]+' 'slash' \
  'mount_at /data "{\"type\": \"bind\", \"source\": \"config.json/\", \"options\": [\"bind\"]}"'
fault mount-filesystem 'the word of an engine for a type' 'no filesystem' '/mounts/[0-9]+' 'rbind' \
  'mkdir "$BUNDLE/data"; mount_at /data "{\"type\": \"volume\", \"source\": \"$BUNDLE/data\"}"'
fault mount-kinds 'a filesystem onto a file' 'is a file' '/mounts/[0-9]+|/dev' 'directory' 'rmdir "$ROOTFS/dev"; : >"$ROOTFS/dev"'
fault mount-target 'procfs where a link is' 'a link, and leads to ./etc' '/mounts/[0-9]+|/proc' 'make it a directory' 'rmdir "$ROOTFS/proc"; ln -s etc "$ROOTFS/proc"'
fault mount-target 'a destination that links to itself' 'circle' '/mounts/[0-9]+|/data' 'make it|correct' \
  'ln -s data "$ROOTFS/data"; mount_at /data "{\"type\": \"tmpfs\"}"'
fault config-warning 'options behind the destination' ':ro' '/mounts/[0-9]+/destination' 'options' \
  'mkdir "$BUNDLE/data"; mount_at /data:ro "{\"type\": \"bind\", \"source\": \"$BUNDLE/data\", \"options\": [\"bind\"]}"'
fault mount-kinds 'a directory onto a file' 'directory.*file|file.*directory' '/mounts/[0-9]+|/bin/busybox' 'file|directory' \
  'mkdir "$BUNDLE/data"; mount_at /bin/busybox "{\"type\": \"bind\", \"source\": \"$BUNDLE/data\", \"options\": [\"bind\"]}"'
fault mount-filesystem 'a filesystem that nobody has' 'unknown|no .*filesystem|filesystem' 'tmpfz' 'did you mean .tmpfs' 'mount_at /data "{\"type\": \"tmpfz\"}"'
fault mount-option 'a misspelt option' 'siez' '/mounts/[0-9]+|/data' 'did you mean .size' 'mount_at /data "{\"type\": \"tmpfs\", \"options\": [\"siez=1m\"]}"'
fault mount-unmapped 'a gid that is not mapped' 'not mapped' 'gid 5' 'gidMappings|map' \
  'user_namespace 100000 1; chown -R 100000:100000 "$ROOTFS"; config "(.mounts[] | select(.type == \"devpts\")).options += [\"gid=5\"]"'
fault mount-overlay 'an overlay without its lower directory' 'lowerdir' 'B/bundle/nosuch' 'make|correct|unpack|create|mount|mean' \
  'mkdir "$BUNDLE/up" "$BUNDLE/work"; mount_at /data "{\"type\": \"overlay\", \"source\": \"overlay\", \"options\": [\"lowerdir=$BUNDLE/nosuch\", \"upperdir=$BUNDLE/up\", \"workdir=$BUNDLE/work\"]}"'
fault mount-namespace 'mqueue without an ipc namespace' 'ipc namespace' '/mounts/[0-9]+' 'add|bind' \
  'user_namespace; chown -R 100000:100000 "$ROOTFS"; without_namespace ipc; mount_at /mq "{\"type\": \"mqueue\", \"source\": \"mqueue\"}"; mkdir "$ROOTFS/mq"'
fault mount-locked 'a user namespace that undoes noexec' 'noexec' '/mounts/[0-9]+' 'options|noexec|add' \
  'mkdir "$DIR/locked"; mount -t tmpfs -o noexec,nosuid tmpfs "$DIR/locked"
   mount_at /data "{\"type\": \"bind\", \"source\": \"$DIR/locked\", \"options\": [\"bind\", \"exec\"]}"
   user_namespace 0 1
   go() { inside : "$RUNTIME" ${JSON:+--log-format json} --root "$ROOT" run --bundle "$BUNDLE" "$ID" </dev/null; }'
fault mount-hidden 'a mount over an earlier one' 'hides' '/mounts/[0-9]+' 'put it after|first' \
  'mount_at /tmp/in "{\"type\": \"tmpfs\"}"; mount_at /tmp "{\"type\": \"tmpfs\"}"'
fault mount-over-mounted 'a new procfs where the host hides a part of it' 'mounted over|covered|hidden|over' '/proc' 'bind|umount|unmask' \
  'mount -t tmpfs tmpfs /proc/tty; user_namespace 0 1
   go() { inside : "$RUNTIME" ${JSON:+--log-format json} --root "$ROOT" run --bundle "$BUNDLE" "$ID" </dev/null; }'
fault mount-closed 'a source that the caller may not reach' 'search' 'B/closed' 'chmod|o\+x|search' \
  'mkdir -p "$DIR/closed/data"; config "del(.linux.cgroupsPath, .linux.resources)"; user_namespace 65534 1; mount_at /data "{\"type\": \"bind\", \"source\": \"$DIR/closed/data\", \"options\": [\"bind\"]}"
   go() { chmod 755 "$DIR"; (ROOT=$DIR/state; as_user true; chmod 700 "$DIR/closed"; setpriv --reuid 65534 --regid 65534 --clear-groups "$RUNTIME" ${JSON:+--log-format json} --root "$DIR/state" run --bundle "$BUNDLE" "$ID" </dev/null); }'
fault mount-target 'a place that cannot be made in the root filesystem' 'read-only' '/data|/mounts/[0-9]+' 'beforehand|make' \
  'mount --bind "$ROOTFS" "$ROOTFS"; mount -o remount,bind,ro "$ROOTFS"; mount_at /data "{\"type\": \"tmpfs\"}"'
fault mount-kinds 'a place below a file' 'busybox. on the way to the destination is a file|not a directory' '/bin/busybox' 'correct' 'mount_at /bin/busybox/x "{\"type\": \"tmpfs\"}"'
fault mount-failed 'a remount of what is no mount' 'no mount is there' '/mounts/[0-9]+|/tmp' 'mount it first' 'mount_at /tmp "{\"options\": [\"remount\", \"ro\"]}"'
fault root-absent 'a root filesystem that the caller may not search' 'may not search' 'B/bundle/rootfs' 'chown|chmod' \
  'config "del(.linux.cgroupsPath, .linux.resources)"; user_namespace 65534 1; chmod 700 "$ROOTFS"
   go() { mkdir "$DIR/state"; chown 65534 "$DIR/state"; chmod 755 "$DIR" "$BUNDLE"; setpriv --reuid 65534 --regid 65534 --clear-groups "$RUNTIME" ${JSON:+--log-format json} --root "$DIR/state" run --bundle "$BUNDLE" "$ID" </dev/null; }'
fault root-absent 'a misspelt directory of --rootfs' 'no directory' 'B/bundle/rootfz' 'did you mean' \
  'go() { rt run --rootfs "$BUNDLE/rootfz" -- true; }'
fault root-absent 'a misspelt root filesystem' 'rootfz' 'root\.path|/root/path|B/bundle/rootfz' 'did you mean' 'config ".root.path = \"rootfz\""'

# --- namespaces, ids, limits --------------------------------------------------------------------------------------------
fault namespace-path 'the namespace of a process that is gone' 'no process|gone|no such' '4194000' 'living|leave|path' 'namespace network /proc/4194000/ns/net'
fault namespace-path 'the user namespace that the runtime is in' 'is in that user namespace' '/linux/namespaces' 'leave the entry' 'namespace user /proc/self/ns/user'
fault config-rule 'an exec as somebody who is not mapped' 'uid 5000 is not in the id maps' '--user' 'take an id|map it' \
  'user_namespace 100000 1000; chown -R 100000:100000 "$ROOTFS"; chmod -R a+rX "$DIR"; running; go() { rt exec --user 5000 "$ID" true; }'
fault namespace-limit 'no network namespaces are left' 'max_net_namespaces' 'user\.max_net_namespaces' 'sysctl|raise' \
  'user_namespace 0 1; go() { inside "echo 0 >/proc/sys/user/max_net_namespaces" "$RUNTIME" ${JSON:+--log-format json} --root "$ROOT" run --bundle "$BUNDLE" "$ID" </dev/null; }'
fault namespace-refused 'a caller without CAP_SYS_ADMIN' 'CAP_SYS_ADMIN' 'uid 0|namespace' 'add a user namespace|as root' \
  'config "del(.linux.cgroupsPath, .linux.resources)"; go() { setpriv --bounding-set=-sys_admin "$RUNTIME" ${JSON:+--log-format json} --root "$ROOT" run --bundle "$BUNDLE" "$ID" </dev/null; }'
fault map-helper 'ids that are not the caller'"'"'s to map' 'subuid|newuidmap' '/etc/subuid|newuidmap|uidMappings' 'add|install|map' \
  'config "del(.linux.cgroupsPath, .linux.resources)"; user_namespace 900000 10; go() { as_user true; setpriv --reuid 65534 --regid 65534 --clear-groups "$RUNTIME" ${JSON:+--log-format json} --root "$DIR/state" run --bundle "$BUNDLE" "$ID" </dev/null; }'
fault sysctl-unknown 'a misspelt setting' 'no .ip_forwad|ip_forwad' 'ip_forwad' 'did you mean' 'config ".linux.sysctl = {\"net.ipv4.ip_forwad\": \"1\"}"'
fault sysctl-value 'a value that the kernel does not take' 'yes' 'ip_forward' 'correct|value' 'config ".linux.sysctl = {\"net.ipv4.ip_forward\": \"yes\"}"'
fault limit-hard 'a limit above the caller'"'"'s' '1000' 'RLIMIT_NOFILE|/process/rlimits/0' 'at most|raise' \
  'config ".process.rlimits = [{type: \"RLIMIT_NOFILE\", soft: 5000, hard: 5000}]"
   go() { prlimit --nofile=1000:1000 setpriv --bounding-set=-sys_resource "$RUNTIME" ${JSON:+--log-format json} --root "$ROOT" run --bundle "$BUNDLE" "$ID" </dev/null; }'
fault capability-left-out 'a capability that nobody knows' 'CAP_NOSUCH' 'capabilities|CAP_NOSUCH' . 'config ".process.capabilities.bounding += [\"CAP_NOSUCH\"]"'
fault network-device 'an interface that the host does not have' 'lp' 'netDevices|interface' 'did you mean .lo' 'config ".linux.netDevices = {\"lp\": {}}"'
fault security-label 'a profile of AppArmor that cannot be had' 'apparmor' 'apparmorProfile|AppArmor' 'remove|load|enable' 'config ".process.apparmorProfile = \"nosuch\""'

# --- hooks --------------------------------------------------------------------------------------------------------------
fault hook-absent 'a hook that is not there' 'not on the host|no such file' '/hooks/createRuntime/0|/opt/nosuch' 'install|correct' 'hook createRuntime /opt/nosuch'
fault hook-mode 'a hook that is not executable' 'mode 0?644' '/hooks/createRuntime/0|B/bundle/hook' 'chmod' \
  'printf "#!/bin/sh\n" >"$BUNDLE/hook"; hook createRuntime "$BUNDLE/hook"'
fault hook-exit 'a hook that fails' 'status 3' '/hooks/createRuntime/0|hook #0' 'boom' 'hook createRuntime /bin/sh -c "echo boom >&2; exit 3"'
fault hook-timeout 'a hook that takes too long' 'timed out|timeout' '/hooks/createRuntime/0|hook' 'raise' \
  'hook createRuntime /bin/sleep 30; config ".hooks.createRuntime[0].timeout = 1"'

# --- cgroups, state, descriptors ----------------------------------------------------------------------------------------
fault cgroup-busy 'a cgroup that has processes' 'in use' 'process [0-9]+' 'another .*cgroupsPath|end' \
  'mkdir "/sys/fs/cgroup/$ID"; sleep 60 & echo $! >"/sys/fs/cgroup/$ID/cgroup.procs"'
fault cgroup-controller 'new limits whose controller is not there' '^cgroup controller rdma' '/rdma/mlx5_1|/sys/fs/cgroup offers' 'leave the limit out' \
  'running; printf "{\"rdma\": {\"mlx5_1\": {\"hcaHandles\": 3}}}" >"$DIR/new"; go() { rt update -r "$DIR/new" "$ID"; }'
fault cgroup-failed '--cgroup of an exec that nobody made' 'not there, below the cgroup of the container' 'sub' 'make it first' \
  'running; go() { rt exec --cgroup sub "$ID" true; }'
fault cgroup-frozen 'a cgroup that is frozen' 'frozen' '/sys/fs/cgroup|/ID' 'cgroup\.freeze' \
  'mkdir "/sys/fs/cgroup/$ID"; echo 1 >"/sys/fs/cgroup/$ID/cgroup.freeze"'
fault cgroup-frozen 'a frozen cgroup above' '/above-ID. is, and all below' '/sys/fs/cgroup/above-ID' 'cgroup\.freeze' \
  'mkdir "/sys/fs/cgroup/above-$ID"; echo 1 >"/sys/fs/cgroup/above-$ID/cgroup.freeze"; config ".linux.cgroupsPath = \"/above-$ID/in\""
   go() { rt run --bundle "$BUNDLE" "$ID" || status=$?; rmdir "/sys/fs/cgroup/above-$ID"; return "$status"; }'
fault cgroup-failed 'as many cgroups as are allowed' 'cgroup\.max\.descendants' '/above-ID' 'echo max' \
  'mkdir "/sys/fs/cgroup/above-$ID"; echo 0 >"/sys/fs/cgroup/above-$ID/cgroup.max.descendants"; config ".linux.cgroupsPath = \"/above-$ID/in\""
   go() { rt run --bundle "$BUNDLE" "$ID" || status=$?; rmdir "/sys/fs/cgroup/above-$ID"; return "$status"; }'
fault cgroup-failed 'a hierarchy that the caller may not write' 'uid 65534 may not write' '/sys/fs/cgroup' 'delegated|leave' \
  'config "del(.linux.resources)"; user_namespace 65534 1; config ".mounts |= map(select(.type != \"devpts\"))"
   go() { as_user true; setpriv --reuid 65534 --regid 65534 --clear-groups "$RUNTIME" ${JSON:+--log-format json} --root "$DIR/state" run --bundle "$BUNDLE" "$ID" </dev/null; }'
fault cgroup-failed 'a size of huge pages that the kernel does not have' 'page sizes here|no huge pages' '/linux/resources/hugepageLimits/0' 'correct|remove' \
  'config ".linux.resources.hugepageLimits = [{pageSize: \"3MB\", limit: 0}]"'
fault cgroup-controller 'a limit whose controller is not there' 'controller' 'rdma' 'make .*available|remove|enable' \
  'config ".linux.resources.rdma = {\"mlx5_1\": {hcaHandles: 3}}"'
fault cgroup-form 'the form of systemd without it' 'systemd' '/linux/cgroupsPath' 'systemd-cgroup' 'config ".linux.cgroupsPath = \"x:y:$ID\""'
fault cgroup-failed 'a value that a file of the cgroup does not take' 'refuses|EINVAL|invalid argument' 'cgroup\.max\.depth' 'correct|remove|resources' \
  'config ".linux.resources.unified = {\"cgroup.max.depth\": \"deep\"}"'
fault state-root 'a file for a state root' 'file|not a directory' 'B/plain' 'root|XDG' \
  'printf x >"$DIR/plain"; go() { ROOT=$DIR/plain/root; rt run --bundle "$BUNDLE" "$ID"; }'
fault descriptors 'no descriptors left' 'RLIMIT_NOFILE|too many open files' 'RLIMIT_NOFILE' 'ulimit|raise' \
  'go() { prlimit --nofile=12:12 "$RUNTIME" ${JSON:+--log-format json} --root "$ROOT" run --bundle "$BUNDLE" "$ID" </dev/null; }'
fault preserved-hole '--preserve-fds over a hole' 'not open' 'preserve-fds' '4' \
  'go() { rt run --preserve-fds 2 --bundle "$BUNDLE" "$ID" 3</dev/null 4<&-; }'
fault container-absent 'a container below another root' 'does not exist' 'root' 'give --root' \
  'running; mkdir -m 700 "$DIR/other"; go() { local ROOT=$DIR/other; rt state "$ID"; }'
fault container-state 'a delete of what runs' 'running|not stopped' 'ID|container' 'kill|--force' 'running; go() { rt delete "$ID"; }'
fault container-exists 'an id that is taken' 'exist' 'running|pid' 'another id|delete' 'running; go() { rt create --bundle "$BUNDLE" "$ID"; }'
fault terminal 'a console socket that nobody made' 'not there|no such file|connect' 'nosock|console-socket' 'receiver|listen|start' \
  'config ".process.terminal = true"; go() { rt create --console-socket "$DIR/nosock" --bundle "$BUNDLE" "$ID"; }'
fault device-rule 'a device that no rule allows' 'no rule' '/linux/devices/0|/dev/fuse' 'add' \
  'config ".linux.devices = [{path: \"/dev/fuse\", type: \"c\", major: 10, minor: 229}]"'
fault seccomp-unknown 'a profile with a call that nobody knows' 'no_such_call' '/linux/seccomp|seccomp' . \
  'config ".linux.seccomp = {defaultAction: \"SCMP_ACT_ALLOW\", syscalls: [{names: [\"no_such_call\"], action: \"SCMP_ACT_ERRNO\"}]}"'
fault init-died 'somebody kills init' 'killed by signal 9|SIGKILL' 'init' . \
  'hook createRuntime /bin/sh -c "kill -KILL \$(sed \"s/.*\\\"pid\\\": *\\([0-9]*\\).*/\\1/\")"'
fault program-killed 'a program that is killed' 'SIGSEGV' 'after [0-9]+ ms' . \
  'without_namespace pid; config "del(.mounts[] | select(.type == \"proc\"))"; args sh -c "kill -SEGV \$\$"'
fault program-killed 'a call that the filter kills for' 'the seccomp filter killed it' '/linux/seccomp/syscalls/0' 'allow it|explain-denials' \
  'config ".linux.seccomp = {defaultAction: \"SCMP_ACT_ALLOW\", syscalls: [{names: [\"exit_group\"], action: \"SCMP_ACT_KILL_PROCESS\"}]}"'
fault program-killed 'a filter that refuses what the loader needs' 'before their first line: brk' '/linux/seccomp' 'allow them' \
  'config ".linux.seccomp = {defaultAction: \"SCMP_ACT_ERRNO\", syscalls: [{names: [\"execve\"], action: \"SCMP_ACT_ALLOW\"}]}"'
fault program-killed 'an address space that is too small' 'RLIMIT_AS of 4096' '/process/rlimits/0' 'raise it' \
  'config ".process.rlimits = [{type: \"RLIMIT_AS\", soft: 4096, hard: 4096}]"'
fault program-killed 'all the processor time that was allowed' 'RLIMIT_CPU of 1 s' '/process/rlimits/0' 'raise it' \
  'config ".process.rlimits = [{type: \"RLIMIT_CPU\", soft: 1, hard: 1}]"; args sh -c "while :; do :; done"'
