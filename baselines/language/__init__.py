"""Language models: LSTMs with softmaxes, mixtures of them and mixtures of contexts, and n-grams."""

METHODS = {
    "awd-lstm": "methods:AwdLstm",
    "kneser-ney": "kneser_ney:KneserNey",
    "released-lstm": "released:ReleasedLstm",
    "training-step": "step_time:TrainingStep",
    "zaremba-lstm": "methods:ZarembaLstm",
}
LOADERS = {
    "awd-lstm": "files:read_network",
    "zaremba-lstm": "files:read_network",
}
