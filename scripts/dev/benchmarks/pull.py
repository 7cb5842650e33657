"""pull of a large image beside skopeo, and --verify beside a real engine."""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

from .images import fill_registry
from .measure import MEGABYTE, Report, apart, dsh_binary, isolated, interleave, median, run
from .servers import engine, registry


def bench_pull(arguments):
    dsh = dsh_binary()
    report = Report()
    with tempfile.TemporaryDirectory(prefix="dsh-bench-") as name:
        directory = pathlib.Path(name)
        storage = directory / "registry"
        print("building the images ...", file=sys.stderr)
        blobs = apart(fill_registry, storage, "bench/node", "20", arguments.layers)
        size = sum(path.stat().st_size for path in blobs)
        half = [max(1, size // 2) for size in arguments.layers]
        blobs += apart(fill_registry, storage, "bench/half", "20", half)
        environment = isolated(directory)
        with registry(directory, storage) as host:
            print(f"{len(arguments.layers)} layers, {size / 1e6:.0f} MB compressed\n", flush=True)
            pull_against_skopeo(arguments, report, dsh, host, directory, blobs, environment)
            if arguments.engine_rounds > 0:
                pull_against_engine(arguments, report, dsh, host, directory, environment)
    sys.exit(report.failed)


def pull_against_skopeo(arguments, report, dsh, host, directory, blobs, environment):
    target = directory / "target"

    def fresh(run_it):
        def round_of():
            shutil.rmtree(target, ignore_errors=True)
            os.sync()  # nobody pays for what an earlier round left to be written
            for path in blobs:
                with path.open("rb") as file:
                    while file.read(MEGABYTE):
                        pass
            return run_it()

        return round_of

    def dsh_pull(repository):
        return fresh(lambda: run(
            [dsh, "-c", f"pull -q {host}/bench/{repository}:20"], dict(environment, DSH_STORE=str(target))))

    samples = interleave(arguments.rounds, {
        "dsh pull": dsh_pull("node"),
        "dsh pull, half the size": dsh_pull("half"),
        "skopeo copy": fresh(lambda: run(
            ["skopeo", "copy", "-q", "--src-tls-verify=false", f"docker://{host}/bench/node:20",
             f"oci:{target}:node"], environment)),
    })
    report.figures(samples)
    ours, half, theirs = samples["dsh pull"], samples["dsh pull, half the size"], samples["skopeo copy"]
    report.bar("wall, dsh / skopeo", median(ours, "wall") / median(theirs, "wall"), 0.40)
    report.bar("CPU, dsh / skopeo", median(ours, "cpu") / median(theirs, "cpu"), 1.00)
    report.bar("peak memory of dsh", median(ours, "memory") / MEGABYTE, 48, " MB")
    report.bar("peak memory, whole / half the size", median(ours, "memory") / median(half, "memory"), 1.15)


def pull_against_engine(arguments, report, dsh, host, directory, environment):
    target = directory / "target"
    reference = f"{host}/bench/node:20"
    with engine(directory) as socket:

        def dsh_verify():
            shutil.rmtree(target, ignore_errors=True)
            os.sync()
            return run([dsh, "-c", f"pull -q --verify {reference}"], dict(environment, DSH_STORE=str(target)))

        def docker_pull():
            docker = ["docker", "--host", socket]
            subprocess.run(docker + ["rmi", "-f", reference], capture_output=True)
            os.sync()
            return run(docker + ["pull", "-q", reference], environment)

        samples = interleave(arguments.engine_rounds, {"dsh pull --verify": dsh_verify, "docker pull": docker_pull})
    print()
    report.figures(samples)
    print("(the client alone; the engine's own CPU and memory are not in its row)")
    report.bar(
        "wall, dsh pull --verify / docker pull",
        median(samples["dsh pull --verify"], "wall") / median(samples["docker pull"], "wall"), 0.15)
