"""Users whom the model was not trained with."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import scipy.sparse
import tamis
from conftest import draw

METHODS = ["IALS", "BPR", "WARP", "SOFTMAX", "EASE", "ITEMKNN"]


@pytest.fixture(scope="module", params=range(12))
def case(request: pytest.FixtureRequest) -> tuple[Any, np.ndarray[Any, Any], np.random.Generator]:
    random = np.random.default_rng(100 + request.param)
    matrix = draw(random)
    method = METHODS[request.param % len(METHODS)]
    options = {} if method in ("EASE", "ITEMKNN") else {"factors": 6, "epochs": 4}
    return getattr(tamis, method)(**options).fit(matrix), matrix, random


def test_in_every_form(case: Any) -> None:
    model, matrix, random = case
    new = (random.random((4, matrix.shape[1])) < 0.3).astype(np.float32)
    new[np.arange(4), random.integers(0, matrix.shape[1], 4)] = 1
    lists = [np.flatnonzero(row).tolist() for row in new]
    together = model.recommend(history=scipy.sparse.csr_matrix(new), n=3)
    for form in (lists, [set(items) for items in lists], [dict.fromkeys(items, 1) for items in lists], [np.array(items) for items in lists]):
        again = model.recommend(history=form, n=3)
        assert again.items.tolist() == together.items.tolist()
    for row, items in enumerate(lists):
        one = model.recommend(history=items, n=3)
        assert one.items.tolist() == together.items[row].tolist()
        assert not set(one.items.tolist()) & set(items)
        unseen = model.recommend(history=[*items, "unheard of"], n=3)
        assert unseen.items.tolist() == one.items.tolist()
        allowed = model.recommend(history=items, n=matrix.shape[1], filter_seen=False, exclude=[0])
        assert set(allowed.items.tolist()) - {-1} == set(range(1, matrix.shape[1]))


def test_a_log_of_new_users(case: Any) -> None:
    """The same scores as one by one, under the name that they have; the model's own users stay."""
    model, matrix, random = case
    history = {name: random.permutation(matrix.shape[1])[:3].tolist() for name in ("new-a", "new-b")}
    pairs = [(name, item) for name, items in history.items() for item in items]
    wider = model.fold_in(([name for name, _ in pairs], [item for _, item in pairs]))
    assert len(wider.user_ids) == matrix.shape[0] + 2 and len(model.user_ids) == matrix.shape[0]
    assert wider.report_["new_users"] == 2
    for name, items in history.items():
        expected, found = model.recommend(name, 2, history=items), wider.recommend(name, 2)
        assert found.items.tolist() == expected.items.tolist()
        np.testing.assert_allclose(found.scores, expected.scores, rtol=1e-5)
    for user in range(matrix.shape[0]):
        assert wider.recommend(str(user), 2).items.tolist() == model.recommend(user, 2).items.tolist()


def test_where_lists_are_from() -> None:
    """Users of the model, users folded in, and those of whom nothing is known, who get the most popular items."""
    dense = np.random.default_rng(7).random((12, 9)) < 0.4
    dense[3] = False
    matrix = scipy.sparse.csr_matrix(dense.astype(np.float32))
    model = tamis.IALS(factors=4, epochs=3).fit(matrix)
    clicks = np.asarray(matrix.sum(axis=0)).ravel()
    popular = sorted(range(matrix.shape[1]), key=lambda item: (-clicks[item], item))[:3]
    several = model.recommend([0, 3, 5], 3)
    assert several.origins.tolist() == ["model", "popularity", "model"]
    assert several.items[1].tolist() == popular and several.scores[1].tolist() == clicks[popular].tolist()
    assert model.recommend(0, 3).origins == "model" and model.recommend(3, 3).origins == "popularity"
    assert isinstance(model.recommend(0, 3).origins, str)
    assert model.recommend(n=1).origins.tolist() == ["popularity" if user == 3 else "model" for user in range(matrix.shape[0])]
    folded = model.recommend(history=[[0, 2], ["unheard of"], []], n=3)
    assert folded.origins.tolist() == ["history", "popularity", "popularity"]
    assert folded.items[1].tolist() == popular
    assert model.recommend(history=[0, 2], n=3).origins == "history"
    assert model.recommend(3, 3, history=[1]).origins == "history"
    items, scores = several
    assert items is several.items and scores is several.scores and len(several) == 2
    assert model.similar_items(0, 2).origins is None


