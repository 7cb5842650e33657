"""push to a registry and copy between two, beside skopeo."""

import os
import pathlib
import shutil
import sys
import tempfile

from .images import fill_registry
from .measure import MEGABYTE, Report, apart, dsh_binary, isolated, interleave, median, run
from .servers import registry

# What the two registries cost whoever copies: curl into curl, all blobs at once, and nothing verified on the way.
RELAY = """set -o pipefail
relay() {
    location=$(curl -fsS -X POST -D - -o /dev/null "http://$2/v2/bench/node/blobs/uploads/" \
        | tr -d '\\r' | awk 'tolower($1) == "location:" { print $2 }')
    curl -fsS "http://$1/v2/bench/node/blobs/$3" | curl -fsS -o /dev/null -T - \
        -H 'Content-Type: application/octet-stream' "$location&digest=$3"
}
accept='Accept: application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json'
digests=$(curl -fsS -H "$accept" "http://$1/v2/bench/node/manifests/20" | jq -r '.config.digest, .layers[].digest')
for digest in $digests; do relay "$1" "$2" "$digest" & jobs="$jobs $!"; done
for job in $jobs; do wait "$job" || exit 1; done"""


def bench_transfer(arguments):
    """push and copy against `skopeo copy` of the same image between the same registries."""
    dsh = dsh_binary()
    report = Report()
    with tempfile.TemporaryDirectory(prefix="dsh-bench-") as name:
        directory = pathlib.Path(name)
        for part in ("from", "to"):
            (directory / part).mkdir()
        source, target = directory / "from/data", directory / "to/data"
        print("building the image ...", file=sys.stderr)
        blobs = apart(fill_registry, source, "bench/node", "20", arguments.layers)
        size = sum(path.stat().st_size for path in blobs)
        environment = isolated(directory)
        with registry(directory / "from", source) as here, registry(directory / "to", target) as there:
            print(f"{len(arguments.layers)} layers, {size / 1e6:.0f} MB compressed\n", flush=True)
            run([dsh, "-c", f"pull -q {here}/bench/node:20; tag {here}/bench/node:20 {there}/bench/node:20"], environment)
            layout = f"oci:{directory}/layout:node"
            run(["skopeo", "copy", "-q", "--src-tls-verify=false", f"docker://{here}/bench/node:20", layout], environment)

            def empty(line, place=target / "docker"):
                def round_of():
                    shutil.rmtree(place, ignore_errors=True)
                    os.sync()  # nobody pays for what an earlier round left to be written
                    return run(line, environment)

                return round_of

            skopeo = ["skopeo", "copy", "-q", "--src-tls-verify=false", "--dest-tls-verify=false"]
            samples = interleave(arguments.rounds, {
                "dsh push": empty([dsh, "-c", f"push -q {there}/bench/node:20"]),
                "skopeo, layout to registry": empty(skopeo + [layout, f"docker://{there}/bench/node:20"]),
                "dsh copy": empty([dsh, "-c", f"copy -q {here}/bench/node:20 {there}/bench/node:20"]),
                "skopeo, registry to registry": empty(
                    skopeo + [f"docker://{here}/bench/node:20", f"docker://{there}/bench/node:20"]),
                "curl into curl, nothing verified": empty(["bash", "-c", RELAY, "relay", here, there]),
            })
            # From one repository to another of the same registry, as images are promoted.
            promoted = source / "docker/registry/v2/repositories/bench/promoted"
            samples |= interleave(arguments.rounds, {
                "dsh copy within a registry": empty(
                    [dsh, "-c", f"copy -q {here}/bench/node:20 {here}/bench/promoted:20"], promoted),
                "skopeo within a registry": empty(
                    skopeo + [f"docker://{here}/bench/node:20", f"docker://{here}/bench/promoted:20"], promoted),
            })
        report.figures(samples)
        for ours, theirs in (
            ("dsh push", "skopeo, layout to registry"), ("dsh copy", "skopeo, registry to registry"),
        ):
            report.bar(f"wall, {ours} / {theirs}", median(samples[ours], "wall") / median(samples[theirs], "wall"), 0.60)
            report.bar(f"peak memory, {ours}", median(samples[ours], "memory") / MEGABYTE, 64, " MB")
    relay = median(samples["curl into curl, nothing verified"], "wall")
    print(f"      for comparison: wall, dsh copy / curl into curl: {median(samples['dsh copy'], 'wall') / relay:.2f}")
    # skopeo remembers from round to round which repository has which blob; the first time it would send them all.
    within = median(samples["dsh copy within a registry"], "wall") / median(samples["skopeo within a registry"], "wall")
    print(f"      for comparison: wall, dsh / skopeo, within a registry: {within:.2f}")
    sys.exit(report.failed)
