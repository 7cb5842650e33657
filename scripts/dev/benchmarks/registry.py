"""Reading a registry: `tags --detail` of a repository of many tags beside a shell loop of `skopeo inspect`."""

import json
import pathlib
import shutil
import sys
import tempfile
import urllib.request

from .images import fill_tags
from .measure import MEGABYTE, Report, apart, dsh_binary, isolated, interleave, median, run
from .servers import registry

# What people write today: sixteen at a time, a JSON document for each tag. Those who know --no-tags spare themselves and the
# registry a list of all tags with each document.
LOOP = """skopeo list-tags --tls-verify=false docker://{0} | jq -r '.Tags[]' \
| xargs -P 16 -I TAG skopeo inspect {2} --tls-verify=false docker://{0}:TAG > {1}"""

# What the registry costs whoever asks for the same documents.
ACCEPT = "Accept: application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json"


def bench_registry(arguments):
    dsh = dsh_binary()
    report = Report()
    with tempfile.TemporaryDirectory(prefix="dsh-bench-") as name:
        directory = pathlib.Path(name)
        storage = directory / "registry"
        print("building the images ...", file=sys.stderr)
        apart(fill_tags, storage, "bench/many", arguments.tags)
        apart(fill_tags, storage, "bench/half", arguments.tags // 2)
        environment = isolated(directory)
        with registry(directory, storage, logs_requests=True) as host:
            tags_against_loop(arguments, report, dsh, host, directory, environment)
    sys.exit(report.failed)


def tags_against_loop(arguments, report, dsh, host, directory, environment):
    log = directory / "registry.log"

    def details(repository, store, fresh=False):
        command = [dsh, "-o", "jsonl", "-c", f"tags --detail {host}/bench/{repository} | [.Tag, .Digest]"]

        def round_of():
            if fresh:
                shutil.rmtree(directory / store, ignore_errors=True)
            return run(command, dict(environment, DSH_STORE=str(directory / store)))

        return round_of

    def loop(option=""):
        script = LOOP.format(f"{host}/bench/many", directory / "loop.json", option)
        return lambda: run(["bash", "-o", "pipefail", "-c", script], environment)

    urls = directory / "urls"
    urls.write_text("".join(f'url = "{url}"\noutput = "/dev/null"\n' for url in documents(host, "bench/many")))
    curl = ["curl", "-fsS", "-Z", "--no-progress-meter", "--parallel-max", "16", "-H", ACCEPT, "-K", str(urls)]
    samples = interleave(arguments.rounds, {
        "dsh tags --detail": details("many", "store", fresh=True),
        "curl, the same documents": lambda: run(curl, environment),
        "dsh tags --detail, half the tags": details("half", "half", fresh=True),
    })
    cached = details("many", "store")
    before = len(log.read_bytes())
    samples |= interleave(arguments.rounds, {"dsh, second run": cached})
    gets = document_gets(log.read_bytes()[before:])
    samples |= interleave(arguments.loop_rounds, {
        "loop of skopeo inspect": loop(), "loop of skopeo inspect --no-tags": loop("--no-tags"),
    })
    print(f"{arguments.tags} tags\n")
    report.figures(samples)
    ours, half = samples["dsh tags --detail"], samples["dsh tags --detail, half the tags"]
    loop_wall = median(samples["loop of skopeo inspect"], "wall")
    report.bar("wall, dsh / loop of skopeo inspect", median(ours, "wall") / loop_wall, 0.10)
    for name, wall in (
        ("dsh / loop of skopeo inspect --no-tags",
         median(ours, "wall") / median(samples["loop of skopeo inspect --no-tags"], "wall")),
        ("dsh / curl and the same documents", median(ours, "wall") / median(samples["curl, the same documents"], "wall")),
    ):
        print(f"      for comparison: wall, {name}: {wall:.2f}")
    report.bar("wall of the second run / loop", median(samples["dsh, second run"], "wall") / loop_wall, 0.10)
    report.bar("GETs of a manifest or config in second runs", gets, 0)
    report.bar("peak memory of dsh", median(ours, "memory") / MEGABYTE, 64, " MB")
    report.bar("peak memory, all / half the tags", median(ours, "memory") / median(half, "memory"), 1.15)


def documents(host, repository):
    """The URLs of every tag's manifest and its config."""
    base = f"http://{host}/v2/{repository}"

    def get(url):
        kind, types = ACCEPT.split(": ")
        return json.load(urllib.request.urlopen(urllib.request.Request(url, headers={kind: types})))

    for tag in get(f"{base}/tags/list")["tags"]:
        manifest = f"{base}/manifests/{tag}"
        yield manifest
        yield f"{base}/blobs/{get(manifest)['config']['digest']}"


def document_gets(log):
    """How many GETs of manifests and blobs an access log tells of."""
    lines = log.decode(errors="replace").splitlines()
    return sum('"GET /v2/' in line and ("/manifests/" in line or "/blobs/" in line) for line in lines)
