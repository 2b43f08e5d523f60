#!/usr/bin/env python3
"""Applying a history, against psql, diesel, sqlx, refinery and dbmate.

    benches/deploy/tools.sh          # installs the four, once
    benches/deploy/run.py [CASE...] [--runs 5]

Cases: near, far, tiny, nothing, databases, program; all of them where none is named. Starts a server
of its own with PostgreSQL's own settings, runs the programs in turn, and prints medians and ratios.
"""

import argparse
import os
import resource
import shutil
import statistics
import subprocess
import tempfile
import time

import programs
from programs import ALL, OTHERS, Migrate, PsqlAsynchronous
from servers import Link, Server

ROOT = programs.ROOT
# Ten milliseconds each way: another region, or a home and a company's network.
DELAY = 0.010


class Bench:
    def __init__(self, runs):
        self.runs = runs
        self.server = Server()
        self.folder = tempfile.mkdtemp(prefix="bench-histories")

    def close(self):
        self.server.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def history(self, kind, count):
        """Its folder, and the programs of a class on it."""
        folder = os.path.join(self.folder, f"{kind}-{count}")
        if not os.path.exists(folder):
            command = ["cargo", "run", "-q", "-p", "migrate-testkit", "--example", "write_history", "--"]
            subprocess.check_call([*command, kind, str(count), folder], cwd=ROOT)
        sources = programs.read_history(folder)
        place = tempfile.mkdtemp(dir=self.folder)
        return lambda program: program(place, folder, sources)

    def alternate(self, subjects, measure):
        """Medians of what `measure` gives for each, by name; one run of each after the other."""
        times = {subject.name: [] for subject in subjects}
        for _ in range(self.runs):
            for subject in subjects:
                times[subject.name].append(measure(subject))
        return {name: statistics.median(values) for name, values in times.items()}

    def on_fresh_databases(self, title, kind, count, chosen, port=None):
        make = self.history(kind, count)
        subjects = [make(program) for program in chosen]

        def measure(subject):
            self.server.fresh("bench")
            url = self.server.url("bench", port)
            return timed(lambda: subject.run(subject.up(), url))

        show(title, self.alternate(subjects, measure))

    def near(self):
        self.on_fresh_databases("300 realistic migrations, near", "large", 300, ALL)

    def far(self):
        link = Link(self.server.port, DELAY)
        title = "300 realistic migrations, 10 ms away each way"
        self.on_fresh_databases(title, "large", 300, ALL, link.port)

    def tiny(self):
        self.on_fresh_databases("2,000 tiny migrations, near", "tiny", 2000, ALL)

    def nothing(self):
        make = self.history("tiny", 5000)
        subjects = [make(program) for program in [Migrate, *OTHERS]]
        urls = {}
        for subject in subjects:
            urls[subject.name] = self.server.fresh(f"applied_{subject.name}")
            subject.run(subject.up(), urls[subject.name])
        for title, command in [("nothing pending", "up"), ("`status`", "status")]:
            able = [subject for subject in subjects if getattr(subject, command)()]
            run = lambda subject: timed(  # noqa: E731
                lambda: subject.run(getattr(subject, command)(), urls[subject.name])
            )
            show(f"{title}, 5,000 applied", self.alternate(able, run))
        ours, url = subjects[0], urls["migrate"]
        ours.share("other")
        ours.run(ours.up(), url)
        of_two = self.alternate([ours], lambda one: timed(lambda: one.run(one.up(), url)))
        print(f"  (`migrate` with two services: {of_two['migrate'] * 1000:.0f} ms)")
        connecting = ["psql", "-qXAt", "-d", url, "-c", "select 1"]
        connect = self.alternate([subjects[0]], lambda one: timed(lambda: one.run(connecting, url)))
        print(f"  (`psql -c 'select 1'`: {connect['migrate'] * 1000:.0f} ms)")

    def databases(self):
        """Twenty databases, fifteen migrations each: one deploy of ours, twenty runs of theirs."""
        count, each = 20, 15
        make = self.history("tiny", each)
        names = [f"bench_{number}" for number in range(count)]
        subjects = [make(program) for program in [PsqlAsynchronous, *OTHERS]]
        subjects.append(Fleet(os.path.join(self.folder, "fleet"), names, self.server, each))

        def measure(subject):
            urls = [self.server.fresh(name) for name in names]
            if subject.name == Migrate.name:
                return timed(lambda: subject.run(subject.up(), urls[0]))
            return timed(lambda: [subject.run(subject.up(), url) for url in urls])

        show(f"{count} databases, {each} tiny migrations each", self.alternate(subjects, measure))

    def program(self):
        subject = self.history("large", 300)(Migrate)
        url = self.server.fresh("bench")
        subject.run(subject.up(), url)
        # Of all that has run so far it is the largest: the others are small, or come later.
        megabytes = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        size = os.path.getsize(Migrate.executable) / 1e6
        helps = [timed(lambda: subject.run([Migrate.executable, "--help"], url)) for _ in range(21)]
        print(f"the program: {size:.1f} MB, `--help` {statistics.median(helps) * 1000:.1f} ms")


class Fleet(Migrate):
    """Many databases in one workspace."""

    def __init__(self, folder, names, server, each):
        self.folder = folder
        settings = "".join(
            f'[databases.{name}]\nurl = "{server.url(name)}"\n\n'
            f'[services.of_{name}]\ndatabase = "{name}"\nowns = ["*"]\n\n'
            for name in names
        )
        programs.write(f"{folder}/migrate.toml", settings)
        for index, name in enumerate(names):
            for number in range(each):
                version = f"{index * each + number:08}"
                table = f"create table tiny_{number} (id integer primary key, name text not null);\n"
                migration = f"{folder}/migrations/{version}_tiny"
                programs.write(f"{migration}/up.sql", table)
                metadata = f'run_in_transaction = true\nservices = ["of_{name}"]\ndatabase = "{name}"\n'
                programs.write(f"{migration}/metadata.toml", metadata)


def timed(work):
    started = time.monotonic()
    work()
    return time.monotonic() - started


def show(title, medians):
    print(title)
    ours = medians[Migrate.name]
    for name, seconds in sorted(medians.items(), key=lambda item: item[1]):
        print(f"  {name:20} {seconds * 1000:9.0f} ms   `migrate` is {ours / seconds:5.2f} x that")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    cases = ["near", "far", "tiny", "nothing", "databases", "program"]
    parser.add_argument("cases", nargs="*", metavar="CASE", help=", ".join(cases))
    parser.add_argument("--runs", type=int, default=5)
    arguments = parser.parse_args()
    subprocess.check_call(["cargo", "build", "-q", "--release", "-p", "migrate-cli"], cwd=ROOT)
    bench = Bench(arguments.runs)
    try:
        for case in arguments.cases or cases:
            getattr(bench, case)()
    finally:
        bench.close()


if __name__ == "__main__":
    main()
