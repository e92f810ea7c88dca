"""Models: trained, asked for recommendations, evaluated, saved."""

from __future__ import annotations

import ctypes
import os
import tempfile
from typing import Any, Callable, Optional, Sequence, TypeVar

import numpy as np

from . import _history, _recommend, _train
from ._ids import Ids, is_single, read_from
from ._library import Handle, call, lib, made, notes, path_bytes, types
from ._memory import Array, view
from ._options import Option, Options, method_tables, takes
from ._progress import Epoch, stoppable
from ._recommend import Recommendations
from .errors import UsageError
from .evaluation import Evaluation, Metrics, evaluate
from .log import Path, as_log

_Self = TypeVar("_Self", bound="Model")


class Model:
    """What all methods have in common: tamis.BPR(factors=32).fit(log), and the like.

    A fitted model also has history_, an Epoch for each that was trained, and report_, a dict of epochs, kept_epoch,
    validation, seconds, samples, stopped_early and interrupted, as in tamis_train_report of tamis.h.
    """

    #: The method's name on the command line.
    method: str = ""
    #: What its options are, by their names.
    options: dict[str, Option] = {}

    def __init__(self, **options: Any) -> None:
        self._given: dict[str, Any] = {}
        self._fitted: Optional[Handle] = None
        self._users: Optional[Ids] = None
        self._items: Optional[Ids] = None
        self.history_: list[Epoch] = []
        self.report_: dict[str, Any] = {}
        self.set_params(**options)

    # ------------------------------------------------------------ options

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Every option with its value."""
        return {name: self._given.get(name, option.default) for name, option in self.options.items()}

    def set_params(self: _Self, **options: Any) -> _Self:
        """Sets options; a model that is fitted stays as it is until it is fitted again."""
        given = {**self._given, **options}
        self._struct(given)
        self._given = given
        return self

    def clone(self: _Self) -> _Self:
        """A model with the same options that is not fitted."""
        return type(self)(**self._given)

    def _struct(self, given: dict[str, Any]) -> Options:
        return Options("train", method_tables(self.method), self.method.encode()).set(given)

    @property
    def _threads(self) -> int:
        return int(self._given.get("threads") or 0)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in self._given.items())})"

    # ----------------------------------------------------------- training

    def fit(self: _Self, data: Any, weights: Any = None, validation: Any = None,
            callback: _train.Callback = None, *, show_progress: Optional[bool] = None) -> _Self:  # fmt: skip
        """Trains on a log.

        Parameters
        ----------
        data : Log, or what Log takes
            A matrix of users by items, a DataFrame, (users, items), a file's name.
        weights : True, str or array, optional
            How much each interaction counts, as in Log.
        validation : Log, or what Log takes, optional
            Matched by id. With it the model is that of the epoch that is best by validation_metric.
        callback : callable, optional
            Called with an Epoch after each; what is true stops the training, and the model is kept.
        show_progress : bool, optional
            None: in notebooks and on terminals.

        Returns
        -------
        The model itself. Ctrl-C ends training after the epoch, and the model is kept; a second one ends it at once.
        """
        log = as_log(data, weights)
        held_out = None if validation is None else as_log(validation)
        trained = _train.fit(self._struct(self._given), log, held_out, callback, show_progress)
        return self._now(trained, log._users, log._items)

    def partial_fit(self: _Self, data: Any, weights: Any = None, validation: Any = None,
                    callback: _train.Callback = None, *, freeze: str = "none",
                    show_progress: Optional[bool] = None) -> _Self:  # fmt: skip
        """Trains on with a log of new rows: on what the model was trained on and these together, from where it stands.

        Parameters
        ----------
        data, weights, validation, callback, show_progress
            As in fit(). Users and items are matched by id; new ones may be among them.
        freeze : {"none", "users", "items"}
            The factors of one side stay as they are.

        Returns
        -------
        The model itself, trained for its epochs once more (set_params(epochs=...) changes how many); fit() if it was not fitted.
        """
        if self._fitted is None:
            return self.fit(data, weights, validation, callback, show_progress=show_progress)
        side, log = _train.side(freeze), as_log(data, weights)
        held_out = None if validation is None else as_log(validation)
        options = self._struct(self._given)

        def begin() -> Handle:
            return made("trainer", "trainer_from_model", self._fitted, log, held_out, options, side)

        return self._now(_train.go_on(begin, options, callback, show_progress), self._users, self._items)

    def _now(self: _Self, trained: _train.Trained, users: Optional[Ids], items: Optional[Ids]) -> _Self:
        model, self.history_, self.report_ = trained
        self._take(model, users, items)
        return self

    def _take(self, handle: Handle, users: Optional[Ids] = None, items: Optional[Ids] = None) -> None:
        self._fitted = handle
        n_users, n_items = int(lib.model_users(handle)), int(lib.model_items(handle))
        self._users = users if users and users.count == n_users else read_from(handle, lib.model_user_id, n_users)
        self._items = items if items and items.count == n_items else read_from(handle, lib.model_item_id, n_items)

    @property
    def _model(self) -> Handle:
        if self._fitted is None:
            raise UsageError(f"this {type(self).__name__} is not fitted yet; call fit() first")
        return self._fitted

    def _ids(self, which: str) -> Ids:
        self._model
        ids: Ids = getattr(self, which)
        return ids

    def mask(self: _Self, data: Any) -> _Self:
        """Counts a log's interactions as seen, too: they are then neither recommended nor ranked."""
        call("model_mask", self._model, as_log(data))
        return self

    # ------------------------------------------------------ recommendation

    def recommend(self, users: Any = None, n: int = 10, *, exclude: Any = None, candidates: Any = None,
                  filter_seen: bool = True, history: Any = None, limits: Sequence[tuple[Any, int]] = ()) -> Recommendations:  # fmt: skip
        """The n best items for each user.

        Parameters
        ----------
        users : id, or list of ids, optional
            None: all users, in the order of user_ids.
        n : int
        exclude : list of ids, optional
            Items not to be recommended; or one such list for each user of the call (also as a sparse matrix of rows).
        candidates : list of ids, optional
            Only these are recommended, such as what is in stock.
        filter_seen : bool
            Leave out what the user had in the log that was trained on.
        history : list of item ids, or {id: weight}, optional
            What a user has who was not in training, or of whom there is news: folded into the model for this call. Of several
            users a list of these, or a sparse matrix with a row for each; then users are only what they are called.
        limits : list of (groups, most), optional
            At most so many items of a group, such as a brand: groups has a name for each of item_ids, or None or
            NaN: such items are not limited.

        Returns
        -------
        Recommendations
            (items, scores), each of shape (n,) for one user, (len(users), n) for several. Users who have no interactions
            get the most popular items, with the numbers of their interactions for scores. Its origins say so: "model", "history" or
            "popularity", for each user.
        """
        def request(count: int, without: Any) -> _recommend.Request:
            asked = _recommend.Request(self._ids("_items"), count, self._threads)
            asked.options.struct.mask_training = int(filter_seen)
            if candidates is not None:
                asked.only(candidates)
            if without is not None:
                asked.without(without)
            if limits:
                asked.at_most(limits)
            return asked

        ids, n = self._ids("_users"), _recommend.number(n)
        if history is not None:
            single = not _history.is_several(history)
            found, origin = self._fold_each(_history.listed(history), users, exclude, lambda without: request(1, without), n)
        else:
            single = users is not None and is_single(users)
            rows = np.arange(ids.count) if users is None else ids.known([users] if single else users, "user")
            found, origin = request(len(rows), exclude).run(self._model, np.ascontiguousarray(rows, np.int64), n)
        return _recommend.taken(found[0] if single else found, self._ids("_items"), origin[0] if single else origin)

    def _fold_each(self, histories: list[Any], users: Any, exclude: Any, request: Callable[[Any], _recommend.Request],
                   n: int) -> tuple[Array, Array]:  # fmt: skip
        names = [None] * len(histories) if users is None else [users] if is_single(users) else list(users)
        without = _history.listed(exclude) if exclude is not None and _history.is_several(exclude) else [exclude] * len(histories)
        if len(names) != len(histories) or len(without) != len(histories):
            raise UsageError(f"{len(histories)} histories, {len(names)} users and {len(without)} lists to exclude; expected as many")
        found, origin = _recommend.hits((len(histories), n)), np.zeros(len(histories), np.uint8)
        for place, (items, name) in enumerate(zip(histories, names)):
            user = _history.folded(self._model, self._ids("_items"), items, name)
            found[place], origin[place] = (one[0] for one in request(without[place]).run(user, np.zeros(1, np.int64), n))
        return found, _recommend.of_history(origin)

    def fold_in(self: _Self, data: Any) -> _Self:
        """A model that also knows the users of a log, matched by id: new ones, and news of others. Items stay as they are.

        Parameters
        ----------
        data : Log, or what Log takes

        Returns
        -------
        Another model of the same class; this one stays as it is.
        """
        log, options, out = as_log(data), Options("fold", []), ctypes.c_void_p()
        options.struct.threads = self._threads
        report = types["tamis_fold_report"]()
        stoppable(options.struct, "model_fold_in_log", self._model, log, options, ctypes.byref(out), ctypes.byref(report))
        other = self.clone()
        other._take(Handle("model", out.value), items=self._items)
        other.report_ = {name: getattr(report, name) for name, _ in report._fields_ if name != "reserved"}
        return other

    def fold_in_item(self, users: Any, item: Any = None) -> tuple[Any, float]:
        """What a new item would be in the model, the users held.

        Parameters
        ----------
        users : list of ids, or {id: weight}
            Who has it. Users that the model does not know are left out.
        item : id, optional
            Its own; methods that sample draw by it.

        Returns
        -------
        (factors, bias) : numpy.ndarray of float32, float
            Its score for user u is user_factors[u] @ factors + bias. The model stays as it is; partial_fit() takes new items into it.
        """
        return _history.folded_item(self._model, self._ids("_users"), users, item)

    def score(self, users: Any, items: Any) -> Any:
        """The scores of pairs: users[k] with items[k]; one user goes with all items, one item with all users.

        Parameters
        ----------
        users, items : id, or list of ids

        Returns
        -------
        numpy.ndarray of float32, or float for one of each
            NaN where an id is unknown, or the user has no interactions.
        """
        rows = [self._ids(side).rows([asked] if is_single(asked) else asked) for side, asked in (("_users", users), ("_items", items))]
        try:
            pairs = [np.ascontiguousarray(one, np.int64) for one in np.broadcast_arrays(*rows)]
        except ValueError:
            raise UsageError(f"{len(rows[0])} users and {len(rows[1])} items; expected as many of both, or one") from None
        scores = np.empty(len(pairs[0]), np.float32)
        call("score", self._model, pairs[0].ctypes.data, pairs[1].ctypes.data, len(scores), self._threads, scores.ctypes.data)
        return float(scores[0]) if is_single(users) and is_single(items) else scores

    def similar_items(self, items: Any, n: int = 10) -> Recommendations:
        """The n items most like each of items, themselves left out: by the cosine of their factors, of ITEMKNN and EASE by
        the row of their matrix.

        Parameters
        ----------
        items : id, or list of ids
        n : int

        Returns
        -------
        Recommendations
            (items, scores), of shape (n,) for one item, (len(items), n) for several.
        """
        return self._similar(items, n, "item")

    def similar_users(self, users: Any, n: int = 10) -> Recommendations:
        """The n users most like each of users, by the cosine of their factors: (users, scores) as in similar_items."""
        return self._similar(users, n, "user")

    def _similar(self, asked: Any, n: int, what: str) -> Recommendations:
        ids = self._ids(f"_{what}s")
        rows = np.ascontiguousarray(ids.known([asked] if is_single(asked) else asked, what), np.int64)
        options = Options("similar", [])
        options.struct.of_users, options.struct.threads = int(what == "user"), self._threads
        found = _recommend.hits((len(rows), _recommend.number(n)))
        stoppable(options.struct, "similar_rows", self._model, rows.ctypes.data, len(rows), n, options, found.ctypes.data)
        return _recommend.taken(found[0] if is_single(asked) else found, ids)

    # ---------------------------------------------------------- evaluation

    @takes("evaluate", "evaluate", "interval")
    def evaluate(self, test: Any, metrics: Metrics = None, *, mask: Sequence[Any] = (), **options: Any) -> Evaluation:
        """Ranks all items for each user of a test log, training items left out, and measures where the test items stand.

        Parameters
        ----------
        test : Log, or what Log takes
            Matched by id; unknown items are misses.
        metrics : list of str, optional
            Such as ["ndcg@20", "auc"]; tamis.metrics() lists them. None: the usual ones at 5, 10 and 20.
        mask : log, or list of logs
            Left out of the ranking too, such as the validation part.
        {options}

        Returns
        -------
        Evaluation
            A dict of means by the metrics' names; to_frame() makes a DataFrame.
        """
        if self._threads:
            options.setdefault("threads", self._threads)
        return evaluate(self._model, test, metrics, mask, options)

    # ------------------------------------------------------ what it is made of

    @property
    def user_ids(self) -> Array:
        return self._ids("_users").values

    @property
    def item_ids(self) -> Array:
        return self._ids("_items").values

    @property
    def user_factors(self) -> Array:
        """float32, (users, factors), in the order of user_ids; a view into the model, not to be written to."""
        return self._matrix("user")

    @property
    def item_factors(self) -> Array:
        """float32, (items, factors), in the order of item_ids; a view into the model, not to be written to."""
        return self._matrix("item")

    @property
    def item_bias(self) -> Optional[Array]:
        """float32, (items,): what is added to each item's scores; None: nothing is."""
        address = lib.model_item_bias(self._model)
        return None if address is None else view(address, (self._ids("_items").count,), np.float32, self._model)

    def _matrix(self, side: str) -> Array:
        stride = ctypes.c_size_t()
        address = getattr(lib, f"model_{side}_factors")(self._model, ctypes.byref(stride))
        if address is None:
            raise AttributeError(f"a model of {self.method} has no factors")
        shape = self._ids(f"_{side}s").count, int(lib.model_factors(self._model))
        return view(address, shape, np.float32, self._model, (stride.value * 4, 4))

    @property
    def notes(self) -> dict[str, str]:
        """How it was made: version, the options by their names, epochs, data."""
        return notes(self._model)

    # --------------------------------------------------------------- files

    def save(self, path: Path) -> None:
        """Writes the model file, which load() and the command line read."""
        call("model_save", self._model, path_bytes(path))

    def export(self, directory: Path) -> None:
        """Writes factors as .npy and ids as text into a directory."""
        call("model_export", self._model, path_bytes(directory))

    def __getstate__(self) -> dict[str, Any]:
        state: dict[str, Any] = {**self.__dict__, "_fitted": None, "_users": None, "_items": None}
        if self._fitted is not None:
            with tempfile.TemporaryDirectory() as place:
                name = os.path.join(place, "model")
                self.save(name)
                with open(name, "rb") as file:
                    state["_fitted"] = file.read()
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state, _fitted=None)
        if state["_fitted"] is not None:
            with tempfile.TemporaryDirectory() as place:
                name = os.path.join(place, "model")
                with open(name, "wb") as file:
                    file.write(state["_fitted"])
                self._take(made("model", "model_load_copy", path_bytes(name)))
