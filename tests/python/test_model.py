"""Models as objects: options, copies, pickles, threads, Ctrl-C, views."""

from __future__ import annotations

import copy
import gc
import inspect
import io
import os
import pickle
import signal
import sys
import threading
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tamis


def same(one: Any, other: Any) -> bool:
    return bool((one.user_factors == other.user_factors).all() and (one.item_factors == other.item_factors).all())


def test_options_are_the_librarys() -> None:
    model = tamis.BPR(factors=12, learning_rate=np.float32(0.5), item_bias=np.bool_(True))
    assert model.get_params()["factors"] == 12 and tamis.BPR().get_params()["factors"] == 64
    assert tamis.WARP().get_params() != tamis.BPR().get_params()
    assert model.set_params(factors=3) is model and model.get_params()["factors"] == 3
    signature = inspect.signature(tamis.BPR)
    assert signature.parameters["schedule"].default == "linear" and "margin" not in signature.parameters
    assert "step size of the first epoch" in (tamis.BPR.__doc__ or "")
    assert repr(tamis.ROBUST_BPR(factors=2)) == "ROBUST_BPR(factors=2)"


@pytest.mark.parametrize("options, sentence", [
    ({"factors": 0}, 'factors: "0" is out of range; expected a whole number'),
    ({"factors": 2.5}, "not a whole number"),
    ({"factors": "many"}, "not a number"),
    ({"factors": float("nan")}, "factors"),
    ({"factors": 10**30}, "factors"),
    ({"factors": -1}, "factors"),
    ({"learning_rate": float("inf")}, "learning_rate"),
    ({"learning_rate": float("nan")}, "learning_rate"),
    ({"schedule": "steep"}, 'schedule: "steep" is none of'),
    ({"item_bias": "yes"}, "neither True nor False"),
    ({"item_bias": 2}, "neither True nor False"),
    ({"learnin_rate": 1}, "is it learning_rate"),
    ({"nonsense": 1}, "there are .*learning_rate"),
    ({"factors": [1]}, "no value"),
    ({"factors": {}}, "no value"),
    ({"checkpoint": "a\0b"}, "NUL"),
])  # fmt: skip
def test_wrong_options(options: dict[str, Any], sentence: str) -> None:
    with pytest.raises(tamis.UsageError, match=sentence) as told:
        tamis.BPR(**options)
    assert "--" not in str(told.value)


def test_no_such_method() -> None:
    with pytest.raises(AttributeError, match="BPR, "):
        tamis.SVD
    assert "WARP" in dir(tamis) and not hasattr(tamis, "svd")


def test_copies(model: Any, train: tamis.Log) -> None:
    clone = model.clone()
    assert clone.get_params() == model.get_params()
    with pytest.raises(tamis.UsageError, match="call fit"):
        clone.recommend()
    assert same(clone.fit(train), model)
    for other in (pickle.loads(pickle.dumps(model)), copy.deepcopy(model)):
        assert type(other) is tamis.BPR and same(other, model) and other.get_params() == model.get_params()
        assert other.recommend(n=3).items.tolist() == model.recommend(n=3).items.tolist()
        assert [epoch.loss for epoch in other.history_] == [epoch.loss for epoch in model.history_]


def test_as_scikit_learn_clones(model: Any, train: tamis.Log) -> None:
    """sklearn.base.clone() makes a new one of copies of get_params() and wants to see these very objects in it."""
    copied = {name: copy.deepcopy(value) for name, value in model.get_params(deep=False).items()}
    clone = type(model)(**copied)
    assert all(value is copied[name] for name, value in clone.get_params(deep=False).items())
    assert same(clone.fit(train), model)


def test_save_and_load(model: Any, tmp_path: Path) -> None:
    model.save(tmp_path / "m")
    for again in (tamis.load(tmp_path / "m"), tamis.load(str(tmp_path / "m"), copy=True)):
        assert type(again) is tamis.BPR and same(again, model)
        assert again.get_params()["factors"] == 8 and again.notes == model.notes
        assert again.user_ids.tolist() == model.user_ids.tolist()
    (tmp_path / "m").write_bytes((tmp_path / "m").read_bytes()[:-9])
    with pytest.raises(tamis.DataError):
        tamis.load(tmp_path / "m", copy=True)
    with pytest.raises(tamis.FailureError):
        model.save(tmp_path / "nowhere" / "m")
    with pytest.raises(tamis.UsageError, match="empty"):
        model.save("")


def test_views_keep_what_they_show(train: tamis.Log) -> None:
    model = tamis.BPR(factors=5, epochs=1).fit(train)
    view, kept = model.user_factors, model.user_factors.copy()
    assert view.shape == (train.n_users, 5) and not view.flags.writeable and not view.flags.owndata
    items = tamis.Log(np.ones((3, 4))).items
    del model
    gc.collect()
    tamis.BPR(factors=5, epochs=1, seed=2).fit(train)
    assert (view == kept).all() and items.tolist() == [0, 1, 2, 3] * 3
    with pytest.raises(ValueError):
        view[0] = 0
    assert not hasattr(tamis.POP().fit(train), "user_factors")


