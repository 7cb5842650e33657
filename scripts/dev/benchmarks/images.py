"""Images and stores that are made without any program: the same bytes in every run."""

import hashlib
import json
import random
import zlib

from .measure import MEGABYTE


def digest_of(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


def tar_of(name, content):
    """A tar stream of one file, without tarfile's clock and user names."""
    header = bytearray(512)
    header[0 : len(name)] = name.encode()
    for offset, text in (
        (100, "0000644"), (108, "0000000"), (116, "0000000"), (124, f"{len(content):011o}"), (136, "14524270000"),
        (148, "        "), (156, "0"), (257, "ustar\x0000"),
    ):
        header[offset : offset + len(text)] = text.encode()
    header[148:156] = f"{sum(header):06o}\0 ".encode()
    return bytes(header) + content + bytes(-len(content) % 512 + 1024)


def layer_content(generator, size):
    """Partly compressible bytes, as programs and libraries are: noise, repeated text and zeros in turns."""
    text = b"the quick brown fox jumps over the lazy dog; " * 400
    pieces = []
    while size > 0:
        noise = generator.randbytes(40_000)
        pieces += [noise, text[: generator.randrange(4_000, len(text))], bytes(6_000)]
        size -= sum(len(piece) for piece in pieces[-3:])
    return b"".join(pieces)


def gzipped(data):
    """A gzip member; zlib's fastest level, for the pulling programs never see how it was packed."""
    packer = zlib.compressobj(1, zlib.DEFLATED, 31)
    return packer.compress(data) + packer.flush()


MANIFEST = "application/vnd.oci.image.manifest.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"


class RepositoryStorage:
    """A repository in a registry's file system storage, written from outside."""

    def __init__(self, storage, repository):
        self.home = storage / "docker/registry/v2"
        self.repository = repository
        self.paths = []

    def link(self, path, digest):
        target = self.home / "repositories" / self.repository / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(digest)

    def blob(self, data, media_type, links="_layers"):
        digest = digest_of(data)
        hex_digest = digest.removeprefix("sha256:")
        path = self.home / "blobs/sha256" / hex_digest[:2] / hex_digest / "data"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        self.paths.append(path)
        self.link(f"{links}/sha256/{hex_digest}/link", digest)
        return {"mediaType": media_type, "digest": digest, "size": len(data)}

    def image(self, tag, config, layers):
        manifest = {
            "schemaVersion": 2, "mediaType": MANIFEST, "config": self.blob(json.dumps(config).encode(), CONFIG),
            "layers": layers,
        }
        digest = self.blob(json.dumps(manifest).encode(), MANIFEST, "_manifests/revisions")["digest"]
        self.link(f"_manifests/tags/{tag}/current/link", digest)
        self.link(f"_manifests/tags/{tag}/index/sha256/{digest.removeprefix('sha256:')}/link", digest)


def fill_registry(storage, repository, tag, sizes):
    """Puts an OCI image with layers of about these many megabytes into a registry's storage; its blobs' paths."""
    generator = random.Random(20240203)
    target = RepositoryStorage(storage, repository)
    layers, diff_ids = [], []
    for number, size in enumerate(sizes):
        tar = tar_of(f"data-{number}", layer_content(generator, size * MEGABYTE))
        diff_ids.append(digest_of(tar))
        layers.append(target.blob(gzipped(tar), LAYER))
    target.image(tag, {
        "architecture": "amd64", "os": "linux", "created": "2024-02-03T04:05:06Z", "config": {},
        "rootfs": {"type": "layers", "diff_ids": diff_ids},
        "history": [{"created": "2024-02-03T04:05:06Z", "created_by": f"RUN {n}"} for n in range(len(sizes))],
    }, layers)
    return target.paths


def fill_tags(storage, repository, count):
    """Puts `count` images, all different, over one small layer into a registry's storage, under the tags 1.0, 1.1, …"""
    target = RepositoryStorage(storage, repository)
    tar = tar_of("file", b"content\n")
    layer = target.blob(gzipped(tar), LAYER)
    for number in range(count):
        target.image(f"1.{number}", {
            "architecture": "amd64", "os": "linux", "created": f"2024-02-03T{number % 24:02}:05:06Z",
            "config": {"Env": ["PATH=/usr/bin:/bin"], "Labels": {"number": f"{repository} {number}"}},
            "rootfs": {"type": "layers", "diff_ids": [digest_of(tar)]},
            "history": [{"created": "2024-02-03T04:05:06Z", "created_by": f"RUN step {n} of many"} for n in range(20)],
        }, [layer])


def write_store(path, count):
    """A store of `count` small images, all different, over one layer."""
    blobs = path / "blobs/sha256"
    blobs.mkdir(parents=True)

    def blob(data, media_type):
        digest = digest_of(data)
        (blobs / digest.removeprefix("sha256:")).write_bytes(data)
        return {"mediaType": media_type, "digest": digest, "size": len(data)}

    tar = tar_of("file", b"content\n")
    layer = blob(gzipped(tar), "application/vnd.oci.image.layer.v1.tar+gzip")
    manifest_type = "application/vnd.oci.image.manifest.v1+json"
    rows = []
    for number in range(count):
        config = blob(json.dumps({
            "architecture": "amd64", "os": "linux", "created": f"2024-02-03T{number % 24:02}:05:06Z",
            "config": {"Env": ["PATH=/usr/bin:/bin"], "Labels": {"number": str(number)}, "Cmd": ["/bin/sh"]},
            "rootfs": {"type": "layers", "diff_ids": [digest_of(tar)]},
            "history": [{"created": "2024-02-03T04:05:06Z", "created_by": "ADD file in /"}],
        }).encode(), "application/vnd.oci.image.config.v1+json")
        manifest = blob(json.dumps({
            "schemaVersion": 2, "mediaType": manifest_type, "config": config, "layers": [layer],
        }).encode(), manifest_type)
        name = f"docker.io/bench/image-{number // 10}:v{number % 10}"
        rows.append(dict(manifest, annotations={"org.opencontainers.image.ref.name": name}))
    (path / "index.json").write_text(json.dumps({"schemaVersion": 2, "manifests": rows}))
    (path / "oci-layout").write_text('{"imageLayoutVersion":"1.0.0"}')
