#!/usr/bin/env python3
"""Reading everything of a catalog and its dependencies, against pg_dump.

    benches/catalog.py [--tables 2000 --tables 10000] [--runs 5]

Makes the same tables as `generate.py` on a server of its own, then runs the example `read` of
`migrate-catalog` and `pg_dump --schema-only` in turn and prints medians, ratios and peak memory.
"""

import argparse
import os
import statistics
import subprocess
import sys

from generate import ROOT, TABLES, TARGET, peak_memory, run

sys.path.append(os.path.join(ROOT, "benches", "deploy"))
from servers import Server  # noqa: E402

READ = os.path.join(TARGET, "release", "examples", "read")


def measure(server, tables, runs):
    url = server.fresh("bench")
    server.psql("create table t0 (id bigint primary key)", "bench")
    # A thousand at a time: a transaction keeps a lock on every table it makes.
    for first in range(1, tables + 1, 1000):
        last = min(first + 999, tables)
        server.psql(TABLES.format(first=first, last=last), "bench")
    server.psql("vacuum analyze", "bench")
    programs = {
        "catalog": [READ, url, "catalog"],
        "dependencies": [READ, url, "dependencies"],
        "both": [READ, url],
        "pg_dump": ["pg_dump", "--schema-only", "--dbname", url],
    }
    times = {name: [] for name in programs}
    for _ in range(runs):
        for name, command in programs.items():
            times[name].append(run(command, ROOT, os.environ))
    medians = {name: statistics.median(values) for name, values in times.items()}
    print(f"{tables} tables, {runs} runs in turn")
    for name, median in medians.items():
        ratio = median / medians["pg_dump"]
        print(f"  {name:22} {median:8.2f} s   {ratio:5.2f} x pg_dump")
    memory = peak_memory(programs["both"], ROOT, os.environ)
    print(f"  {'both, peak memory':22} {memory:8.0f} MiB", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tables", type=int, action="append")
    parser.add_argument("--runs", type=int, default=5)
    arguments = parser.parse_args()
    subprocess.check_call(
        ["cargo", "build", "-q", "--release", "-p", "migrate-catalog", "--example", "read"],
        cwd=ROOT,
    )
    server = Server()
    try:
        for tables in arguments.tables or [2000, 10000]:
            measure(server, tables, arguments.runs)
    finally:
        server.stop()


if __name__ == "__main__":
    main()