def test_callback(train: tamis.Log) -> None:
    seen: list[int] = []
    model = tamis.BPR(factors=4, epochs=9).fit(train, callback=lambda epoch: seen.append(epoch.epoch) or epoch.epoch == 3)
    assert seen == [1, 2, 3] == [epoch.epoch for epoch in model.history_]
    assert model.report_["epochs"] == 3 and model.report_["interrupted"]
    assert not same(model, tamis.BPR(factors=4, epochs=9).fit(train))

    def fails(epoch: tamis.Epoch) -> None:
        raise LookupError("mine")

    with pytest.raises(LookupError, match="mine"):
        tamis.BPR(epochs=3).fit(train, callback=fails)


def test_ctrl_c_keeps_the_model(train: tamis.Log) -> None:
    def press(epoch: tamis.Epoch) -> None:
        if epoch.epoch == 2:
            os.kill(os.getpid(), signal.SIGINT)

    with pytest.warns(UserWarning, match="Ctrl-C.*epoch 2"):
        model = tamis.BPR(factors=4, epochs=50).fit(train, callback=press)
    assert model.report_["epochs"] == 2 and model.recommend(n=1).items.shape == (train.n_users, 1)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    with pytest.raises(KeyboardInterrupt):
        os.kill(os.getpid(), signal.SIGINT)


def test_ctrl_c_before_anything_is_there(train: tamis.Log, monkeypatch: pytest.MonkeyPatch) -> None:
    import tamis._progress

    monkeypatch.setattr(tamis._progress.Interrupt, "stop", lambda self, after=1: tamis._progress.hook("tamis_stop", stopped(self)))

    def stopped(interrupt: Any) -> Any:
        interrupt.count = 2
        return lambda: 1

    with pytest.raises(KeyboardInterrupt):
        tamis.EXPOMF(factors=16, epochs=50).fit(np.random.default_rng(1).random((900, 900)) < 0.2)


def test_another_handler_of_signals_is_left_alone(train: tamis.Log) -> None:
    caught: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, _: caught.append(number))
    try:
        model = tamis.BPR(epochs=4).fit(train, callback=lambda epoch: os.kill(os.getpid(), signal.SIGINT))
    finally:
        signal.signal(signal.SIGINT, before)
    assert len(caught) == 4 and model.report_["epochs"] == 4


