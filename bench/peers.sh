#!/bin/bash
# Unpacks Debian's newest crun and runc, or other PACKAGES' programs, below DIR, beside the system's
# own, with the libraries they were built against, and prints their versions. Usage: peers.sh DIR [PACKAGE…]
set -eu
mkdir -p "$1"
dir=$(realpath "$1")
shift
[ $# -gt 0 ] || set -- crun runc

fetch() {
  local mirror
  mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Label: Debian' | head -n 1)
  mkdir -p "$dir"/apt/{lists/partial,archives/partial,parts}
  echo "deb $mirror sid main" >"$dir/apt/sources.list"
  : >"$dir/apt/status"
  local apt=(apt-get -qq
    -o "Dir::Etc::SourceList=$dir/apt/sources.list" -o "Dir::Etc::SourceParts=$dir/apt/parts"
    -o "Dir::State::Lists=$dir/apt/lists" -o "Dir::State::Status=$dir/apt/status"
    -o "Dir::Cache=$dir/apt" -o APT::Sandbox::User=root -o APT::Install-Recommends=false)
  "${apt[@]}" update
  "${apt[@]}" -y --download-only install "$@"
  local archive
  for archive in "$dir"/apt/archives/*.deb; do dpkg-deb -x "$archive" "$dir/root.part"; done
  mv "$dir/root.part" "$dir/root"
}

# place NAME: NAME from the tree, which finds its loader and its libraries there and nowhere else.
place() {
  local libraries=$dir/root/usr/lib/$(uname -m)-linux-gnu
  cp "$(find "$dir/root" -path "*bin/$1" -type f -print -quit)" "$dir/$1.part"
  patchelf --set-interpreter "$(find "$libraries" -name 'ld-linux*' -print -quit)" --force-rpath --set-rpath "$libraries" "$dir/$1.part"
  mv "$dir/$1.part" "$dir/$1"
}

for package in "$@"; do
  if [ ! -x "$dir/$package" ]; then
    [ -d "$dir/root" ] || fetch "$@" >/dev/null
    if [ "$package" = containerd ]; then
      place ctr
      place containerd-shim-runc-v2
    fi
    place "$package"
  fi
  "$dir/$package" --version | head -n 1
done
