"""What the tests share: the program, a small log, a brute-force reference."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tamis

TOP = Path(os.environ["abs_top_srcdir"])
# a shell that starts tests in the background has them ignore Ctrl-C
signal.signal(signal.SIGINT, signal.default_int_handler)


def program(*arguments: Any) -> str:
    """What the command line prints."""
    words = [os.environ["TAMIS"], *map(str, arguments)]
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout


@pytest.fixture(scope="session")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small log with known truth: train.csv, test.csv, noise.csv."""
    place = tmp_path_factory.mktemp("drawn")
    tamis.synth(place, users=120, items=90, interactions=2500, relevant_share=0.3)
    return place


@pytest.fixture(scope="session")
def train(drawn: Path) -> tamis.Log:
    return tamis.read_csv(drawn / "train.csv")


@pytest.fixture(scope="session")
def test_log(drawn: Path) -> tamis.Log:
    return tamis.read_csv(drawn / "test.csv")


@pytest.fixture(scope="session")
def model(train: tamis.Log) -> Any:
    return tamis.BPR(factors=8, epochs=5).fit(train)


def draw(random: np.random.Generator) -> np.ndarray[Any, Any]:
    """A random matrix of zeros and ones, of which every row and column has a one."""
    users, items = int(random.integers(2, 30)), int(random.integers(3, 40))
    matrix = random.random((users, items)) < random.uniform(0.05, 0.5)
    matrix[np.arange(users), random.integers(0, items, users)] = True
    matrix[random.integers(0, users, items), np.arange(items)] = True
    return matrix
