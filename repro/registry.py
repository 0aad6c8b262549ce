"""The names a spec may use, each with the `module:attribute` it stands for; nothing is imported before it is needed."""

from __future__ import annotations

from difflib import get_close_matches
from functools import cached_property
from importlib import import_module
from importlib.metadata import entry_points
from typing import Any


def did_you_mean(name: str, known: list[str]) -> str:
    """The tail of an error about an unknown name: the closest known one, or nothing."""
    close = get_close_matches(name, known, n=1, cutoff=0.5)
    return f"; did you mean {close[0]!r}?" if close else ""


class Registry:
    """One table of names of a kind; third-party packages add theirs by the entry-point group given."""

    def __init__(self, kind: str, entries: dict[str, str], group: str | None = None) -> None:
        self.kind = kind
        self._own = entries
        self._group = group

    @cached_property
    def entries(self) -> dict[str, str]:
        """Name to `module:attribute`. The project's own names win over an entry point of the same name."""
        found = {point.name: point.value for point in entry_points(group=self._group)} if self._group else {}
        return {**found, **self._own}

    def is_own(self, name: str) -> bool:
        """Whether a name is the project's own, not an entry point's."""
        return name in self._own

    def check(self, name: str) -> str:
        """The name itself, or a ValueError that suggests the closest known one."""
        known = self.entries
        if name in known:
            return name
        raise ValueError(
            f"unknown {self.kind} {name!r}{did_you_mean(name, list(known))} (known: {', '.join(sorted(known))})"
        )

    def address(self, name: str) -> tuple[str, str]:
        """Module and attribute that a name stands for, without importing either."""
        module, _, attribute = self.entries[self.check(name)].partition(":")
        return module, attribute

    def load(self, name: str) -> Any:
        """The registered object; its module is imported here and only here."""
        module, attribute = self.address(name)
        return getattr(import_module(module), attribute)


