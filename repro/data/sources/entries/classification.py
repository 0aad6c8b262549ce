"""Texts and pairs of texts with classes: GLUE, natural language inference, topics and sentiment."""

from __future__ import annotations

from dataclasses import replace

from repro.data.sources.entry import Download, Entry, File, Hub

_ZHANG = "Zhang et al. (2015), Character-level Convolutional Networks for Text Classification"
_ZHANG_HOME = "https://github.com/zhangxiangxiao/Crepe"
_GLUE = "Wang et al. (2019), GLUE: A Multi-Task Benchmark and Analysis Platform"
_GLUE_HOME = "https://gluebenchmark.com"
_GLUE_FILES = "https://dl.fbaipublicfiles.com/glue/data"


def _topics(name: str, title: str, folder: str, train: int, test: int, licence: str) -> Entry:
    """One of the eight sets of Zhang et al.: `train.csv` and `test.csv`, each row a class and one to three fields."""
    return Entry(
        name=name,
        title=title,
        paper=_ZHANG,
        licence=licence,
        home=_ZHANG_HOME,
        unit="texts",
        splits={"train": train, "test": test},
        files=(File("train.csv", "train"), File("test.csv", "test")),
        downloads=(
            Download(
                url=f"https://s3.amazonaws.com/fast-ai-nlp/{folder}.tgz",
                file=f"{folder}.tgz",
                members=((f"{folder}/train.csv", "train.csv"), (f"{folder}/test.csv", "test.csv")),
            ),
        ),
        folders=(folder, name.replace("-", "_")),
        loader=f"repro.data.kinds.classification:{name.replace('-', '_')}",
        smoke="toy-language",
    )


AG_NEWS = replace(
    _topics("ag-news", "AG News", "ag_news_csv", 120_000, 7_600, "non-commercial research"),
    stand_ins={"train-sample": 5_000},
    files=(
        File("train.csv", "train"),
        File("test.csv", "test"),
        File(
            "train_5k.csv", "train-sample",
            "23ff4a798bef4c6f1bab4018f491757b87e124901515e4e208461e022a163401", 1_207_718,
        ),
    ),
    note="train-sample: 5,000 training texts of unknown selection, three of them also in test",
)  # fmt: skip
TOPICS = (
    AG_NEWS,
    _topics("amazon-2", "Amazon reviews, polarity", "amazon_review_polarity_csv", 3_600_000, 400_000, "research use"),
    _topics("amazon-5", "Amazon reviews, stars", "amazon_review_full_csv", 3_000_000, 650_000, "research use"),
    _topics("dbpedia", "DBpedia ontology", "dbpedia_csv", 560_000, 70_000, "CC BY-SA 3.0 and GFDL"),
    _topics("yahoo", "Yahoo! Answers topics", "yahoo_answers_csv", 1_400_000, 60_000, "research use (Webscope)"),
    _topics("yelp-2", "Yelp reviews, polarity", "yelp_review_polarity_csv", 560_000, 38_000, "Yelp dataset terms"),
    _topics("yelp-5", "Yelp reviews, stars", "yelp_review_full_csv", 650_000, 50_000, "Yelp dataset terms"),
)

IMDB = Entry(
    name="imdb",
    title="Large Movie Review Dataset, labelled part",
    paper="Maas et al. (2011), Learning Word Vectors for Sentiment Analysis",
    licence="research use",
    home="https://ai.stanford.edu/~amaas/data/sentiment/",
    unit="texts",
    splits={"train": 25_000, "test": 25_000},
    files=tuple(
        File(
            f"imdb.{split}.jsonl", split, sha256, size,
            otherwise=(File("aclImdb_v1.tar"), File(f"hub/{split}.jsonl")),
        )
        for split, sha256, size in (
            ("train", "ead2ddb3f276dc031c966caeb452968726f911e9355df50e72bd2b0f9014b2be", 34_810_970),
            ("test", "3da8a03a17f15e9b429da917a86727273eb9f68977ff74ed04854969a97c11d2", 34_004_568),
        )
    ),
    downloads=(Download("https://ai.stanford.edu/~amaas/data/sentiment/aclImdb_v1.tar.gz", "aclImdb_v1.tar.gz"),),
    hub=Hub("stanfordnlp/imdb", splits=(("train", "hub/train.jsonl"), ("test", "hub/test.jsonl"))),
    folders=("aclImdb",),
    loader="repro.data.kinds.classification:imdb",
    smoke="toy-language",
)  # fmt: skip

