"""What Python costs above C: fit, recommend and evaluate by turns from both, each in a process of its own.

    python3 bench/python.py TRAIN TEST [RUNS] [EPOCHS]

Run from a build folder, with the package on PYTHONPATH. Both begin with the same arrays in memory, all users get 20 items, and
the log is made within fit and evaluate. Prints the medians, and the median of the differences between neighbouring runs with
its quartiles.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

K = 20
TIMES = 3  # in each process, of which the best counts
STEPS = ("fit", "recommend", "evaluate")
TOP = Path(__file__).parents[1]


def arrays(path: str) -> tuple[Any, Any]:
    with open(path, "rb") as file:
        parts = []
        for _ in range(2):
            users, items, count = np.fromfile(file, np.int64, 3).tolist()
            start = np.fromfile(file, np.int64, users + 1)
            parts.append(((users, items), start, np.fromfile(file, np.int32, count)))
    return parts[0], parts[1]


def one(path: str, epochs: int) -> None:
    """A run from Python."""
    import scipy.sparse
    import tamis

    train, test = (scipy.sparse.csr_matrix((np.ones(len(item), np.int8), item, start), shape) for shape, start, item in arrays(path))
    for _ in range(TIMES):
        at = [time.monotonic()]
        model = tamis.BPR(epochs=epochs).fit(train)
        at.append(time.monotonic())
        model.recommend(n=K)
        at.append(time.monotonic())
        model.evaluate(test, ["ndcg@20", "recall@20"])
        at.append(time.monotonic())
        print(*np.diff(at))


def stored(train: str, test: str, path: str) -> None:
    import tamis

    logs = [tamis.read_csv(train), tamis.read_csv(test)]
    places = {user: row for row, user in enumerate(logs[0].user_ids)}, {item: row for row, item in enumerate(logs[0].item_ids)}
    with open(path, "wb") as file:
        for log in logs:
            users = [places[0].get(user, -1) for user in log.user_ids]
            items = np.array([places[1].get(item, -1) for item in log.item_ids])
            user, item = np.array(users)[log.users], items[log.items]
            kept = (user >= 0) & (item >= 0)
            order = np.lexsort((item[kept], user[kept]))
            start = np.concatenate([[0], np.cumsum(np.bincount(user[kept], minlength=logs[0].n_users))])
            np.array([*logs[0].shape, kept.sum()], np.int64).tofile(file)
            start.astype(np.int64).tofile(file)
            item[kept][order].astype(np.int32).tofile(file)


def main(train: str, test: str, runs: int, epochs: int) -> None:
    with tempfile.TemporaryDirectory() as place:
        path, program = f"{place}/log", f"{place}/program"
        stored(train, test, path)
        libraries = ["-L.libs", "-ltamis", f"-Wl,-rpath,{Path('.libs').resolve()}"]
        subprocess.run(["cc", "-O2", f"-I{TOP}/include", f"{TOP}/bench/python.c", "-o", program, *libraries], check=True)
        commands = [[program, path, str(epochs), str(K), str(TIMES)], [sys.executable, __file__, "--one", path, str(epochs)]]
        seconds: Any = [[], []]
        for _ in range(runs):
            for way, command in enumerate(commands):
                told = subprocess.check_output(command, text=True).splitlines()
                seconds[way].append(np.min([[float(word) for word in line.split()] for line in told], axis=0))
    c, python = np.array(seconds[0]), np.array(seconds[1])
    print("step        C [s]  (least..most)    Python [s]  (least..most)   median difference (quartiles)")
    for k, step in enumerate(STEPS):
        low, middle, high = np.percentile(python[:, k] - c[:, k], [25, 50, 75])
        shown = (f"{np.median(way[:, k]):.3f}  ({way[:, k].min():.3f}..{way[:, k].max():.3f})" for way in (c, python))
        print(f"{step:10}", *shown, f"{middle:+.4f} ({low:+.4f} .. {high:+.4f})", sep="  ")


if __name__ == "__main__":
    if sys.argv[1] == "--one":
        one(sys.argv[2], int(sys.argv[3]))
    else:
        main(sys.argv[1], sys.argv[2], *(int(word) for word in [*sys.argv[3:], *["9", "10"][len(sys.argv) - 3 :]]))
