load helpers

# report: one archive with what somebody needs who was not there.

# unpacked ARGUMENT…: writes a report and unpacks it below $DIR.
unpacked() {
  DIR=$BATS_TEST_TMPDIR/unpacked
  rm -rf "$DIR" "$BATS_TEST_TMPDIR/r.tar"
  mkdir "$DIR"
  attempt report --output "$BATS_TEST_TMPDIR/r.tar" "$@"
  exits 0
  is "$output" ''
  tar -xf "$BATS_TEST_TMPDIR/r.tar" -C "$DIR"
  DIR=$DIR/apus-report
}

@test "a report of a container has its configuration, state, plan, features and kernel, for its owner alone" {
  config '.process.args = ["sleep", "60"] | .process.env += ["TOKEN=s3cr3t", "EMPTY="] | .hooks.poststop = [{path: "/bin/true", env: ["KEY=s3cr3t"]}]'
  launch
  unpacked "$ID"
  is "$(ls "$DIR")" 'config.json
features.json
plan.txt
state.json
story.json
version.txt'
  is "$(stat -c %a "$BATS_TEST_TMPDIR/r.tar")" 600
  is "$(jq -r .status "$DIR/state.json")" running
  output=$(cat "$DIR/story.json")
  follows story
  is "$(jq -c .process.args "$DIR/config.json")" '["sleep","60"]'
  has "$(cat "$DIR/plan.txt")" 'sleep'
  has "$(cat "$DIR/version.txt")" "$(uname -r)"
  is "$(jq -r .ociVersionMax "$DIR/features.json")" 1.3.0
  is "$(jq -c '.process.env | map(select(test("^(TOKEN|EMPTY)")))' "$DIR/config.json")" '["TOKEN=***","EMPTY=***"]'
  # Nowhere in it.
  is "$(grep -c s3cr3t "$BATS_TEST_TMPDIR/r.tar" || :)" 0
  unpacked --with-env "$ID"
  has "$(jq -c .process.env "$DIR/config.json")" '"TOKEN=s3cr3t"'
}

@test "a report is the same archive each time, one that tar takes, and also on standard output" {
  launch
  unpacked "$ID"
  rt report "$ID" >"$BATS_TEST_TMPDIR/other.tar"
  cmp "$BATS_TEST_TMPDIR/r.tar" "$BATS_TEST_TMPDIR/other.tar"
  is "$(tar -tvf "$BATS_TEST_TMPDIR/r.tar" | awk '{print $1, $2}' | sort -u)" '-rw------- 0/0'
  is "$(($(stat -c %s "$BATS_TEST_TMPDIR/r.tar") % 512))" 0
}

@test "a report of a container that never ran has the failure that was kept, without values of its environment" {
  config '.process.args = ["/nope"] | .process.env += ["TOKEN=s3cr3t"]'
  attempt run --bundle "$BUNDLE" "$ID"
  exits 1
  attempt report "$ID"
  exits 1
  has "$stderr" 'container does not exist'
  unpacked --failed "$ID"
  has "$(jq -r '.records[-1].failure.msg' "$DIR/story.json")" '/nope'
  output=$(cat "$DIR/story.json")
  follows story
  is "$(jq -r .process.args[0] "$DIR/config.json")" /nope
  config '.process.env = "TOKEN=s3cr3t"'
  attempt run --bundle "$BUNDLE" "$ID"
  exits 1
  unpacked --failed "$ID"
  is "$(grep -c s3cr3t "$BATS_TEST_TMPDIR/r.tar" || :)" 0
  # A document that cannot be read cannot be masked either.
  echo '{"process": {"env": ["TOKEN=s3cr3t"' >"$BUNDLE/config.json"
  unpacked --failed "$ID"
  is "$(grep -c s3cr3t "$BATS_TEST_TMPDIR/r.tar" || :)" 0
  has "$(cat "$DIR/config.txt")" 'line'
}

@test "nothing that a container or a caller names becomes a path of the archive" {
  local id
  config '.process.args = ["/../../etc/\u001b[2J\nx"] | .hostname = "../../h" | .annotations = {"../../a": "../../b"}'
  attempt run --bundle "$BUNDLE" "$ID"
  exits 1
  unpacked --failed "$ID"
  is "$(tar -tf "$BATS_TEST_TMPDIR/r.tar" | grep -vc '^apus-report/[a-z]*\.[a-z]*$' || :)" 0
  for id in ../../x '' 'no such' "$(printf 'a\nb')" "$(printf 'x%.0s' {1..2000})"; do
    attempt report --failed "$id"
    exits 1
    is "$output" ''
    is "$(wc -l <<<"$stderr")" 1
  done
}

@test "a report overwrites nothing and follows no link" {
  launch
  echo precious >"$BATS_TEST_TMPDIR/file"
  ln -s "$BATS_TEST_TMPDIR/made" "$BATS_TEST_TMPDIR/link"
  for path in file link; do
    attempt report --output "$BATS_TEST_TMPDIR/$path" "$ID"
    exits 1
    has "$stderr" 'exists. Remove it first'
  done
  is "$(cat "$BATS_TEST_TMPDIR/file")" precious
  [ ! -e "$BATS_TEST_TMPDIR/made" ]
}
