"""The start of dsh with small and large stores."""

import os
import pathlib
import subprocess
import sys
import tempfile

from .images import write_store
from .measure import Report, apart, dsh_binary, interleave, median, run


def bench_start(arguments):
    dsh = dsh_binary()
    report = Report()
    with tempfile.TemporaryDirectory(prefix="dsh-bench-") as name:
        directory = pathlib.Path(name)
        print("writing the stores ...", file=sys.stderr)
        contestants = {
            "skopeo --version": lambda: run(["skopeo", "--version"], dict(os.environ)),
            "jq -n 1": lambda: run(["jq", "-n", "1"], dict(os.environ)),
            "dsh --version": lambda: run([dsh, "--version"], dict(os.environ)),
        }
        for count in (10, 10_000):
            store = directory / f"store-{count}"
            apart(write_store, store, count)
            environment = dict(os.environ, HOME=str(directory), DSH_STORE=str(store))
            for text in ("images -q", "images | length"):
                command = [dsh, "-c", text]
                shown = subprocess.run(command, env=environment, capture_output=True, text=True)
                found = len(shown.stdout.split()) if text == "images -q" else shown.stdout.strip()
                if shown.returncode != 0 or (text == "images | length" and found != str(count)):
                    sys.exit(f"dsh -c '{text}' on {count} images gave {found!r}\n{shown.stderr}")
                contestants[f"{text}, {count:,} images"] = (
                    lambda command=command, environment=environment: run(command, environment))
        samples = interleave(arguments.rounds, contestants)
    report.figures(samples)
    for name, against, bar in (
        ("dsh --version", "skopeo --version", 0.4),
        ("images -q, 10 images", "skopeo --version", 0.5),
        ("images | length, 10 images", "jq -n 1", 1.3),
        ("images -q, 10,000 images", "jq -n 1", 1.5),
        ("images | length, 10,000 images", "jq -n 1", 3),
    ):
        report.bar(f"{name} / {against}", median(samples[name], "wall") / median(samples[against], "wall"), bar)
    sys.exit(report.failed)
