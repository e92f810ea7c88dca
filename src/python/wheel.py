"""Makes the wheel: the package, and within it the library with what it needs. Run by make wheel.

    python3 wheel.py BUILD VERSION OUT

A wheel is a zip file with a list of what is in it, so that this needs no build system, and no network.

The library is compiled already, so that one file serves every Python 3. What it needs beyond glibc (libgomp, zlib, libzstd, libcsv,
jansson) goes along, since small systems lack some of it, under names with a checksum in them: whatever other packages bring or
the system has, none takes the place of another. OpenBLAS does not go along: only processors without AVX2 use it, from the
system where it is there, and the library's own kernels give the same bits. So nothing here competes with numpy's, or changes its
number of threads; of OpenMP there is one runtime per copy, whose threads sleep when it has nothing to do.
"""

from __future__ import annotations

import base64
import hashlib
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import zipfile
from pathlib import Path

GLIBC = re.compile(r"(linux-vdso|ld-linux.*|lib(c|m|pthread|dl|rt))\.so")
PACKAGE = Path(__file__).parent / "tamis"
TOP = Path(__file__).parents[2]
WHY_NOT = "make wheel wants patchelf (apt-get install patchelf)"


def run(*words: str) -> str:
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout


def needed(library: Path) -> dict[str, Path]:
    """What a library loads, by the names that it asks for, without glibc."""
    found = re.findall(r"^\s*(\S+) => (/\S+)", run("ldd", str(library)), re.M)
    return {name: Path(path).resolve() for name, path in found if not GLIBC.match(name)}


def licence(library: Path) -> str:
    """What its Debian package says of copyright; "" elsewhere."""
    try:
        owner = run("dpkg-query", "-S", str(library)).split(":")[0]
        return Path("/usr/share/doc", owner, "copyright").read_text(encoding="utf-8")
    except (OSError, subprocess.CalledProcessError):
        return ""


def libraries(built: Path, place: Path) -> dict[str, str]:
    """Copies the library and what it needs into a folder, so that they find each other there; licences by name."""
    names, licences = {}, {}
    for name, path in needed(built).items():
        stem, _, ending = name.partition(".so")
        names[name] = f"{stem}-tamis-{hashlib.sha256(path.read_bytes()).hexdigest()[:8]}.so{ending}"
        shutil.copyfile(path, place / names[name])
        licences[stem] = licence(path)
    shutil.copyfile(built, place / "libtamis.so.1")
    run("strip", "--strip-debug", str(place / "libtamis.so.1"))
    for file in [*names.values(), "libtamis.so.1"]:
        target = str(place / file)
        for old, new in names.items():
            run("patchelf", "--replace-needed", old, new, target)
        if file != "libtamis.so.1":
            run("patchelf", "--set-soname", file, target)
        run("patchelf", "--set-rpath", "$ORIGIN", target)
    return licences


def metadata(version: str) -> str:
    return f"""Metadata-Version: 2.1
Name: tamis
Version: {version}
Summary: Train recommenders on noisy implicit feedback
License: see LICENSE, and licences of the libraries that came along
Requires-Python: >=3.9
Requires-Dist: numpy
Classifier: Programming Language :: Python :: 3
Classifier: Typing :: Typed
"""


def wheel(built: Path, version: str, out: Path) -> Path:
    platform = sysconfig.get_platform().replace("-", "_").replace(".", "_")
    tag, about = f"py3-none-{platform}", f"tamis-{version}.dist-info"
    files: dict[str, bytes] = {}
    for path in sorted([*PACKAGE.glob("*.py"), PACKAGE / "py.typed", TOP / "include" / "tamis.h"]):
        files[f"tamis/{path.name}"] = path.read_bytes()
    with tempfile.TemporaryDirectory() as place:
        for name, text in libraries(built, Path(place)).items():
            if text:
                files[f"{about}/licenses/{name}"] = text.encode()
        for path in sorted(Path(place).iterdir()):
            files[f"tamis/{path.name}"] = path.read_bytes()
    files[f"{about}/licenses/LICENSE"] = (TOP / "LICENSE").read_bytes()
    files[f"{about}/METADATA"] = metadata(version).encode()
    files[f"{about}/WHEEL"] = f"Wheel-Version: 1.0\nGenerator: tamis\nRoot-Is-Purelib: false\nTag: {tag}\n".encode()
    record = "".join(f"{name},sha256={digest(content)},{len(content)}\n" for name, content in files.items())
    files[f"{about}/RECORD"] = f"{record}{about}/RECORD,,\n".encode()

    path = out / f"tamis-{version}-{tag}.whl"
    with tempfile.TemporaryDirectory(dir=out) as place:
        with zipfile.ZipFile(Path(place) / path.name, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in files.items():
                entry = zipfile.ZipInfo(name)  # of 1980, so that the same files make the same bytes
                entry.external_attr = (0o100755 if ".so" in name else 0o100644) << 16
                entry.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(entry, content)
        (Path(place) / path.name).replace(path)
    return path


def digest(content: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit("usage: wheel.py BUILD VERSION OUT")
    if not shutil.which("patchelf"):
        sys.exit(WHY_NOT)
    print(wheel(Path(sys.argv[1]) / ".libs" / "libtamis.so.1", sys.argv[2], Path(sys.argv[3])))
