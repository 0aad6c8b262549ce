"""Names that specs may use before there is an implementation: the field's own terms, one sorted tuple a registry.

Rows that do not run (`planned`, `quoted`) may stand in tables with such names; a `method` row needs the real thing.
Whoever implements a name removes it here.
"""

from __future__ import annotations

TASKS = (
    "density-estimation",
    "dialogue",
    "document-ranking",
    "image-captioning",
    "image-classification",
    "image-generation",
    "language-understanding",
    "linear-probe",
    "machine-translation",
    "natural-language-inference",
    "question-answering",
    "reading-comprehension",
    "representation",
    "semi-supervised",
    "sentence-generation",
    "seq2seq",
    "sequence-generation",
    "style-transfer",
    "summarization",
    "text-classification",
    "transfer",
)
METRICS = (
    "adversarial-objective",
    "balanced-nll",
    "bound-gap",
    "code-norm",
    "code-variance",
    "correlation",
    "gradient-cosine",
    "gradient-log-variance-reduction",
    "gradient-norm-ratio",
    "gradient-variance",
    "human-naturalness",
    "human-similarity",
    "human-transfer",
    "hyper-parameter",
    "identity-error",
    "mass-off-support",
    "match-rate",
    "neighbour-cosine",
    "objective-excess",
    "objective-spread",
    "on-manifold-share",
    "order-effect",
    "precision",
    "principal-angle",
    "pull-away",
    "reconstruction-error",
    "relative-effective-context-length",
    "sample-count",
    "share",
    "slowdown",
    "speed-up",
    "stated-number",
    "task-score",
    "transfer-rate",
    "translation-shift",
    "translation-slope",
)
DATASETS = (
    "clueweb09-b",
    "lsun",
    "reuters-rcv2",
)
FIGURES = ("training-curves",)
