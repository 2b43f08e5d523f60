"""The programs that apply a history: each with the same migrations in a folder as it wants them."""

import glob
import os
import re
import subprocess

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
TARGET = os.environ.get("CARGO_TARGET_DIR", os.path.join(ROOT, "target"))
TOOLS = os.path.join(TARGET, "bench-tools")


class Source:
    """A migration as it stands in the history."""

    def __init__(self, number, folder):
        self.number = number
        self.name = re.sub(r"\W+", "_", os.path.basename(folder).lower())
        with open(os.path.join(folder, "up.sql")) as file:
            self.sql = file.read().rstrip()
        # A last statement without its semicolon would run on into what a program adds.
        code = self.sql.splitlines()[-1].split("--")[0].rstrip()
        self.sql += "\n" if not code or code.endswith(";") else "\n;\n"
        metadata = os.path.join(folder, "metadata.toml")
        with open(metadata) as file:
            self.in_transaction = "run_in_transaction = false" not in file.read()


def read_history(folder):
    # The versions are dates with and without dashes, and sort without them.
    folders = sorted(glob.glob(f"{folder}/*"), key=lambda path: os.path.basename(path).replace("-", ""))
    return [Source(number, folder) for number, folder in enumerate(folders, 1)]


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as file:
        file.write(text)


def tool(name):
    return os.path.join(TOOLS, "node_modules/.bin" if name == "dbmate" else "bin", name)


class Program:
    """Something that applies a history. `up` and `status` give a command, or none."""

    name = ""
    asynchronous = False

    def __init__(self, folder, history_folder, sources):
        self.folder = os.path.join(folder, self.name)
        self.history_folder = history_folder
        self.prepare(sources)

    def prepare(self, sources):
        for source in sources:
            self.write_migration(source)

    def write_migration(self, source):
        pass

    def status(self):
        return None

    def run(self, command, url):
        environment = dict(os.environ, DATABASE_URL=url)
        if self.asynchronous:
            environment["PGOPTIONS"] = "-c synchronous_commit=off"
        ran = subprocess.run(command, cwd=self.folder, env=environment, capture_output=True)
        if ran.returncode != 0:
            raise SystemExit(f"{self.name}: {(ran.stderr or ran.stdout).decode()[-2000:]}")


class Migrate(Program):
    name = "migrate"
    executable = os.path.join(TARGET, "release", "migrate")

    def prepare(self, sources):
        settings = '[databases.main]\nurl = "${DATABASE_URL}"\n\n[services.all]\nowns = ["*"]\n'
        write(f"{self.folder}/migrate.toml", settings)
        os.symlink(self.history_folder, f"{self.folder}/migrations")

    def share(self, service):
        """Another service comes in: from now on who touches what matters."""
        settings = (
            '[databases.main]\nurl = "${DATABASE_URL}"\n\n'
            '[services.all]\nowns = ["*", "!theirs"]\n\n'
            f'[services.{service}]\nowns = ["theirs"]\n'
        )
        write(f"{self.folder}/migrate.toml", settings)

    def up(self):
        return [self.executable, "deploy", "-q"]

    def status(self):
        return [self.executable, "status", "-q"]


class Psql(Program):
    """One session, and a transaction for each file."""

    name = "psql"

    def prepare(self, sources):
        lines = []
        for source in sources:
            path = f"{self.folder}/{source.number:05}.sql"
            write(path, source.sql)
            lines += ["begin;", f"\\i {path}", "commit;"] if source.in_transaction else [f"\\i {path}"]
        write(f"{self.folder}/all.sql", "\n".join(lines))

    def up(self):
        return ["sh", "-c", 'exec psql -qX -v ON_ERROR_STOP=1 -d "$DATABASE_URL" -f all.sql']


class PsqlAsynchronous(Psql):
    name = "psql-asynchronous"
    asynchronous = True


class Diesel(Program):
    name = "diesel"

    def prepare(self, sources):
        os.makedirs(self.folder)

    def up(self):
        return [tool("diesel"), "migration", "run", "--migration-dir", self.history_folder]

    def status(self):
        return [tool("diesel"), "migration", "list", "--migration-dir", self.history_folder]


class Sqlx(Program):
    name = "sqlx"

    def write_migration(self, source):
        head = "" if source.in_transaction else "-- no-transaction\n"
        write(f"{self.folder}/migrations/{source.number:05}_{source.name}.sql", head + source.sql)

    def up(self):
        return [tool("sqlx"), "migrate", "run"]

    def status(self):
        return [tool("sqlx"), "migrate", "info"]


class Refinery(Program):
    """Runs everything in transactions, so nothing is concurrent there and nothing vacuumed."""

    name = "refinery"

    def write_migration(self, source):
        sql = source.sql
        if not source.in_transaction:
            sql = re.sub(r"(?i)\bconcurrently\b", "", sql)
            sql = re.sub(r"(?i)\bvacuum \(analyze\)", "analyze", sql)
        name = re.sub("_+", "_", source.name).strip("_")
        write(f"{self.folder}/migrations/V{source.number}__{name}.sql", sql)

    def up(self):
        return [tool("refinery"), "migrate", "-e", "DATABASE_URL", "-p", "migrations"]


class Dbmate(Program):
    name = "dbmate"
    # Migrations change the search path of their session.
    options = ["--no-dump-schema", "--migrations-table", "public.schema_migrations"]

    def write_migration(self, source):
        option = "" if source.in_transaction else " transaction:false"
        sql = f"-- migrate:up{option}\n{source.sql}\n-- migrate:down\n"
        write(f"{self.folder}/db/migrations/{source.number:05}_{source.name}.sql", sql)

    def up(self):
        return [tool("dbmate"), *self.options, "up"]

    def status(self):
        return [tool("dbmate"), *self.options, "status"]


ALL = [Migrate, Psql, PsqlAsynchronous, Diesel, Sqlx, Refinery, Dbmate]
OTHERS = [Diesel, Sqlx, Refinery, Dbmate]