SNLI = Entry(
    name="snli",
    title="Stanford Natural Language Inference, pairs with a gold label",
    paper="Bowman et al. (2015), A large annotated corpus for learning natural language inference",
    licence="CC BY-SA 4.0",
    home="https://nlp.stanford.edu/projects/snli/",
    unit="pairs",
    splits={"train": 549_367, "valid": 9_842, "test": 9_824},
    files=tuple(
        File(
            f"snli_1.0_{part}.jsonl", split,
            otherwise=(File(f"snli_1.0_{part}.tsv", sha256=sha256), File(f"hub/{hub}.jsonl")),
        )
        for part, split, hub, sha256 in (
            ("train", "train", "train", None),
            ("dev", "valid", "validation", "d2e88a821b30da70bea06ec046127fe42c2efeb27c3f0c471bbbeda957a2b30d"),
            ("test", "test", "test", "c31dc66d7643b92807e68dce3a71e738a50f2eef3d2170791717de1a26fb065d"),
        )
    ),
    downloads=(
        Download(
            url="https://nlp.stanford.edu/projects/snli/snli_1.0.zip",
            file="snli_1.0.zip",
            members=tuple(
                (f"snli_1.0/snli_1.0_{part}.jsonl", f"snli_1.0_{part}.jsonl") for part in ("train", "dev", "test")
            ),
        ),
    ),
    hub=Hub(
        "stanfordnlp/snli",
        splits=tuple((split, f"hub/{split}.jsonl") for split in ("train", "validation", "test")),
    ),
    folders=("snli_1.0",),
    loader="repro.data.kinds.classification:snli",
    smoke="toy-nli",
    note="pairs on which the annotators did not agree (gold label -) are left out",
)  # fmt: skip


def _glue(name: str, title: str, folder: str, config: str, splits: dict[str, tuple[str, int]], paper: str) -> Entry:
    """A task of GLUE in its own folder. `splits` gives, for each split, the file's name and its number of rows.

    The files may also lie in one folder, each with the task's name before its own, or come from the hub.
    """
    names = {split: file for split, (file, _) in splits.items()}
    hub_names = {"train": "train", "valid": "validation", "valid-mismatched": "validation_mismatched"}
    if name == "mnli":
        hub_names["valid"] = "validation_matched"
    return Entry(
        name=name,
        title=f"{title} (GLUE)",
        paper=f"{paper}; {_GLUE}",
        licence="research use, see GLUE",
        home=_GLUE_HOME,
        unit="rows",
        splits={split: count for split, (_, count) in splits.items()},
        files=tuple(
            File(
                file, split,
                otherwise=(File(f"{folder}.{file}"), File(f"hub/{hub_names[split]}.jsonl")),
            )
            for split, file in names.items()
        ),
        downloads=()
        if name == "mrpc"
        else (
            Download(
                url=f"{_GLUE_FILES}/{ {'QNLI': 'QNLIv2', 'QQP': 'QQP-clean'}.get(folder, folder) }.zip",
                file=f"{folder}.zip",
                members=tuple((f"{folder}/{file}", file) for file in names.values()),
            ),
        ),
        hub=Hub(
            "nyu-mll/glue", config, tuple((hub_names[split], f"hub/{hub_names[split]}.jsonl") for split in names)
        ),
        folders=(f"glue/{folder}", folder, "glue", f"glue_data/{folder}"),
        loader=f"repro.data.kinds.classification:{name.replace('-', '_')}",
        smoke="toy-nli",
        note="the test labels are kept by the benchmark's server",
    )  # fmt: skip


def _usual(train: int, valid: int) -> dict[str, tuple[str, int]]:
    return {"train": ("train.tsv", train), "valid": ("dev.tsv", valid)}


GLUE_TASKS = (
    _glue(
        "mnli", "Multi-Genre Natural Language Inference", "MNLI", "mnli",
        {"train": ("train.tsv", 392_702), "valid": ("dev_matched.tsv", 9_815),
         "valid-mismatched": ("dev_mismatched.tsv", 9_832)},
        "Williams et al. (2018), A Broad-Coverage Challenge Corpus for Sentence Understanding through Inference",
    ),
    _glue("mrpc", "Microsoft Research Paraphrase Corpus", "MRPC", "mrpc", _usual(3_668, 408),
          "Dolan and Brockett (2005), Automatically Constructing a Corpus of Sentential Paraphrases"),
    _glue("qnli", "Question-answering NLI", "QNLI", "qnli", _usual(104_743, 5_463), "Rajpurkar et al. (2016), SQuAD"),
    _glue("qqp", "Quora Question Pairs", "QQP", "qqp", _usual(363_846, 40_430), "Quora (2017)"),
    _glue("rte", "Recognizing Textual Entailment", "RTE", "rte", _usual(2_490, 277),
          "Dagan et al. (2005) and its successors, RTE 1, 2, 3 and 5"),
    _glue("sst-2", "Stanford Sentiment Treebank, two classes", "SST-2", "sst2", _usual(67_349, 872),
          "Socher et al. (2013), Recursive Deep Models for Semantic Compositionality"),
    _glue("wnli", "Winograd NLI", "WNLI", "wnli", _usual(635, 71),
          "Levesque et al. (2012), The Winograd Schema Challenge"),
)  # fmt: skip

