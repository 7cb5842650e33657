"""A registry of many tags and many repositories: time, peak memory, connections, and how soon Ctrl-C ends it."""

import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import threading
import time

from .images import RepositoryStorage, digest_of, fill_tags, gzipped, tar_of, LAYER
from .measure import MEGABYTE, Report, apart, dsh_binary, isolated
from .servers import registry

# As many requests as a command has on their way.
CONNECTIONS = 16


def bench_scale(arguments):
    dsh = dsh_binary()
    report = Report()
    with tempfile.TemporaryDirectory(prefix="dsh-bench-") as name:
        directory = pathlib.Path(name)
        storage = directory / "registry"
        print("building the images ...", file=sys.stderr)
        apart(fill_tags, storage, "bench/many", arguments.tags)
        apart(fill_repositories, storage, arguments.repositories)
        environment = isolated(directory)
        with registry(directory, storage) as host:
            details = f"tags --detail {host}/bench/many | .Digest"
            for what, line, wanted in (
                (f"tags --detail of {arguments.tags} tags", details, arguments.tags),
                ("the same again, with the cache", details, arguments.tags),
                (f"catalog | tags of {arguments.repositories} repositories", f"catalog {host} | tags | .Tag",
                 arguments.tags + 3 * arguments.repositories),
            ):
                watched = watch([dsh, "-o", "jsonl", "-c", line], environment, host)
                print(f"{what}: {watched.wall:.1f} s, {watched.memory / MEGABYTE:.1f} MB, "
                      f"{watched.connections} connections")
                report.bar(f"{what}: lines that are missing", abs(wanted - watched.lines), 0)
                report.bar(f"{what}: peak memory", watched.memory / MEGABYTE, 64, " MB")
                report.bar(f"{what}: connections at once", watched.connections, CONNECTIONS)
            environment["DSH_STORE"] = str(directory / "another")
            stopped = watch([dsh, "-o", "jsonl", "-c", details], environment, host, interrupt_after=500)
            report.bar("Ctrl-C in the middle: seconds to the end", stopped.ending, 1, " s")
            report.bar("Ctrl-C in the middle: exit code beside 130", abs(stopped.code - 130), 0)
    sys.exit(report.failed)


def fill_repositories(storage, count):
    """Repositories of three tags each, all of one image."""
    tar = tar_of("file", b"content\n")
    for number in range(count):
        target = RepositoryStorage(storage, f"many/app{number}")
        layer = target.blob(gzipped(tar), LAYER)
        for tag in ("1", "2", "latest"):
            target.image(tag, {
                "architecture": "amd64", "os": "linux", "config": {},
                "rootfs": {"type": "layers", "diff_ids": [digest_of(tar)]},
            }, [layer])


class Watched:
    """What a run came to: wall seconds, peak memory in bytes, lines, the most connections at once."""

    wall = memory = lines = connections = code = 0
    # Seconds from the signal to the end.
    ending = 0.0


def watch(arguments, environment, host, interrupt_after=None):
    """Runs a program and looks at it all the while; sends SIGINT once it has written so many lines."""
    watched = Watched()
    start = time.perf_counter()
    process = subprocess.Popen(arguments, env=environment, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL)
    over = threading.Event()

    def look():
        while not over.wait(0.01):
            watched.connections = max(watched.connections, connections(process.pid, host))

    looker = threading.Thread(target=look)
    looker.start()
    signalled = None
    for _ in process.stdout:
        watched.lines += 1
        if watched.lines == interrupt_after:
            signalled = time.perf_counter()
            process.send_signal(signal.SIGINT)
    _, status, usage = os.wait4(process.pid, 0)
    end = time.perf_counter()
    over.set()
    looker.join()
    process.returncode = watched.code = os.waitstatus_to_exitcode(status)
    watched.wall, watched.memory = end - start, usage.ru_maxrss * 1024
    watched.ending = end - signalled if signalled else 0.0
    return watched


def connections(process, host):
    """How many of a process's sockets are connected to that port of loopback."""
    port = f":{int(host.rpartition(':')[2]):04X}"
    try:
        inodes = {os.readlink(entry) for entry in pathlib.Path(f"/proc/{process}/fd").iterdir()}
    except OSError:
        return 0
    count = 0
    for line in pathlib.Path("/proc/net/tcp").read_text().splitlines()[1:]:
        fields = line.split()
        count += fields[2].endswith(port) and f"socket:[{fields[9]}]" in inodes
    return count
