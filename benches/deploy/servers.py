"""A PostgreSQL server as Debian installs it, and a link to it that delays."""

import asyncio
import glob
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import threading


def binaries():
    """The folder of `initdb` and `postgres`: `PG_BIN`, or the newest that is installed."""
    installed = glob.glob("/usr/lib/postgresql/*/bin")
    return os.environ.get("PG_BIN") or max(installed, key=lambda path: int(path.split("/")[4]))


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Server:
    """With the settings that `initdb` writes: every synchronous commit waits for the disk."""

    def __init__(self):
        self.port = free_port()
        self.data = tempfile.mkdtemp(prefix="bench-server")
        # PostgreSQL refuses to run as root.
        self.run_as = "postgres" if os.getuid() == 0 else None
        if self.run_as:
            user = pwd.getpwnam(self.run_as)
            os.chown(self.data, user.pw_uid, user.pw_gid)
        self.control("initdb", "-U", "postgres", "--no-locale", "-E", "UTF8")
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -k {self.data}"
        self.control("pg_ctl", "-w", "-l", f"{self.data}/log", "-o", options, "start")

    def control(self, program, *arguments):
        command = [os.path.join(binaries(), program), "-D", self.data, *arguments]
        if self.run_as:
            command = ["runuser", "-u", self.run_as, "--", *command]
        subprocess.check_call(command, stdout=subprocess.DEVNULL, cwd="/")

    def url(self, database, port=None):
        port = port or self.port
        return f"postgres://postgres@127.0.0.1:{port}/{database}?sslmode=disable"

    def psql(self, sql, database="postgres"):
        command = ["psql", "-qX", "-v", "ON_ERROR_STOP=1", "-d", self.url(database), "-c", sql]
        subprocess.check_call(command, stdout=subprocess.DEVNULL)

    def fresh(self, database):
        """The URL of a new empty database, in place of the one before."""
        self.psql(f"drop database if exists {database}")
        self.psql(f"create database {database}")
        # What was done before is not paid for by what comes.
        self.psql("checkpoint")
        return self.url(database)

    def stop(self):
        self.control("pg_ctl", "-w", "-m", "immediate", "stop")
        shutil.rmtree(self.data, ignore_errors=True)


class Link:
    """A TCP proxy that delivers every byte so many seconds after it was sent, in both ways."""

    def __init__(self, port, delay):
        self.target, self.delay, self.port = port, delay, free_port()
        listening = threading.Event()
        serve = lambda: asyncio.run(self.serve(listening))  # noqa: E731
        threading.Thread(target=serve, daemon=True).start()
        listening.wait()

    async def serve(self, listening):
        server = await asyncio.start_server(self.accept, "127.0.0.1", self.port)
        listening.set()
        await server.serve_forever()

    async def accept(self, reader, writer):
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.target)
        await asyncio.gather(self.carry(reader, far_writer), self.carry(far_reader, writer))

    async def carry(self, reader, writer):
        loop = asyncio.get_running_loop()
        under_way = asyncio.Queue()

        async def deliver():
            while True:
                due, data = await under_way.get()
                await asyncio.sleep(due - loop.time())
                if not data:
                    return writer.close()
                writer.write(data)

        async def collect():
            while True:
                try:
                    data = await reader.read(1 << 16)
                except ConnectionError:
                    data = b""
                under_way.put_nowait((loop.time() + self.delay, data))
                if not data:
                    return

        await asyncio.gather(deliver(), collect())