COLA = Entry(
    name="cola",
    title="Corpus of Linguistic Acceptability (GLUE)",
    paper=f"Warstadt et al. (2018), Neural Network Acceptability Judgments; {_GLUE}",
    licence="excerpts of publications, fair use",
    home="https://nyu-mll.github.io/CoLA/",
    unit="rows",
    splits={"train": 8_551, "valid": 1_043},
    files=tuple(
        File(f"{part}.tsv", split, sha256, size, also=(f"CoLA.{part}.tsv", f"raw/{part}.tsv"))
        for part, split, sha256, size in (
            ("in_domain_train", "train", "f320a10f92d3bce6b29152fde322a362eac39238e50d8de0c8815457fdf4fc12", 428_578),
            ("in_domain_dev", "valid", "77176f6a03faa5a1c4f23c69971fc1bff565931112fb65af47b2d6e24b7f42f7", 25_957),
            ("out_of_domain_dev", "valid", "201b9c57b2a20f1282242eec0ed8995729e3be19c29a46c047b3727338836c05", 27_754),
        )
    ),
    downloads=(
        Download(
            url="https://nyu-mll.github.io/CoLA/cola_public_1.1.zip",
            file="cola_public_1.1.zip",
            members=tuple(
                (f"cola_public/raw/{part}.tsv", f"{part}.tsv")
                for part in ("in_domain_train", "in_domain_dev", "out_of_domain_dev")
            ),
        ),
    ),
    folders=("cola_public", "glue", "glue/CoLA", "CoLA"),
    loader="repro.data.kinds.classification:cola",
    smoke="toy-nli",
    note="GLUE's valid is both dev files, in domain first; test labels are kept by the benchmark's server",
)
STS_B = Entry(
    name="sts-b",
    title="Semantic Textual Similarity Benchmark (GLUE)",
    paper=f"Cer et al. (2017), SemEval-2017 Task 1; {_GLUE}",
    licence="CC BY-SA 4.0 and the terms of its sources",
    home="http://ixa2.si.ehu.eus/stswiki/index.php/STSbenchmark",
    unit="pairs",
    splits={"train": 5_749, "valid": 1_500, "test": 1_379},
    files=tuple(
        File(f"sts-{part}.csv", split, sha256, size, also=(f"STS-B.sts-{part}.csv",))
        for part, split, sha256, size in (
            ("train", "train", "0f71910b59aa1ad973c5897f0791f3b0965a92b8f82b1a95f3eea9f4162fda82", 901_177),
            ("dev", "valid", "5d7e944d8b02734b07bfdb5df67db3420c64bed153fcaa1ba47ad03480cf4234", 255_680),
            ("test", "test", "affe45928a66ee5a708531233c95b7dacbbdc57f974f002a3d32ea0180cf816a", 282_419),
        )
    ),
    downloads=(
        Download(
            url="http://ixa2.si.ehu.eus/stswiki/images/4/48/Stsbenchmark.tar.gz",
            file="Stsbenchmark.tar.gz",
            members=tuple((f"stsbenchmark/sts-{part}.csv", f"sts-{part}.csv") for part in ("train", "dev", "test")),
        ),
    ),
    folders=("stsbenchmark", "glue", "glue/STS-B"),
    loader="repro.data.kinds.classification:sts_b",
    smoke="toy-nli",
    note="scores from 0 to 5",
)

_TASKS = tuple(sorted((*GLUE_TASKS, COLA, STS_B), key=lambda task: task.name))


def _of_task(task: Entry, file: File) -> File:
    """A file of a task as one of the whole benchmark: in a folder of the task's name, and needed for the task."""
    forms = tuple(replace(form, path=f"{task.name}/{form.path}", also=(form.path,)) for form in file.otherwise)
    also = (*file.also, *(f"{folder}/{file.path}" for folder in task.folders))
    return replace(file, path=f"{task.name}/{file.path}", split=task.name, also=also, otherwise=forms)


GLUE = Entry(
    name="glue",
    title="GLUE, its nine tasks",
    paper=_GLUE,
    licence="research use, see the tasks",
    home=_GLUE_HOME,
    unit="rows",
    splits={task.name: None for task in _TASKS},
    files=tuple(_of_task(task, file) for task in _TASKS for file in task.files),
    folders=("glue_data", ""),
    shares=".",
    loader="repro.data.kinds.glue:glue",
    smoke="toy-nli",
    how=f"get each of its tasks ({', '.join(task.name for task in _TASKS)}), for example: repro data get rte",
    note="a task stands where another data set has a split",
)

RCV2 = Entry(
    name="reuters-rcv2",
    title="Reuters Corpus, 804,414 newswire stories",
    paper="Lewis et al. (2004), RCV1: A New Benchmark Collection for Text Categorization Research",
    licence="agreement with NIST and Reuters",
    home="https://trec.nist.gov/data/reuters/reuters.html",
    unit="stories",
    splits={"train": 402_207, "test": 402_207},
    files=(File("rcv1.tar"),),
    loader="",
    smoke="toy-language",
    how="sign the agreements of the home page",
    note="no loader yet: the random split and the 2,000 words that were counted are not published",
)

ENTRIES = (*TOPICS, IMDB, SNLI, *_TASKS, GLUE, RCV2)
