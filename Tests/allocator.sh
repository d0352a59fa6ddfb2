#!/bin/bash
# Builds the release's allocator with its test, and runs it.
set -eu
cd "$(dirname "$0")"
binary=$(mktemp)
trap 'rm -f "$binary"' EXIT
gcc -std=c11 -O2 -Wall -Wextra -Werror -fsanitize=undefined -fno-sanitize-recover -DAPUS_MUSL -o "$binary" allocator.c
"$binary"
