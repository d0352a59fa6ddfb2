#!/bin/bash
# The main job on a bundle made here: create, state, start, output, delete, and one run.
# Usage: hello.sh APUS
set -eu
apus=$(realpath "$1")
work=$(mktemp -d)
root=$work/state
cleanup() {
  "$apus" --root "$root" delete --force hello >/dev/null 2>&1 || :
  rm -rf "$work"
}
trap cleanup EXIT

show() {
  echo "\$ apus $*"
  "$apus" --root "$root" "$@"
}

mkdir -p "$work"/rootfs/{bin,dev,proc,sys,tmp}
cp "$(command -v busybox)" "$work/rootfs/bin/busybox"
ln -s busybox "$work/rootfs/bin/sh"
cd "$work"
show spec
sed -i -e 's/"terminal": true/"terminal": false/' -e 's/"sh"/"sh", "-c", "echo hello from process $$ on $(hostname)"/' config.json
ln -s busybox rootfs/bin/hostname

show create hello >output </dev/null
show state hello
show start hello
for _ in 1 2 3 4 5 6 7 8 9 10; do
  [ "$("$apus" --root "$root" state hello | sed -n 's/.*"status": "\(.*\)".*/\1/p')" = stopped ] && break
  sleep 0.1
done
grep '^hello' output
show delete hello
said=$(show run hello </dev/null | tee /dev/stderr | grep -c '^hello from process 1 on apus$')
[ "$said" = 1 ]
[ -z "$(ls "$root")" ]
echo "make hello: a container was created, started and deleted, and another one run; nothing is left."
