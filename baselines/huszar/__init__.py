"""How (not) to train a generative model: objectives of two symbols and of categories, exactly, by sums over all."""

from repro.metrics.declaration import Metric

METHODS = {
    "generalised-js": "generalised_js:GeneralisedJs",
    "length-two-objective": "minimisers:LengthTwoObjective",
}
TASKS = {
    "divergence-interpolation": "interpolation:DivergenceInterpolation",
    "objective-propriety": "propriety:ObjectivePropriety",
}
METRICS = (
    Metric("objective-excess", "propriety:objective_excess", unit="nats",
           no_files="it compares two values of a method's objective"),
    Metric("objective-value", "propriety:objective_value", unit="nats",
           no_files="it is the value of a method's objective"),
)  # fmt: skip
