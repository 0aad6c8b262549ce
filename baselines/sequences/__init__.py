"""Generators of sequences of one length: an LSTM by maximum likelihood, by scheduled sampling, and as a policy."""

from repro.metrics.declaration import Metric

METHODS = {
    "cot-exact": "exact_cot:ExactCot",
    "mle-lstm": "likelihood:MleLstm",
    "scheduled-sampling": "likelihood:ScheduledSampling",
    "seqgan": "seqgan:SeqGan",
}
TASKS = {"cooperative-training": "cooperation:CooperativeTraining"}
METRICS = (
    Metric("gradient-cosine", "cooperation:gradient_cosine", unit="", no_files="it compares two gradients of a model"),
)
