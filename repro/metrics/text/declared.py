"""The metrics of texts."""

from __future__ import annotations

from repro.metrics.declaration import File, Metric

_ADAPTERS = "repro.scoring.adapters"
_OVERLAP = (
    File("hypotheses", "sentences", "the generated sentence of each item"),
    File("references", "references", "a reference of each item; a JSON list is several"),
)
_TEXTS = (
    File("hypotheses", "texts", "the generated text of each item"),
    File("references", "reference_texts", "a reference of each item; a JSON list is several"),
)
_CAPTIONS = (
    *_OVERLAP,
    File(
        "idf_corpus",
        "references",
        "the captions of each image that n-grams are weighed by; by default the references",
        optional=True,
    ),
)
_PARAGRAPHS = (
    File("hypotheses", "paragraphs", "the generated text of each item: a JSON list of sentences"),
    File("references", "reference_paragraphs", "the reference text of each item"),
)
_SETS = (
    File("hypotheses", "references", "a generated response to each context; a JSON list is several"),
    File("references", "references", "a reference response to each context; a JSON list is several"),
)
_SAMPLES = (File("sentences", "sentences", "the generated sentences"),)
_AGAINST_ALL = (
    _OVERLAP[0],
    File("references", "sentences", "all reference sentences, which each item is compared with"),
)
_STYLED = (
    File("generated", "sentences", "the transferred sentences"),
    File("wanted", "labels", "the style that each was to have"),
    File("train", "sentences", "real sentences, which the classifier learns from"),
    File("train_labels", "labels", "the style of each real sentence"),
)
_COST = (
    File("cost", "matrix", "the cost (n, m) of moving from each point to each other"),
    File("p", "numbers", "the weight of each row; uniform by default", optional=True),
    File("q", "numbers", "the weight of each column; uniform by default", optional=True),
)
_WORDS = (
    File("samples", "array", "word numbers (N, T) of generated sentences"),
    File("references", "array", "word numbers (M, T) of real sentences"),
    File("embeddings", "matrix", "the vector (V, E) of each word"),
)

METRICS = (
    *(
        Metric(f"bleu-{order}", "bleu:corpus_bleu", better="higher", unit="score", files=_OVERLAP,
               given={"weights": (1 / order,) * order})
        for order in range(1, 6)
    ),
    Metric("bleu-precision-recall", "bleu_sets:bleu_of_sets", better="higher", unit="score", files=_SETS),
    Metric("cider", "cider:cider_score", better="higher", unit="score", files=_CAPTIONS),
    Metric("cider-d", "cider:cider_d", better="higher", unit="score", files=_CAPTIONS),
    Metric("coco-bleu", "bleu_scripts:coco_bleu", better="higher", unit="score", files=_OVERLAP),
    Metric("coco-rouge-l", "rouge_scripts:coco_rouge_l", better="higher", unit="score", files=_OVERLAP),
    Metric("corpus-bleu", "bleu:corpus_bleu", better="higher", unit="score", files=_OVERLAP),
    Metric("distinct-1", "distinct:distinct_n", better="higher", unit="share", files=_SAMPLES, given={"n": 1}),
    Metric("distinct-2", "distinct:distinct_n", better="higher", unit="share", files=_SAMPLES, given={"n": 2}),
    Metric("distinct-by-sentence", "distinct:distinct_n_by_sentence", better="higher", unit="share", files=_SAMPLES),
    Metric("duc-recall", "rouge_scripts:duc_recall", better="higher", unit="score", files=_TEXTS),
    Metric("earth-movers-distance", "transport:earth_movers_distance", better="lower", unit="", scale="log",
           files=_COST),
    Metric("ipot-distance", "transport:ipot_distance", better="lower", unit="", scale="log", files=_COST),
    Metric("meteor", "meteor:meteor_score", better="higher", unit="score", files=_OVERLAP),
    Metric("meteor-1.5", "meteor_jar:meteor_1_5", better="higher", unit="score", files=_TEXTS),
    Metric("multi-bleu", "bleu_scripts:multi_bleu", better="higher", unit="%", files=_OVERLAP),
    Metric("rouge-1", "rouge:rouge_n", better="higher", unit="score", files=_OVERLAP, given={"n": 1}),
    Metric("rouge-2", "rouge:rouge_n", better="higher", unit="score", files=_OVERLAP, given={"n": 2}),
    Metric("rouge-l", "rouge:rouge_l", better="higher", unit="score", files=_OVERLAP),
    Metric("rouge-lsum", "rouge:rouge_lsum", better="higher", unit="score", files=_PARAGRAPHS),
    Metric("sacrebleu", "bleu_scripts:sacrebleu", better="higher", unit="%", files=_TEXTS),
    Metric("self-bleu", "bleu_sets:self_bleu", better="lower", unit="score", files=_SAMPLES),
    Metric("self-bleu-counting-itself", "bleu_sets:self_bleu_counting_itself", better="lower", unit="score",
           files=_SAMPLES),
    Metric("sentence-bleu", "bleu:sentence_bleu", better="higher", unit="score", files=_OVERLAP),
    Metric("tensorflow-nmt-bleu", "bleu_scripts:tensorflow_nmt_bleu", better="higher", unit="%", files=_OVERLAP,
           tokens="blank"),
    Metric("tensorflow-nmt-rouge", "rouge_scripts:tensorflow_nmt_rouge", better="higher", unit="score",
           files=_AGAINST_ALL, tokens="blank"),
    Metric("texygen-bleu", "bleu_sets:texygen_bleu", better="higher", unit="score", files=_AGAINST_ALL),
    Metric("texygen-bleu-fast", "bleu_sets:texygen_bleu_fast", better="higher", unit="score", files=_AGAINST_ALL),
    Metric("transfer-rate", "transfer:transfer_rate", better="higher", unit="share", files=_STYLED),
    Metric("word-mover-distance", "word_mover:word_mover_distance", better="lower", unit="", files=_WORDS,
           from_files=f"{_ADAPTERS}:word_mover_distance"),
)  # fmt: skip
