#!/usr/bin/env bash
# Installs the programs that `benches/deploy/run.py` runs in turn with ours, below `target/bench-tools`.
set -euo pipefail
cd "$(dirname "$0")/../.."
tools=${CARGO_TARGET_DIR:-$PWD/target}/bench-tools
mkdir -p "$tools"
# One folder for what they have in common; it is not needed afterwards.
export CARGO_TARGET_DIR=$tools/build
install() {
    # Settings of this workspace, such as its toolchain, are not theirs.
    (cd / && cargo install --quiet --locked --root "$tools" "$@")
}
install diesel_cli --version "^2.3" --no-default-features --features postgres
install sqlx-cli --version "^0.8" --no-default-features --features postgres,rustls
install refinery_cli --version "^0.8" --no-default-features --features postgresql
rm -rf "$CARGO_TARGET_DIR"
npm install --silent --no-audit --no-fund --prefix "$tools" dbmate@2
echo "diesel, sqlx, refinery and dbmate are in $tools"
