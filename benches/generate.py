#!/usr/bin/env python3
"""Reading a catalog and printing schema.rs, against pg_dump and diesel print-schema.

    benches/generate.py [--tables 2000 --tables 10000] [--runs 5] [--with-diesel]

Makes a database with that many tables (8 columns, a foreign key, two indexes and a check each) on
an embedded server of its own, then runs the programs in turn and prints medians, ratios and peak
memory. `diesel print-schema` takes minutes, and is run once, when asked for.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
TARGET = os.environ.get("CARGO_TARGET_DIR", os.path.join(ROOT, "target"))
MIGRATE = os.path.join(TARGET, "release", "migrate")

TABLES = """do $$
begin
  for i in {first}..{last} loop
    execute format(
      'create table t%1$s (id bigint primary key, parent bigint not null references t%2$s, '
      'name text not null, amount numeric(12, 2), at timestamptz not null default now(), '
      'tags text[] not null default ''{{}}'', data jsonb, kind varchar(20), check (amount > 0))',
      i, i - 1);
    execute format('create index on t%s (parent)', i);
    execute format('create index on t%s (at, kind)', i);
  end loop;
end $$;
"""


def run(command, workspace, environment):
    """Seconds and peak memory in MiB of a command whose output goes nowhere."""
    started = time.monotonic()
    process = subprocess.Popen(
        command, cwd=workspace, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    _, errors = process.communicate()
    seconds = time.monotonic() - started
    if process.returncode != 0:
        sys.exit(f"{command[0]}: {errors.decode()}")
    return seconds


def peak_memory(command, workspace, environment):
    """Peak memory in MiB: of a child of a child, so that no other run counts."""
    code = (
        "import resource, subprocess, sys;"
        "subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL);"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    output = subprocess.check_output(
        [sys.executable, "-c", code, *command], cwd=workspace, env=environment
    )
    return int(output) / 1024


def write_migration(workspace, number, sql):
    folder = os.path.join(workspace, "migrations", f"{number:08}_tables")
    os.makedirs(folder)
    with open(os.path.join(folder, "up.sql"), "w") as file:
        file.write(sql)


def measure(tables, runs, with_diesel):
    workspace = tempfile.mkdtemp(prefix="bench")
    home = tempfile.mkdtemp(prefix="bench-home")
    os.chmod(home, 0o755)
    environment = dict(os.environ, MIGRATE_EMBEDDED_DIR=home)
    write_migration(workspace, 0, "create table t0 (id bigint primary key);")
    # A thousand at a time: a transaction keeps a lock on every table it makes.
    for first in range(1, tables + 1, 1000):
        last = min(first + 999, tables)
        write_migration(workspace, first, TABLES.format(first=first, last=last))
    with open(os.path.join(workspace, ".env.local"), "w") as file:
        file.write("DATABASE_URL=embedded:\n")
    try:
        subprocess.check_call([MIGRATE, "deploy", "-q"], cwd=workspace, env=environment)
        url = subprocess.check_output([MIGRATE, "db", "url"], cwd=workspace, env=environment)
        url = url.decode().strip()
        programs = {
            "migrate": [MIGRATE, "generate", "--from-database", "--stdout"],
            "pg_dump": ["pg_dump", "--schema-only", "--dbname", url],
        }
        times = {name: [] for name in programs}
        for _ in range(runs):
            for name, command in programs.items():
                times[name].append(run(command, workspace, environment))
        medians = {name: statistics.median(values) for name, values in times.items()}
        print(f"{tables} tables, {runs} runs in turn")
        for name, median in medians.items():
            ratio = median / medians["pg_dump"]
            print(f"  {name:22} {median:8.2f} s   {ratio:5.2f} x pg_dump")
        if with_diesel:
            command = ["diesel", "print-schema", "--database-url", url]
            seconds = run(command, workspace, environment)
            print(f"  {'diesel print-schema':22} {seconds:8.2f} s   one run")
        memory = peak_memory(programs["migrate"], workspace, environment)
        print(f"  {'migrate, peak memory':22} {memory:8.0f} MiB")
    finally:
        subprocess.call(
            [MIGRATE, "db", "stop", "-q"], cwd=workspace, env=environment
        )
        shutil.rmtree(workspace, ignore_errors=True)
        shutil.rmtree(home, ignore_errors=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tables", type=int, action="append")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--with-diesel", action="store_true")
    arguments = parser.parse_args()
    subprocess.check_call(
        ["cargo", "build", "-q", "--release", "-p", "migrate-cli"], cwd=ROOT
    )
    for tables in arguments.tables or [2000, 10000]:
        measure(tables, arguments.runs, arguments.with_diesel)


if __name__ == "__main__":
    main()
