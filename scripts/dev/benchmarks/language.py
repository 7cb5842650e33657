"""Loops, many filters and large results beside the jq program."""

import os
import pathlib
import subprocess
import sys
import tempfile

from .images import write_store
from .measure import MEGABYTE, Report, apart, dsh_binary, interleave, median, run


LOOP = """for number in (range(10000)) {
    let square = $number * $number
    {number: $number, square: $square} | select(.square % 2 == 0)
}
"""
LOOP_IN_JQ = """range(10000) as $number | ($number * $number) as $square
    | {number: $number, square: $square} | select(.square % 2 == 0)"""

# What people ask of many images: a choice, a grouping and sums.
LARGE = """map(select(.Size > 10 and (.Labels.number | tonumber) % 3 > 0)) | group_by(.Repository)
    | map({repository: .[0].Repository, size: (map(.Size) | add), tags: map(.Tag)}) | sort_by(-.size, .repository)"""


def many_filters(count):
    """A script of `count` filters, all different, as reports have them; each runs once."""
    return "".join(
        f'[{{Repository: "app-{n}", Size: {n}}}] | map(select(.Size >= {n})) | sort_by(-.Size) '
        f'| .[0] | "{n}: \\(.Repository) \\(.Size + {n})"\n' for n in range(count))


def output_of(arguments, environment):
    """What a program writes to standard output; a failure ends the benchmark."""
    done = subprocess.run(arguments, env=environment, capture_output=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(arguments)} failed ({done.returncode}):\n{done.stderr.decode(errors='replace')}")
    return done.stdout


def write_images(dsh, environment, path):
    path.write_bytes(output_of([dsh, "-o", "jsonl", "-c", "images"], environment))


def expect_equal(ours, theirs, environment):
    """Ends the benchmark unless both write the same, byte for byte."""
    if output_of(ours, environment) != output_of(theirs, environment):
        sys.exit(f"{' '.join(ours)}\nand\n{' '.join(theirs)}\nwrite different things")


def bench_language(arguments):
    dsh = dsh_binary()
    report = Report()
    with tempfile.TemporaryDirectory(prefix="dsh-bench-") as name:
        directory = pathlib.Path(name)
        print("writing the store ...", file=sys.stderr)
        apart(write_store, directory / "store", 10_000)
        environment = dict(os.environ, HOME=name, DSH_STORE=str(directory / "store"))
        images, loop, filters = (directory / file for file in ("images.json", "loop.dsh", "filters.dsh"))
        apart(write_images, dsh, environment, images)
        loop.write_text(LOOP)
        filters.write_text(many_filters(200))
        commands = {
            "dsh, loop of 10,000": [dsh, "-o", "jsonl", str(loop)],
            "jq, loop of 10,000": ["jq", "-nc", LOOP_IN_JQ],
            "dsh, 200 filters": [dsh, "-o", "jsonl", str(filters)],
            "jq -n 1": ["jq", "-n", "1"],
            "dsh, read of 10,000 objects": [dsh, "-o", "jsonl", "-c", f"read {images} | {LARGE}"],
            "dsh, images of 10,000": [dsh, "-o", "jsonl", "-c", f"images | {LARGE}"],
            "jq, 10,000 objects": ["jq", "-c", LARGE, str(images)],
        }
        for ours, theirs in (
            ("dsh, loop of 10,000", "jq, loop of 10,000"), ("dsh, read of 10,000 objects", "jq, 10,000 objects"),
            ("dsh, images of 10,000", "jq, 10,000 objects"),
        ):
            apart(expect_equal, commands[ours], commands[theirs], environment)
        samples = interleave(arguments.rounds, {
            name: lambda command=command: run(command, environment) for name, command in commands.items()})
        size = images.stat().st_size
    print(f"10,000 objects are {size / 1e6:.1f} MB of JSON\n")
    report.figures(samples)
    for name, against, bar in (
        ("dsh, loop of 10,000", "jq, loop of 10,000", 6),
        ("dsh, 200 filters", "jq -n 1", 8),
        ("dsh, read of 10,000 objects", "jq, 10,000 objects", 1.2),
        ("dsh, images of 10,000", "jq, 10,000 objects", 1.2),
    ):
        report.bar(f"{name} / {against}", median(samples[name], "wall") / median(samples[against], "wall"), bar)
    for name in ("dsh, read of 10,000 objects", "dsh, images of 10,000"):
        report.bar(f"peak memory, {name}", median(samples[name], "memory") / MEGABYTE, 150, " MB")
    sys.exit(report.failed)
