#!/usr/bin/env python3
"""Packs a built goldsmith for others: an archive with the program and DuckDB's library beside it, a wheel
that pip installs from any index or folder, and the SHA-256 of both.

    GOLDSMITH_PORTABLE=1 cargo build --release --locked
    scripts/release/package.py --program target/release/goldsmith --library .duckdb/libduckdb.so --output dist

Needs nothing but Python 3.9. The wheel has no Python in it: pip puts the program on the path and the library
where the program looks for it (PEP 427, PEP 491).
"""

import argparse
import base64
import hashlib
import io
import pathlib
import platform
import re
import sys
import tarfile
import zipfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
EPOCH = (1980, 1, 1, 0, 0, 0)


def manifest(key):
    text = (ROOT / "Cargo.toml").read_text(encoding="utf-8")
    return re.search(rf'^{key} = "(.*)"$', text, re.M).group(1)


def wheel_tag(binaries, system, machine):
    """The platform that pip checks: on Linux the newest glibc that a binary asks for."""
    machine = {"AMD64": "x86_64", "arm64": "aarch64" if system == "Linux" else "arm64"}.get(machine, machine)
    if system == "Linux":
        asked = [int(n) for b in binaries for n in re.findall(rb"GLIBC_2\.(\d+)", b)]
        return f"manylinux_2_{max(asked, default=17)}_{machine}"
    if system == "Darwin":
        return f"macosx_{'11' if machine == 'arm64' else '10'}_{'0' if machine == 'arm64' else '15'}_{machine}"
    return "win_amd64" if machine == "x86_64" else "win_arm64"


def archive(path, top, files):
    """Files of fixed times and owners, so that the same build packs to the same bytes."""
    if path.suffix == ".zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
            for name, data, mode in files:
                add(out, f"{top}/{name}", data, mode)
        return
    with tarfile.open(path, "w:gz", compresslevel=9) as out:
        for name, data, mode in files:
            info = tarfile.TarInfo(f"{top}/{name}")
            info.size, info.mode = len(data), mode
            out.addfile(info, io.BytesIO(data))


def add(out, name, data, mode):
    info = zipfile.ZipInfo(name, EPOCH)
    info.external_attr = (0o100000 | mode) << 16
    info.compress_type = zipfile.ZIP_DEFLATED
    out.writestr(info, data)


def wheel(path, version, tag, program, library, licences):
    info = f"goldsmith-{version}.dist-info"
    data = f"goldsmith-{version}.data"
    # On Windows the library is looked for beside the program.
    place = "scripts" if program[0].endswith(".exe") else "data/lib/goldsmith"
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    metadata = (
        "Metadata-Version: 2.1\nName: goldsmith\n"
        f"Version: {version}\nSummary: {manifest('description')}\nLicense: {manifest('license')}\n"
        "Requires-Python: >=3.7\nDescription-Content-Type: text/markdown\n\n" + readme
    )
    files = [
        (f"{data}/scripts/{program[0]}", program[1], 0o755),
        (f"{data}/{place}/{library[0]}", library[1], 0o644),
        (f"{info}/METADATA", metadata.encode(), 0o644),
        (f"{info}/WHEEL", f"Wheel-Version: 1.0\nGenerator: goldsmith\nRoot-Is-Purelib: false\nTag: py3-none-{tag}\n".encode(), 0o644),
    ]
    files += [(f"{info}/licenses/{name}", text, 0o644) for name, text, _ in licences]
    record = "".join(
        f"{name},sha256={base64.urlsafe_b64encode(hashlib.sha256(d).digest()).rstrip(b'=').decode()},{len(d)}\n"
        for name, d, _ in files
    )
    files.append((f"{info}/RECORD", (record + f"{info}/RECORD,,\n").encode(), 0o644))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        for name, text, mode in files:
            add(out, name, text, mode)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--program", type=pathlib.Path, required=True)
    parser.add_argument("--library", type=pathlib.Path, required=True)
    parser.add_argument("--output", type=pathlib.Path, default=pathlib.Path("dist"))
    parser.add_argument("--system", default=platform.system(), help="Linux, Darwin or Windows")
    parser.add_argument("--machine", default=platform.machine())
    args = parser.parse_args()
    for path in (args.program, args.library):
        if not path.is_file():
            sys.exit(f"error: there is no {path}: build first, see --help")
    version = manifest("version")
    program = (args.program.name, args.program.read_bytes())
    library = (args.library.name, args.library.read_bytes())
    licences = [(p.name, p.read_bytes(), 0o644) for p in sorted(ROOT.glob("LICENSE-*"))]
    tag = wheel_tag([program[1], library[1]], args.system, args.machine)
    args.output.mkdir(parents=True, exist_ok=True)
    top = f"goldsmith-{version}-{args.machine}-{args.system.lower()}"
    packed = args.output / (top + (".zip" if args.system == "Windows" else ".tar.gz"))
    others = [(n, (ROOT / n).read_bytes(), 0o644) for n in ("README.md", "CHANGELOG.md")] + licences
    archive(packed, top, [(*program, 0o755), (*library, 0o644), *others])
    whl = args.output / f"goldsmith-{version}-py3-none-{tag}.whl"
    wheel(whl, version, tag, program, library, licences)
    for path in (packed, whl):
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        path.with_name(path.name + ".sha256").write_text(f"{digest}  {path.name}\n", encoding="utf-8")
        print(path)


main()
