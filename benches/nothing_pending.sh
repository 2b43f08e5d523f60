#!/usr/bin/env bash
# How long `migrate up` takes when nothing is pending, everything included: the median of 21 runs
# of the release build on this workspace and its embedded server.
set -euo pipefail
cd "$(dirname "$0")/.."
cargo build -q --release -p migrate-cli
migrate=${CARGO_TARGET_DIR:-target}/release/migrate
"$migrate" up -q
for _ in $(seq 21); do
    started=$(date +%s%N)
    "$migrate" up -q
    echo $((($(date +%s%N) - started) / 1000))
done | sort -n | sed -n '11s/$/ µs (median of 21)/p'
