"""A training by what it is, not by a row's name: where another starts from, what stands beside it, what tables share.

    from: {config: cot/mle-lstm}                            # a shared configuration, `params:` for what differs
    from: {method: mle-lstm, params: {epochs: 120}}         # the method itself; it may start from another in its turn
    from: {weights: transfo-xl-wt103}                       # released weights: an entry with address and SHA-256

It is trained on the row's own data set unless it says `data:`, sees of it what the row's own training sees unless it
says `task:` or `protocol:`, and has no further data sets but those under its own `also:`. What a profile or a group
says of its method (`methods:`) reaches it as it reaches rows; their `params:`, which are about rows, do not.
"""

from __future__ import annotations

from pydantic import Field, model_validator

from repro.spec.base import Data, Params, Precision, Profile, Protocol, Strict, scale_of


class Recipe(Strict):
    """What trains: parameters, those that hold on one data set alone, and where it starts from."""

    params: Params = Field(default_factory=dict)
    params_for: dict[str, Params] = Field(default_factory=dict)
    start: Start | None = Field(default=None, alias="from")


class Start(Recipe):
    """A training, or released weights."""

    config: str | None = None
    method: str | None = None
    weights: str | None = None
    data: Data | None = None
    also: dict[str, Data] = Field(default_factory=dict)
    task: str | None = None
    protocol: Protocol = Field(default_factory=dict)
    precision: Precision | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Start:
        ways = [name for name in ("config", "method", "weights") if getattr(self, name) is not None]
        if len(ways) != 1:
            said = " and ".join(ways) if ways else "none of them"
            raise ValueError(f"a training is exactly one of config, method or weights; this one has {said}")
        if self.weights is not None and self.model_fields_set != {"weights"}:
            raise ValueError("released weights are what they are: nothing stands beside `weights:`")
        return self


class SharedConfiguration(Recipe):
    """An entry of `tables/<family>/configurations.yaml`: a method with parameters that several rows or tables use.

    `smoke`, `laptop` and `paper` are how a profile departs from it, so that all tables share its trainings at every
    scale.
    """

    method: str
    smoke: Params = Field(default_factory=dict)
    laptop: Params = Field(default_factory=dict)
    paper: Params = Field(default_factory=dict)
    note: str | None = None

    def at(self, profile: Profile) -> Params:
        """How a profile departs from it."""
        return dict(getattr(self, scale_of(profile)))


Recipe.model_rebuild()
