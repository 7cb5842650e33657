"""Runs of programs: wall, CPU and peak memory, in random order, and bars that they are held to."""

import multiprocessing
import os
import pathlib
import random
import statistics
import subprocess
import sys
import tempfile
import time


ROOT = pathlib.Path(__file__).resolve().parents[3]
MEGABYTE = 1 << 20


def dsh_binary():
    """The release binary, built where it is not named."""
    if os.environ.get("DSH_BINARY"):
        return os.environ["DSH_BINARY"]
    build = ["swift", "build", "-c", "release", "--static-swift-stdlib", "--product", "dsh"]
    subprocess.run(build, cwd=ROOT, check=True, stdout=sys.stderr)
    shown = subprocess.run(build + ["--show-bin-path"], cwd=ROOT, check=True, capture_output=True, text=True)
    return shown.stdout.strip() + "/dsh"


def isolated(directory):
    """The environment of programs that are to see nothing of who runs them: a home, logins and a store in `directory`."""
    environment = dict(
        os.environ, HOME=str(directory / "home"), DOCKER_CONFIG=str(directory / "home/.docker"),
        DSH_STORE=str(directory / "store"))
    environment.pop("CONTAINERS_REGISTRIES_CONF", None)
    return environment


class Sample:
    """One run: wall and CPU seconds, and peak memory in bytes."""

    def __init__(self, wall, cpu, memory):
        self.wall, self.cpu, self.memory = wall, cpu, memory


def run(arguments, environment):
    """Runs a program to its end and returns its Sample; a failure ends the benchmark with the program's words.

    The kernel counts what this process held when it started the program as the program's, so peaks under this
    process's own (some 15 MB) are not seen, and everything large is made by `apart`.
    """
    with tempfile.TemporaryFile() as errors:
        actions = [
            (os.POSIX_SPAWN_OPEN, 0, "/dev/null", os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, "/dev/null", os.O_WRONLY, 0),
            (os.POSIX_SPAWN_DUP2, errors.fileno(), 2),
        ]
        start = time.perf_counter()
        process = os.posix_spawnp(arguments[0], arguments, environment, file_actions=actions)
        _, status, usage = os.wait4(process, 0)
        wall = time.perf_counter() - start
        if status != 0:
            errors.seek(0)
            sys.exit(f"{' '.join(arguments)} failed ({status}):\n{errors.read().decode(errors='replace')}")
    return Sample(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024)


def apart(function, *arguments):
    """Calls `function` in a process of its own, so that its memory never counts here."""
    with multiprocessing.get_context("fork").Pool(1) as pool:
        return pool.apply(function, arguments)


def interleave(rounds, contestants):
    """Runs every contestant once a round, in random order; {name: [Sample]}. The first round only warms up."""
    samples = {name: [] for name in contestants}
    for number in range(rounds + 1):
        for name in random.sample(list(contestants), len(contestants)):
            sample = contestants[name]()
            if number > 0:
                samples[name].append(sample)
        if sys.stderr.isatty():
            print(f"\rround {number} of {rounds}\033[K", end="\r", file=sys.stderr, flush=True)
    return samples


def median(samples, field):
    return statistics.median(getattr(sample, field) for sample in samples)


class Report:
    """Prints what was measured and remembers whether a bar was missed."""

    def __init__(self):
        self.failed = False

    def figures(self, samples):
        width = max(len(name) for name in samples)
        print(f"{'':{width}}  {'wall':>10}  {'user+sys':>10}  {'peak':>8}")
        for name, runs in samples.items():
            wall, cpu, memory = (median(runs, field) for field in ("wall", "cpu", "memory"))
            print(f"{name:{width}}  {wall * 1000:7.1f} ms  {cpu * 1000:7.1f} ms  {memory / MEGABYTE:5.1f} MB")
        print()

    def bar(self, what, value, bar, unit=""):
        missed = value > bar
        self.failed |= missed
        print(f"{'FAIL' if missed else 'PASS'}  {what}: {value:.2f}{unit}, bar {bar:.2f}{unit}")
