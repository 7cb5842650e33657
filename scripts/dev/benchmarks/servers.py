"""A registry and an engine of one benchmark's own, on loopback and a socket."""

import json
import pathlib
import re
import subprocess
import sys
import time


class Server:
    """A server program that ends, by its id, with the `with` block."""

    def __init__(self, arguments, log, ready):
        self.arguments, self.log, self.ready = arguments, log, ready

    def __enter__(self):
        self.process = subprocess.Popen(
            self.arguments, stdin=subprocess.DEVNULL, stdout=self.log.open("wb"), stderr=subprocess.STDOUT)
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and self.process.poll() is None:
            if found := self.ready():
                return found
            time.sleep(0.05)
        self.__exit__()
        sys.exit(f"{self.arguments[0]} did not come up:\n{self.log.read_text()}")

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        # An engine leaves its data directory mounted on itself.
        home = f"{self.log.parent}/"
        mounts = [line.split()[1] for line in pathlib.Path("/proc/mounts").read_text().splitlines()]
        for mount in sorted((mount for mount in mounts if mount.startswith(home)), reverse=True):
            subprocess.run(["umount", "-l", mount], check=True)


def registry(directory, storage, logs_requests=False):
    """A registry on that storage; with `logs_requests`, registry.log beside it has a line for every request."""
    configuration = directory / "registry.yml"
    configuration.write_text(json.dumps({
        "version": 0.1, "log": {"level": "info", "accesslog": {"disabled": not logs_requests}},
        "storage": {"filesystem": {"rootdirectory": str(storage)}}, "http": {"addr": "127.0.0.1:0"},
    }))
    log = directory / "registry.log"

    def address():
        found = re.search(r"listening on (127\.0\.0\.1:\d+)", log.read_text())
        return found and found[1]

    return Server(["docker-registry", "serve", str(configuration)], log, address)


def engine(directory, *options):
    """An engine on a socket of its own; `options` are further ones of dockerd's."""
    home = directory / "engine"
    home.mkdir()
    (home / "daemon.json").write_text("{}")
    socket = f"unix://{home}/docker.sock"

    def up():
        version = subprocess.run(["docker", "--host", socket, "version"], capture_output=True)
        return socket if version.returncode == 0 else None

    arguments = [
        "dockerd", "--config-file", f"{home}/daemon.json", "--storage-driver=vfs", "--bridge=none",
        "--iptables=false", "--host", socket, "--data-root", f"{home}/data", "--exec-root", f"{home}/exec",
        "--pidfile", f"{home}/pid", *options,
    ]
    return Server(arguments, directory / "engine.log", up)
