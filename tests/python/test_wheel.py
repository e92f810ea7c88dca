"""The wheel: made, installed without network into an environment that has numpy alone, and at work there."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
import tamis
from conftest import TOP

BUILT = Path(os.environ["abs_top_builddir"])
# prints the libraries in use, then the bytes of a model's factors as hex
PROGRAM = """
import sys, numpy as np
np.ones((300, 300)) @ np.ones((300, 300))
import tamis
model = tamis.BPR(factors=8, epochs=3).fit(sys.argv[1])
for name in ("scipy", "pandas", "tqdm"):
    try: __import__(name)
    except ImportError: continue
    raise SystemExit(name + " is there")
print(sorted({line.split()[-1] for line in open("/proc/self/maps") if ".so" in line}))
print(tamis.__file__)
print(model.user_factors.tobytes().hex())
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not shutil.which("patchelf"):
        message = "patchelf is not there (apt-get install patchelf)"
        pytest.fail(message) if os.environ.get("TAMIS_NEEDS_PYTHON") else pytest.skip(message)
    out = tmp_path_factory.mktemp("wheel")
    told = subprocess.check_output([sys.executable, TOP / "src/python/wheel.py", BUILT, "0.1.0", out], text=True)
    return Path(told.strip())


@pytest.fixture(scope="module")
def environment(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtual environment without anything but numpy, and the wheel."""
    place = tmp_path_factory.mktemp("environment") / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", place], check=True)
    packages = next(place.glob("lib/python*/site-packages"))
    numpy = Path(np.__file__).parent
    for path in [numpy, *numpy.parent.glob("numpy-*"), *numpy.parent.glob("numpy.libs")]:
        (packages / path.name).symlink_to(path)
    pip = [sys.executable, "-m", "pip", "--python", place / "bin" / "python", "--disable-pip-version-check"]
    subprocess.run([*pip, "install", "-q", "--no-index", wheel], check=True, env=clean())
    assert "numpy" in subprocess.check_output([*pip, "list"], text=True, env=clean())
    return place


def clean(**more: str) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "HOME": "/nonexistent", **more}


def at_work(environment: Path, log: Path, **more: str) -> list[str]:
    python = environment / "bin" / "python"
    return subprocess.check_output([python, "-c", PROGRAM, log], text=True, cwd="/", env=clean(**more)).splitlines()


def test_what_is_in_it(wheel: Path) -> None:
    assert wheel.name.startswith("tamis-0.1.0-py3-none-linux_")
    names = zipfile.ZipFile(wheel).namelist()
    assert {"tamis/__init__.py", "tamis/tamis.h", "tamis/py.typed", "tamis/libtamis.so.1"} <= set(names)
    assert not [name for name in names if "openblas" in name]
    assert [name for name in names if name.startswith("tamis/libgomp-tamis-")]


def test_the_same_files_make_the_same_bytes(wheel: Path, tmp_path: Path) -> None:
    subprocess.run([sys.executable, TOP / "src/python/wheel.py", BUILT, "0.1.0", tmp_path], check=True, stdout=subprocess.DEVNULL)
    assert (tmp_path / wheel.name).read_bytes() == wheel.read_bytes()


def test_at_work(environment: Path, drawn: Path) -> None:
    """Same bits as here; of the libraries that went along none is the system's; no OpenBLAS but numpy's."""
    libraries, file, factors = at_work(environment, drawn / "train.csv")
    assert file.startswith(str(environment))
    assert factors == tamis.BPR(factors=8, epochs=3).fit(drawn / "train.csv").user_factors.tobytes().hex()
    used = eval(libraries)
    mine = {Path(path).name.split("-tamis-")[0] for path in used if str(environment) in path}
    assert {"libtamis.so.1", "libgomp", "libcsv"} <= mine
    for path in used:
        assert Path(path).name.split(".so")[0] not in ("libgomp", "libcsv", "libjansson"), path


def test_on_an_old_processor(environment: Path, drawn: Path) -> None:
    """Without AVX2, where OpenBLAS would serve: the same bits, whether it is found or not."""
    expected = at_work(environment, drawn / "train.csv")[2]
    assert at_work(environment, drawn / "train.csv", TAMIS_CPU="portable")[2] == expected


def test_uninstalled_it_leaves_nothing(environment: Path) -> None:
    pip = [sys.executable, "-m", "pip", "--python", environment / "bin" / "python", "--disable-pip-version-check"]
    subprocess.run([*pip, "uninstall", "-q", "-y", "tamis"], check=True, env=clean())
    assert not list(environment.glob("lib/python*/site-packages/tamis*"))
