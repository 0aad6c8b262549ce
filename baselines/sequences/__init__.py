"""Generators of sequences of one length: an LSTM by maximum likelihood, by scheduled sampling, and as a policy."""

METHODS = {
    "mle-lstm": "likelihood:MleLstm",
    "scheduled-sampling": "likelihood:ScheduledSampling",
    "seqgan": "seqgan:SeqGan",
}