METHODS = Registry(
    "method",
    {
        "awd-lstm": "baselines.language.methods:AwdLstm",
        "data": "baselines.cegan.methods:DataDistribution",
        "egan": "baselines.cegan.methods:EnergyGan",
        "gan-2d": "baselines.cegan.methods:BinaryGan",
        "kneser-ney": "baselines.language.kneser_ney:KneserNey",
        "training-step": "baselines.language.step_time:TrainingStep",
        "zaremba-lstm": "baselines.language.methods:ZarembaLstm",
    },
    group="repro.methods",
)
TASKS = Registry(
    "task",
    {
        "density-2d": "repro.tasks.density_2d:Density2D",
        "language-modeling": "repro.tasks.language_modeling:LanguageModeling",
        "next-token-prediction": "repro.tasks.next_token:NextTokenPrediction",
        "training-time": "repro.tasks.training_time:TrainingTime",
    },
)
LOADERS = Registry(
    "loader",
    {
        "density-2d": "repro.compare.density_2d:Density2DFiles",
        "language-modeling": "repro.compare.language_modeling:LanguageModelingFiles",
    },
)
METRICS = Registry(
    "metric",
    {
        "accuracy": "repro.metrics.prediction.classification:accuracy",
        "bits-per-character": "repro.metrics.language.likelihood:bits_per_character",
        "bits-per-dimension": "repro.metrics.language.likelihood:bits_per_dimension",
        "bleu-1": "repro.metrics.text.bleu:corpus_bleu",
        "bleu-2": "repro.metrics.text.bleu:corpus_bleu",
        "bleu-3": "repro.metrics.text.bleu:corpus_bleu",
        "bleu-4": "repro.metrics.text.bleu:corpus_bleu",
        "bleu-5": "repro.metrics.text.bleu:corpus_bleu",
        "cider": "repro.metrics.text.cider:cider_score",
        "cider-d": "repro.metrics.text.cider:cider_d",
        "classification-f1": "repro.metrics.prediction.classification:classification_f1",
        "distinct-1": "repro.metrics.text.distinct:distinct_n",
        "distinct-2": "repro.metrics.text.distinct:distinct_n",
        "divergence-limit-error": "repro.metrics.density.divergence:divergence_limit_error",
        "ebgan-score": "repro.metrics.images.inception:ebgan_score",
        "err-20": "repro.metrics.prediction.ranking:err",
        "error-count": "repro.metrics.prediction.classification:error_count",
        "error-over-runs": "repro.metrics.prediction.classification:error_over_runs",
        "error-rate": "repro.metrics.prediction.classification:error_rate",
        "exact-match": "repro.metrics.prediction.squad:exact_match",
        "expected-pairwise-kl": "repro.metrics.language.pairwise_kl:PairwiseKl",
        "f1": "repro.metrics.prediction.squad:f1",
        "frechet-distance": "repro.metrics.images.frechet:frechet_distance",
        "frechet-inception-distance": "repro.metrics.images.sets:frechet_distance_of_images",
        "histogram-kl": "repro.metrics.density.histogram:histogram_kl",
        "inception-score": "repro.metrics.images.inception:inception_score",
        "inception-score-in-order": "repro.metrics.images.inception:inception_score_in_order",
        "jensen-shannon-divergence": "repro.metrics.density.divergence:jensen_shannon",
        "kl-divergence": "repro.metrics.density.divergence:kl_divergence",
        "linear-probe-error": "repro.metrics.prediction.linear_probe:linear_probe_error",
        "log-partition": "repro.metrics.density.rbm:exact_log_partition",
        "log-partition-ais": "repro.metrics.density.rbm:ais_log_partition",
        "loss-gain": "repro.tasks.next_token:largest_gains",
        "matthews": "repro.metrics.prediction.classification:matthews",
        "meteor": "repro.metrics.text.meteor:meteor_score",
        "ndcg-20": "repro.metrics.prediction.ranking:ndcg",
        "negative-log-likelihood": "repro.metrics.language.likelihood:negative_log_likelihood",
        "nll-oracle": "repro.metrics.language.likelihood:nll_oracle",
        "nll-test": "repro.metrics.language.likelihood:nll_test",
        "parameters": "repro.tasks.reading:parameter_count",
        "pearson": "repro.metrics.prediction.correlation:pearson",
        "pearson-spearman": "repro.metrics.prediction.correlation:pearson_spearman",
        "perplexity": "repro.metrics.language.likelihood:perplexity",
        "position": "repro.tasks.next_token:largest_gains",
        "predicted-token": "repro.tasks.next_token:most_likely",
        "probability": "repro.tasks.next_token:most_likely",
        "rank": "repro.metrics.language.spectrum:StreamedMatrix",
        "rank-excess": "repro.tasks.reading:rank_excess",
        "reverse-perplexity": "repro.metrics.language.reverse:reverse_perplexity",
        "rouge-1": "repro.metrics.text.rouge:rouge_n",
        "rouge-2": "repro.metrics.text.rouge:rouge_n",
        "rouge-l": "repro.metrics.text.rouge:rouge_l",
        "rouge-lsum": "repro.metrics.text.rouge:rouge_lsum",
        "self-bleu": "repro.metrics.text.bleu_sets:self_bleu",
        "singular-value-quantile": "repro.metrics.language.spectrum:singular_value_quantile",
        "softmax-probe-error": "repro.metrics.prediction.linear_probe:softmax_probe_error",
        "spearman": "repro.metrics.prediction.correlation:spearman",
        "temperature": "repro.metrics.density.histogram:temperature",
        "tempered-kl": "repro.metrics.density.histogram:tempered_kl",
        "text-token": "repro.tasks.next_token:Step",
        "training-time": "repro.tasks.training_time:slowdown",
        "training-time-spread": "repro.tasks.training_time:slowdown_spread",
        "word-mover-distance": "repro.metrics.text.word_mover:word_mover_distance",
    },
)
DATASETS = Registry(
    "data set",
    {
        "ag-news": "repro.data.kinds.classification:ag_news",
        "amazon-2": "repro.data.kinds.classification:amazon_2",
        "amazon-5": "repro.data.kinds.classification:amazon_5",
        "biased-gaussians": "repro.data.kinds.mixtures:biased_gaussians",
        "categorical-pairs": "repro.data.kinds.exact:categorical_pairs",
        "celeba": "repro.data.kinds.image_sets:celeba",
        "cifar-10": "repro.data.kinds.image_sets:cifar_10",
        "cifar-100": "repro.data.kinds.image_sets:cifar_100",
        "coco-captions": "repro.data.kinds.generation:coco_captions",
        "cola": "repro.data.kinds.classification:cola",
        "cot-oracle": "repro.data.kinds.oracle:cot_oracle",
        "dbpedia": "repro.data.kinds.classification:dbpedia",
        "digits": "repro.data.kinds.images:digits",
        "duc-2004": "repro.data.kinds.generation:duc_2004",
        "emnlp-2017-wmt-news": "repro.data.kinds.generation:emnlp_2017_wmt_news",
        "enwik8": "repro.data.kinds.language:enwik8",
        "enwik8-without-newlines": "repro.data.kinds.language:enwik8_without_newlines",
        "four-gaussians": "repro.data.kinds.mixtures:four_gaussians",
        "four-spins": "repro.data.kinds.planar:four_spins",
        "gaussian-latent": "repro.data.kinds.exact:gaussian_latent",
        "gigaword": "repro.data.kinds.generation:gigaword",
        "glue": "repro.data.kinds.glue:glue",
        "image-coco": "repro.data.kinds.generation:image_coco",
        "imagenet-32": "repro.data.kinds.image_sets:imagenet_32",
        "imagenet-64": "repro.data.kinds.image_sets:imagenet_64",
        "imdb": "repro.data.kinds.classification:imdb",
        "iwslt-2014-de-en": "repro.data.kinds.generation:iwslt_2014_de_en",
        "iwslt-2015-en-vi": "repro.data.kinds.generation:iwslt_2015_en_vi",
        "length-two-joints": "repro.data.kinds.exact:length_two_joints",
        "mnist": "repro.data.kinds.image_sets:mnist",
        "mnist-binary": "repro.data.kinds.image_sets:mnist_binary",
        "mnli": "repro.data.kinds.classification:mnli",
        "mrpc": "repro.data.kinds.classification:mrpc",
        "multi30k": "repro.data.kinds.generation:multi30k",
        "nist-digit-1": "repro.data.kinds.image_sets:nist_digit_1",
        "olivetti-faces": "repro.data.kinds.image_sets:olivetti_faces",
        "one-billion-word": "repro.data.kinds.language:one_billion_word",
        "ptb": "repro.data.kinds.language:ptb",
        "ptb-characters": "repro.data.kinds.language:ptb_characters",
        "qnli": "repro.data.kinds.classification:qnli",
        "qqp": "repro.data.kinds.classification:qqp",
        "race": "repro.data.kinds.questions:race",
        "rte": "repro.data.kinds.classification:rte",
        "snli": "repro.data.kinds.classification:snli",
        "squad-1.1": "repro.data.kinds.questions:squad_1_1",
        "squad-2.0": "repro.data.kinds.questions:squad_2_0",
        "sst-2": "repro.data.kinds.classification:sst_2",
        "stl-10": "repro.data.kinds.image_sets:stl_10",
        "sts-b": "repro.data.kinds.classification:sts_b",
        "svhn": "repro.data.kinds.image_sets:svhn",
        "switchboard": "repro.data.kinds.generation:switchboard",
        "text8": "repro.data.kinds.language:text8",
        "toy-captions": "repro.data.toys.scenes:toy_captions",
        "toy-language": "repro.data.toys.language:toy_language",
        "toy-nli": "repro.data.toys.scenes:toy_nli",
        "toy-summaries": "repro.data.toys.corpora:toy_summaries",
        "toy-translation": "repro.data.toys.corpora:toy_translation",
        "two-circles": "repro.data.kinds.planar:two_circles",
        "two-spirals": "repro.data.kinds.mixtures:two_spirals",
        "wikitext-103": "repro.data.kinds.language:wikitext_103",
        "wikitext-2": "repro.data.kinds.language:wikitext_2",
        "wmt-de-en": "repro.data.kinds.generation:wmt_de_en",
        "wnli": "repro.data.kinds.classification:wnli",
        "yahoo": "repro.data.kinds.classification:yahoo",
        "yelp": "repro.data.kinds.generation:yelp",
        "yelp-2": "repro.data.kinds.classification:yelp_2",
        "yelp-5": "repro.data.kinds.classification:yelp_5",
    },
)
FIGURES = Registry(
    "figure",
    {
        "cumulative-shares": "repro.report.cumulative_shares:cumulative_shares",
        "energy-and-samples": "repro.report.energy_and_samples:energy_and_samples",
    },
)
TRACKERS = Registry(
    "tracker",
    {
        "mlflow": "repro.track.mlflow:MlflowTracker",
        "tensorboard": "repro.track.tensorboard:TensorBoardTracker",
        "wandb": "repro.track.wandb:WandbTracker",
    },
)
