#!/usr/bin/env python3
"""What the guard inside a migration's transaction adds to it.

    benches/guard.py [--tables 2000] [--runs 10] [--migrations 10]

Makes a database with that many tables of another service (20 columns, a foreign key, two indexes
and a check each, every one named in migrate.toml) on an embedded server of its own. Then deploys
small migrations, by turns with the guard and, for a workspace of one service, without it, and
prints medians of what `migrate` says each took, its round trip included.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
TARGET = os.environ.get("CARGO_TARGET_DIR", os.path.join(ROOT, "target"))
MIGRATE = os.path.join(TARGET, "release", "migrate")

TABLES = """do $$
declare columns text := (select string_agg(format('c%s text', n), ', ') from generate_series(1, 17) n);
begin
  for i in {first}..{last} loop
    execute format(
      'create table t%1$s (id bigint primary key, parent bigint references t%2$s, '
      'amount int check (amount > 0), %3$s)', i, greatest(i - 1, 1), columns);
    execute format('create index on t%s (parent)', i);
    execute format('create index on t%s (c1, c2)', i);
  end loop;
end $$;
"""

KINDS = {
    "select 1": "select 1;",
    "a table": "create table own_{n} (id bigint primary key, name text not null);",
    "a column": "alter table own add column c{n} int;",
    "a foreign key": "create table own_{n} (id bigint references t5);",
}

DATABASE = '[databases.main]\nurl = "${DATABASE_URL}"\ncreate = true\n\n'


class Bench:
    def __init__(self, tables):
        self.workspace = tempfile.mkdtemp(prefix="bench")
        self.home = tempfile.mkdtemp(prefix="bench-home")
        os.chmod(self.home, 0o755)
        self.environment = dict(os.environ, MIGRATE_EMBEDDED_DIR=self.home)
        self.number = 0
        names = ", ".join(f'"t{number}"' for number in range(1, tables + 1))
        self.settings = {
            "without": DATABASE + '[services.auth]\nowns = ["*"]\n',
            "with": DATABASE
            + '[services.auth]\nowns = ["own*"]\nreads = ["t5"]\n\n'
            + f"[services.post]\nowns = [{names}]\n",
        }
        self.write(".env.local", "DATABASE_URL=embedded:\n")

    def write(self, path, text):
        path = os.path.join(self.workspace, path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as file:
            file.write(text)

    def migration(self, sql):
        self.number += 1
        folder = f"migrations/{self.number:08}_m"
        self.write(f"{folder}/up.sql", sql.replace("{n}", str(self.number)))
        self.write(
            f"{folder}/metadata.toml",
            'run_in_transaction = true\nservices = ["auth"]\n',
        )

    def deploy(self, settings):
        """The milliseconds that each migration took."""
        self.write("migrate.toml", self.settings[settings])
        command = [MIGRATE, "deploy", "--format", "json"]
        output = subprocess.check_output(
            command, cwd=self.workspace, env=self.environment, stderr=subprocess.DEVNULL
        )
        applied = json.loads(output)["databases"][0]["applied"]
        return [migration["duration_ms"] for migration in applied]

    def close(self):
        command = [MIGRATE, "db", "stop", "-q"]
        subprocess.call(command, cwd=self.workspace, env=self.environment)
        shutil.rmtree(self.workspace, ignore_errors=True)
        shutil.rmtree(self.home, ignore_errors=True)


def measure(tables, runs, migrations):
    bench = Bench(tables)
    try:
        # Some at a time: a transaction keeps a lock on every table it makes.
        for first in range(1, tables + 1, 500):
            last = min(first + 499, tables)
            bench.migration(TABLES.format(first=first, last=last))
        bench.migration("create table own (id int); analyze;")
        bench.deploy("without")
        print(f"{tables} tables, {runs} deploys of {migrations} migrations each, by turns")
        for kind, sql in KINDS.items():
            times = {"without": [], "with": []}
            firsts = {"without": [], "with": []}
            for _ in range(runs):
                for settings in times:
                    for _ in range(migrations):
                        bench.migration(sql)
                    first, *others = bench.deploy(settings)
                    firsts[settings].append(first)
                    times[settings] += others
            show(kind, times, firsts)
    finally:
        bench.close()


def show(kind, times, firsts):
    median = {name: statistics.median(values) for name, values in times.items()}
    first = {name: statistics.median(values) for name, values in firsts.items()}
    print(
        f"  {kind:14} without {median['without']:6.1f} ms   with {median['with']:6.1f} ms   "
        f"added {median['with'] - median['without']:6.1f} ms   "
        f"(first of a session: {first['with'] - first['without']:.1f} ms)"
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tables", type=int, default=2000)
    parser.add_argument("--runs", type=int, default=10)
    parser.add_argument("--migrations", type=int, default=10)
    arguments = parser.parse_args()
    subprocess.check_call(["cargo", "build", "-q", "--release", "-p", "migrate-cli"], cwd=ROOT)
    measure(arguments.tables, arguments.runs, arguments.migrations)


if __name__ == "__main__":
    main()
