#!/bin/bash
# archives.sh [LIST]: the archives of libseccomp, libcap and libyajl are built for glibc, and a release links them with musl.
# What they take from a libc is what archives-VERSION.tsv of this Debian lists, with who has it; a symbol that is new there asks for a look at its ABI
# (docs/ARCHITECTURE.md, Release builds).
set -eu -o pipefail
cd "$(dirname "$0")/.."
list=${1:-Tests/archives-$(. /etc/os-release && echo "$VERSION_ID").tsv}
machine=$(uname -m)
[ "$machine" = x86_64 ] || { echo "archives: the list is of x86_64"; exit 0; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# What an archive's objects want of others, and what they have.
wanted() { nm --undefined-only "$1" 2>/dev/null | awk '$1 == "U" || $1 == "w" { print $2 }' | sort -u; }
defined() { nm --defined-only "$1" 2>/dev/null | awk 'NF > 2 { print $3 }' | sort -u; }

defined "/usr/lib/$machine-linux-musl/libc.a" >"$work/musl"
sed -nE 's/^[A-Za-z_ ]+[ *](\w+)\(.*\{.*/\1/p' Sources/CShim/fortified.c | sort -u >"$work/fortified"
for name in cap seccomp yajl_s; do
  archive=/usr/lib/$machine-linux-gnu/lib$name.a
  defined "$archive" >"$work/own"
  # The linker's own name.
  wanted "$archive" | comm -23 - "$work/own" | { grep -vx _GLOBAL_OFFSET_TABLE_ || true; } >"$work/libc"
  while read -r symbol; do
    if grep -qx -- "$symbol" "$work/fortified"; then
      has=fortified.c
    elif grep -qx -- "$symbol" "$work/musl"; then
      has=musl
    else
      has=nobody
    fi
    printf '%s\t%s\t%s\n' "$name" "$symbol" "$has"
  done <"$work/libc"
done >"$work/found"

# That the release links is the proof that nothing of it reaches what nobody has.
if ! diff -u <(grep -v '^#' "$list") "$work/found"; then
  echo "archives: the archives take other symbols from libc than $list lists (-: no longer, +: new)" >&2
  exit 1
fi