def test_models_train_in_threads(train: tamis.Log) -> None:
    """Both are in their epochs at a time: each waits for the other in its callback."""
    together = threading.Barrier(2)
    found: dict[int, Any] = {}

    def work(seed: int) -> None:
        try:
            found[seed] = tamis.BPR(factors=8, epochs=5, seed=seed).fit(train, callback=lambda epoch: together.wait() < 0)
        except BaseException:
            together.abort()  # or the other would wait for ever
            raise

    threads = [threading.Thread(target=work, args=[seed]) for seed in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for seed in (1, 2):
        assert same(found[seed], tamis.BPR(factors=8, epochs=5, seed=seed).fit(train))


def test_in_a_child_of_fork(train: tamis.Log, model: Any) -> None:
    """As multiprocessing makes them: the same bits, on one thread."""
    import multiprocessing

    with multiprocessing.get_context("fork").Pool(1) as pool:
        other = pool.apply(tamis.BPR(factors=8, epochs=5).fit, (train.to_csr(),))
    assert same(other, model.clone().fit(train.to_csr()))


def test_progress(train: tamis.Log, monkeypatch: pytest.MonkeyPatch) -> None:
    for there in (True, False):
        told = io.StringIO()
        monkeypatch.setattr(sys, "stderr", told)
        if not there:
            monkeypatch.setitem(sys.modules, "tqdm", None)
        tamis.BPR(epochs=3).fit(train, show_progress=True)
        assert "3/3" in told.getvalue() and "loss" in told.getvalue()
        told.truncate(0)
        tamis.BPR(epochs=3).fit(train)
        assert not told.getvalue().strip("\0")


def test_recommend_as_asked(model: Any) -> None:
    one = model.recommend(model.user_ids[3], 4)
    several = model.recommend(model.user_ids[[3, 5]], 4)
    assert one.items.shape == (4,) and several.items.shape == (2, 4)
    assert one.items.tolist() == several.items[0].tolist()
    items, scores = one
    assert (np.diff(scores) <= 0).all()
    group = ["a" if k % 2 else None for k in range(len(model.item_ids))]
    limited = model.recommend(model.user_ids[3], 30, limits=[(group, 2)]).items
    kinds = [group[list(model.item_ids).index(item)] for item in limited]
    assert kinds.count("a") == 2
    missing = np.array([group[k] or float("nan") for k in range(len(group))], object)  # as pandas has it
    assert model.recommend(model.user_ids[3], 30, limits=[(missing, 2)]).items.tolist() == limited.tolist()


@pytest.mark.parametrize("call, sentence", [
    (lambda m: m.recommend("nobody"), 'user "nobody" is not known'),
    (lambda m: m.recommend([None]), "not known"),
    (lambda m: m.recommend([[0]]), "not known|dimensions"),
    (lambda m: m.recommend(n=0), "n: 0"),
    (lambda m: m.recommend(n=-3), "n: -3"),
    (lambda m: m.recommend(n=2.5), "n: 2.5"),
    (lambda m: m.recommend(n=True), "n: True"),
    (lambda m: m.recommend(candidates=[]), "none of the candidates"),
    (lambda m: m.recommend(m.user_ids[:3], exclude=[["a"]]), "1 lists for 3 users"),
    (lambda m: m.recommend(limits=[(["a"], 2)]), "1 groups"),
    (lambda m: m.recommend(limits=[([None] * len(m.item_ids), 0)]), ""),
    (lambda m: m.similar_items("nothing"), 'item "nothing" is not known'),
    (lambda m: m.similar_items(m.item_ids[0], 0), "n: 0"),
    (lambda m: m.recommend(history="tea"), "is one id"),
    (lambda m: m.recommend(history=5), "5 is one id"),
    (lambda m: m.recommend(exclude=5), "5 is one id"),
    (lambda m: m.recommend(history={m.item_ids[0]: 0}), "weight"),
    (lambda m: m.recommend(history={m.item_ids[0]: float("nan")}), "weight"),
    (lambda m: m.recommend(["a"], history=[["x"], ["y"]]), "2 histories, 1 users"),
    (lambda m: m.score(m.user_ids[:2], m.item_ids[:3]), "2 users and 3 items"),
    (lambda m: m.similar_users("nobody"), 'user "nobody" is not known'),
    (lambda m: m.evaluate([[1, 2], [3, 4]], []), "empty"),
    (lambda m: m.evaluate(np.ones((3, 3)), ["fame@3"]), "fame"),
    (lambda m: m.evaluate(np.ones((3, 3)), ["ndcg@0"]), "cutoffs"),
    (lambda m: m.evaluate(np.ones((3, 3)), ["ndcg@3"], cutoffs=[4]), "not in both"),
    (lambda m: m.evaluate(np.ones((3, 3)), folds=4), 'no option "folds"'),
    (lambda m: m.fit(np.ones((3, 3)), [1, 2]), "weights"),
    (lambda m: m.fit(np.ones((3, 3)), "rating"), "weights are no numbers"),
])  # fmt: skip
def test_wrong_calls(model: Any, call: Any, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        call(model)


def test_divergence() -> None:
    with pytest.raises(tamis.DivergedError, match="epoch"), warnings.catch_warnings():
        tamis.MF(learning_rate=1e30, epochs=5).fit(np.eye(20))


def test_evaluation(model: Any, train: tamis.Log, test_log: tamis.Log) -> None:
    found = model.evaluate(test_log, ["recall@5", "auc", "ndcg@20"], bootstrap=50)
    assert list(found) == ["recall@5", "auc", "ndcg@20"]
    low, high = found.interval("auc")
    assert low < found["auc"] < high
    per_user = found.per_user("recall@5")
    assert np.nanmean(per_user) == pytest.approx(found["recall@5"]) and len(found.users) == len(per_user)
    assert found.to_frame().loc["auc", "mean"] == found["auc"] and "low" in found.to_frame()
    assert found.to_user_frame().shape == (len(per_user), 3)
    assert model.evaluate(test_log, "hit", cutoffs=[3, 4]).keys() == {"hit@3", "hit@4"}
    for mask in ([test_log], test_log):
        with pytest.warns(tamis.DataWarning, match="masked.*right test log"):
            masked = model.evaluate(test_log, ["recall@5"], mask=mask)
        assert masked["recall@5"] == 0 and masked.counts["masked_rows"] == found.counts["rows"]
    with pytest.warns(tamis.DataWarning, match="of unknown users"):
        assert model.evaluate((["nobody"], model.item_ids[:1]), ["recall@5"])["recall@5"] == 0
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert model.evaluate((["nobody"], model.item_ids[:1]), ["auc"], unknown_users="popular")["auc"] >= 0


def test_compare(model: Any, train: tamis.Log, test_log: tamis.Log) -> None:
    import scipy.stats

    other = tamis.POP().fit(train)
    frame = tamis.compare([other, model], test_log, ["ndcg@10", "recall@10"], names=["popular", "learnt"])
    assert frame["model"].tolist() == ["learnt"] * 2 and frame["baseline"].tolist() == ["popular"] * 2
    for _, row in frame.iterrows():
        a, b = (one.evaluate(test_log, row["metric"]).per_user(row["metric"]) for one in (model, other))
        assert row["difference"] == pytest.approx((a - b).mean())
        assert row["t_p"] == pytest.approx(scipy.stats.ttest_rel(a, b).pvalue, rel=1e-6)
        assert (row["wins"], row["losses"]) == ((a > b).sum(), (a < b).sum())
    p = sorted(frame["t_p"])
    assert sorted(frame["p_holm"]) == pytest.approx([min(2 * p[0], 1), max(min(2 * p[0], 1), p[1])])
    with pytest.raises(tamis.UsageError, match="two models"):
        tamis.compare([model], test_log)