def test_scores_are_of_one_row_of_factors() -> None:
    matrix = draw(np.random.default_rng(5))
    model = tamis.IALS(factors=4, epochs=3).fit(matrix)
    scores = np.empty(matrix.shape[1])
    found = model.recommend(history=[0, 2], n=matrix.shape[1], filter_seen=False)
    scores[found.items] = found.scores
    factors = model.item_factors.astype(np.float64)
    row = np.linalg.lstsq(factors, scores, rcond=None)[0]
    np.testing.assert_allclose(factors @ row, scores, atol=1e-4)


# ---------------------------------------------------------------- partial_fit


@pytest.mark.parametrize("method", ["BPR", "IALS", "SOFTMAX"])
def test_partial_fit(method: str) -> None:
    """It goes on from the model's rows; what stays frozen stays to the bit; new users and items come behind."""
    matrix = draw(np.random.default_rng(9))
    users, items = matrix.shape
    model = getattr(tamis, method)(factors=4, epochs=3).fit(matrix)
    before = model.item_factors.copy()
    wider = np.zeros((users + 2, items + 1))
    wider[users:, :3] = wider[0, items] = 1
    model.set_params(epochs=2)
    assert model.partial_fit(wider, freeze="items") is model
    assert model.report_["epochs"] == 2 == len(model.history_)
    assert model.item_ids.tolist()[:items] == list(range(items)) and len(model.user_ids) == users + 2
    assert (model.item_factors[:items] == before).all()
    trained = model.item_factors.copy()
    model.partial_fit(wider)
    assert (model.item_factors != trained).any()
    seen = set(np.flatnonzero(matrix[0]).tolist()) | {items}
    assert not seen & set(model.recommend(0, 3).items.tolist())


def test_partial_fit_of_nothing_is_fit(train: tamis.Log) -> None:
    one, other = tamis.BPR(epochs=2).partial_fit(train), tamis.BPR(epochs=2).fit(train)
    assert (one.user_factors == other.user_factors).all()


def test_partial_fit_refuses(train: tamis.Log) -> None:
    model = tamis.BPR(factors=4, epochs=2).fit(train)
    with pytest.raises(tamis.UsageError, match="none, users, items"):
        model.partial_fit(train, freeze="all")
    before = model.user_factors.copy()
    with pytest.raises(tamis.UsageError, match="factors"):
        model.set_params(factors=5).partial_fit(train)
    assert (model.user_factors == before).all()
    stopped = model.set_params(factors=4).partial_fit(train, callback=lambda epoch: True)
    assert stopped.report_["epochs"] == 1


def test_a_new_item() -> None:
    """ials: the ridge system of its users, written out; ids that are unknown are left out, and what has no factors is refused."""
    matrix = draw(np.random.default_rng(6))
    model = tamis.IALS(factors=4, epochs=3, regularization=0.2, regularization_exponent=0, unobserved_weight=0.1).fit(matrix)
    weights = {0: 1.0, 2: 3.0}
    factors, bias = model.fold_in_item({**weights, "unheard of": 1.0}, "new")
    users = model.user_factors.astype(np.float64)
    rows = [[int(name) for name in model.user_ids].index(user) for user in weights]
    system = 0.1 * users.T @ users + 0.2 * np.eye(4) + sum(w * np.outer(users[r], users[r]) for r, w in zip(rows, weights.values()))
    expected = np.linalg.solve(system, sum(w * users[r] for r, w in zip(rows, weights.values())))
    np.testing.assert_allclose(factors, expected, rtol=1e-4, atol=1e-6)
    assert bias == 0 and factors.shape == (4,)
    again = tamis.BPR(factors=4, epochs=3).fit(matrix)
    row, bias = again.fold_in_item([0, 1], "new")
    assert row.shape == (4,) and np.isfinite(row).all() and np.isfinite(bias) and row.any()
    with pytest.raises(tamis.UsageError, match="no factors"):
        tamis.EASE().fit(matrix).fold_in_item([0])
