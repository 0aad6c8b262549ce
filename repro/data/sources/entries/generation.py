"""Texts that are generated from something: translations, headlines, captions, replies, sentences of one kind."""

from __future__ import annotations

from repro.data.sources.entry import Download, Entry, File

_STANFORD = "https://nlp.stanford.edu/projects/nmt"


def _parallel(pairs: dict[str, str], source: str, target: str, known: dict[str, str]) -> tuple[File, ...]:
    """A file of each language for each split; `pairs` maps split to the files' name without its ending."""
    return tuple(
        File(f"{stem}.{language}", split, known.get(f"{stem}.{language}"))
        for split, stem in pairs.items()
        for language in (source, target)
    )


_EN_VI = {"train": "train", "valid": "tst2012", "test": "tst2013"}
IWSLT_EN_VI = Entry(
    name="iwslt-2015-en-vi",
    title="IWSLT 2015 English-Vietnamese (TED talks), as prepared by the Stanford NMT project",
    paper="Cettolo et al. (2015), The IWSLT 2015 Evaluation Campaign; Luong and Manning (2015)",
    licence="CC BY-NC-ND 4.0 (TED talks)",
    home=f"{_STANFORD}/",
    unit="pairs",
    splits={"train": 133_317, "valid": 1_553, "test": 1_268},
    files=_parallel(
        _EN_VI, "en", "vi",
        {
            "tst2012.en": "b8fbcd0d4199d41276421d1f7228298df67dd9e2c5c134c2ee8cdf3ec27801e2",
            "tst2012.vi": "01004078b3f36b0c46e81b65fc6851230b3c823405c76d1d82ef3b786b512ff0",
            "tst2013.en": "3860ce60bc5b85d96cc2d3d580cf1bc9d62440e939c1b964676d3607c4e8f1df",
            "tst2013.vi": "29af16842808da2812b8fd4d47fc05d082ba870e60ab7755090ad04b380994cd",
        },
    ),
    downloads=tuple(
        Download(f"{_STANFORD}/data/iwslt15.en-vi/{stem}.{language}", f"{stem}.{language}")
        for stem in _EN_VI.values()
        for language in ("en", "vi")
    ),
    folders=("iwslt15_envi", "iwslt15.en-vi", "iwslt15"),
    loader="repro.data.kinds.generation:iwslt_2015_en_vi",
    smoke="toy-translation",
)  # fmt: skip
IWSLT_DE_EN = Entry(
    name="iwslt-2014-de-en",
    title="IWSLT 2014 German-English (TED talks), the customary preparation",
    paper="Cettolo et al. (2014), Report on the 11th IWSLT evaluation campaign; Ranzato et al. (2016)",
    licence="CC BY-NC-ND 4.0 (TED talks)",
    home="https://wit3.fbk.eu",
    unit="pairs",
    splits={"train": None, "valid": None, "test": None},
    files=_parallel({"train": "train", "valid": "valid", "test": "test"}, "de", "en", {}),
    folders=("iwslt14.tokenized.de-en", "iwslt14"),
    loader="repro.data.kinds.generation:iwslt_2014_de_en",
    smoke="toy-translation",
    how="run prepare-iwslt14.sh of fairseq, which gives train, valid and test with the endings .de and .en",
)
_DE_EN = {"train": "train", "valid": "newstest2013", "test": "newstest2015"}
WMT_DE_EN = Entry(
    name="wmt-de-en",
    title="WMT German-English, newstest2013 and newstest2015, as prepared by the Stanford NMT project",
    paper="Bojar et al. (2015), Findings of the 2015 Workshop on Statistical Machine Translation",
    licence="research use (Europarl, Common Crawl, News Commentary)",
    home=f"{_STANFORD}/",
    unit="pairs",
    splits={"train": None, "valid": 3_000, "test": 2_169},
    files=_parallel(_DE_EN, "de", "en", {}),
    downloads=tuple(
        Download(f"{_STANFORD}/data/wmt14.en-de/{stem}.{language}", f"{stem}.{language}")
        for stem in _DE_EN.values()
        for language in ("de", "en")
    ),
    folders=("wmt14.en-de", "wmt16_de_en"),
    loader="repro.data.kinds.generation:wmt_de_en",
    smoke="toy-translation",
)
_MULTI30K = {
    "train": "train", "valid": "val", "test": "test_2016_flickr", "test-2017-flickr": "test_2017_flickr",
    "test-2017-mscoco": "test_2017_mscoco",
}  # fmt: skip
MULTI30K = Entry(
    name="multi30k",
    title="Multi30k German-English image descriptions, raw text",
    paper="Elliott et al. (2016), Multi30K: Multilingual English-German Image Descriptions",
    licence="CC BY-NC-SA 4.0",
    home="https://github.com/multi30k/dataset",
    unit="pairs",
    splits={"train": 29_000, "valid": 1_014, "test": 1_000, "test-2017-flickr": 1_000, "test-2017-mscoco": 461},
    files=_parallel(
        _MULTI30K, "de", "en",
        {
            "train.de": "2c2b73fd2b548fbcde3a875e0a78d6ee94d498bfdee6bd3eae3945779e9ddf72",
            "train.en": "460a15fbd157e34a7a9957ee388c1ca247fe47af3ef25fb50442af6c274e0fc6",
            "val.de": "660e09eb7e1da2f856ea13ee5ad3cf6d36b3d5b0b733c857e94c5747a3dfc660",
            "val.en": "1f2a23d992769b5b3d209b0a10dd0b77c08cceb1f20dfb97ed0aafa49d107227",
        },
    ),
    downloads=tuple(
        Download(
            f"https://raw.githubusercontent.com/multi30k/dataset/master/data/task1/raw/{stem}.{language}.gz",
            f"{stem}.{language}.gz",
        )
        for stem in _MULTI30K.values()
        for language in ("de", "en")
    ),
    loader="repro.data.kinds.generation:multi30k",
    smoke="toy-translation",
    note="no table of the documents uses it; a small complete set for trying out",
)  # fmt: skip

GIGAWORD = Entry(
    name="gigaword",
    title="Annotated Gigaword, first sentences and headlines",
    paper="Rush et al. (2015), A Neural Attention Model for Abstractive Sentence Summarization",
    licence="text of LDC2012T21 (LDC licence)",
    home="https://github.com/harvardnlp/sent-summary",
    unit="pairs",
    splits={"train": 3_803_957, "valid": 189_651, "test": 1_951},
    stand_ins={"train-sample": 10_000, "valid-sample": 1_000},
    files=(
        File("sumdata/train/train.article.txt", "train"),
        File("sumdata/train/train.title.txt", "train"),
        File("sumdata/train/valid.article.txt", "valid"),
        File("sumdata/train/valid.title.txt", "valid"),
        File(
            "sumdata/Giga/input.txt", "test", "578b33eaffe7bf9cab2d84d6f1399fd6f38c1778d194a9877ba66c15232b183c",
            335_302, also=("test.input.txt",),
        ),
        File(
            "sumdata/Giga/task1_ref0.txt", "test", "15561a71977ee7bd5de4f8f405ea4adcc2f41220b2d9f9db7f71c23c27f8b9d7",
            103_766, also=("test.task1_ref0.txt",),
        ),
        File("train.article.txt", "train-sample", "c91ae3c476c9811d4b200ef55bcf3786164c0cc81add0a603c2e6c86e51d6f3f"),
        File("train.title.txt", "train-sample", "e1de76e4b8533caa5480da41d773b794c3bbe320ef2b21b138820de30bf70390"),
        File(
            "valid.article.filter.txt", "valid-sample",
            "cde290c08e23c65a19b21495e7aa1b07fdd92c17871ad07487fba154973ac86b",
        ),
        File(
            "valid.title.filter.txt", "valid-sample",
            "4a6e745976132f4f1a6d882ccffc0a74287f9868f38c20c6381aa01ece5d6bc4",
        ),
    ),
    loader="repro.data.kinds.generation:gigaword",
    smoke="toy-summaries",
    how="get sumdata from the home page and unpack it, so that its files are sumdata/train/... and sumdata/Giga/...",
    note="the samples are the first pairs of a public excerpt",
)  # fmt: skip
DUC_2004 = Entry(
    name="duc-2004",
    title="DUC 2004 task 1, headlines with four references",
    paper="Over et al. (2007), DUC in context",
    licence="agreement with NIST",
    home="https://duc.nist.gov/duc2004/",
    unit="pairs",
    splits={"test": 500},
    files=(
        File("input.txt", "test", also=("DUC2004/input.txt",)),
        *(File(f"task1_ref{k}.txt", "test", also=(f"DUC2004/task1_ref{k}.txt",)) for k in range(4)),
    ),
    folders=("DUC2004", "sumdata/DUC2004"),
    loader="repro.data.kinds.generation:duc_2004",
    smoke="toy-summaries",
    how="sign NIST's agreement; the prepared input.txt and task1_ref0.txt to task1_ref3.txt are part of sumdata",
)

EMNLP_NEWS = Entry(
    name="emnlp-2017-wmt-news",
    title="EMNLP 2017 WMT News sentences (Texygen's selection)",
    paper="Guo et al. (2018), Long Text Generation via Adversarial Training with Leaked Information",
    licence="research use (WMT News Crawl)",
    home="https://github.com/geek-ai/Texygen",
    unit="sentences",
    splits={"train": None, "test": 10_000},
    stand_ins={"train-sample": 10_000},
    files=(
        File("emnlp_news.txt", "train"),
        File("test_emnlp.txt", "test", "03c646d08f766f4140443db4419b1f0ee292bc0db514208873e9f2e166b95bd2", 1_742_757),
        File(
            "news.valid.txt", "train-sample",
            "e66a6fdd1f6cb15cb8f851051e5c49062270e0de1e69213289ce50b88a1d7281", 1_350_298,
        ),
    ),
    folders=("emnlp_news",),
    loader="repro.data.kinds.generation:emnlp_2017_wmt_news",
    smoke="toy-language",
    how="get emnlp_news.txt and test_emnlp.txt from the data folder of Texygen",
    note="train-sample: further sentences of the same source, none of them in test, split at punctuation",
)  # fmt: skip
IMAGE_COCO = Entry(
    name="image-coco",
    title="COCO captions as sentences (Texygen's selection)",
    paper="Zhu et al. (2018), Texygen: A Benchmarking Platform for Text Generation Models",
    licence="CC BY 4.0 (COCO captions)",
    home="https://github.com/geek-ai/Texygen",
    unit="sentences",
    splits={"train": 10_000, "test": 10_000},
    files=(
        File("image_coco.txt", "train", "2c0fd1f0f43aac6a9dc3926a535516ccf395de535e15ac1fd17cd569420736f5", 546_442),
        File("test_coco.txt", "test", "72e25c9fb4d2cd43182ac602c92f6ffc377762147f9709572943b0b09174bcae", 536_184),
    ),
    folders=("image_coco",),
    loader="repro.data.kinds.generation:image_coco",
    smoke="toy-captions",
    how="get image_coco.txt and test_coco.txt from the data folder of Texygen",
)
COCO_CAPTIONS = Entry(
    name="coco-captions",
    title="COCO captions, split of Karpathy and Fei-Fei",
    paper="Chen et al. (2015), Microsoft COCO Captions; Karpathy and Fei-Fei (2015)",
    licence="CC BY 4.0",
    home="https://cs.stanford.edu/people/karpathy/deepimagesent/",
    unit="images",
    splits={"train": 113_287, "valid": 5_000, "test": 5_000},
    files=(File("dataset_coco.json"),),
    downloads=(
        Download(
            url="https://cs.stanford.edu/people/karpathy/deepimagesent/caption_datasets.zip",
            file="caption_datasets.zip",
            members=(("dataset_coco.json", "dataset_coco.json"),),
        ),
    ),
    folders=("caption_datasets", "coco"),
    loader="repro.data.kinds.generation:coco_captions",
    smoke="toy-captions",
    note="train holds the images marked train and restval",
)
_YELP_FILES = {
    "dev.0": ("valid", "405ef6d4bfbc8bb92c3c55b496f315069cb5edb49ed34a07b1206341b83c344b"),
    "dev.1": ("valid", "3509f6573411bbda2d5c071ed72ad276c12356c15c06205b8fdf74b217970c61"),
    "test.0": ("test", "b7466e8859e9948892a859af7938a82c801c99b69f884014082fd072a155bbf2"),
    "test.1": ("test", "a66e0ec3f0e1230ad4d2c822750a381cf6d99a99fa9b5ae79546f21ff79ed5c3"),
}
YELP = Entry(
    name="yelp",
    title="Yelp sentences by sentiment, not parallel",
    paper="Shen et al. (2017), Style Transfer from Non-Parallel Text by Cross-Alignment",
    licence="Yelp dataset terms",
    home="https://github.com/shentianxiao/language-style-transfer",
    unit="sentences",
    splits={"train": None, "valid": 63_483, "test": 126_670},
    files=(
        File("sentiment.train.0", "train"),
        File("sentiment.train.1", "train"),
        *(File(f"sentiment.{part}", split, sha256) for part, (split, sha256) in _YELP_FILES.items()),
    ),
    downloads=tuple(
        Download(
            f"https://raw.githubusercontent.com/shentianxiao/language-style-transfer/master/data/yelp/sentiment.{part}",
            f"sentiment.{part}",
        )
        for part in ("train.0", "train.1", *_YELP_FILES)
    ),
    folders=("yelp_style",),
    loader="repro.data.kinds.generation:yelp",
    smoke="toy-language",
    note="0 is negative, 1 positive",
)
SWITCHBOARD = Entry(
    name="switchboard",
    title="Switchboard dialogues with acts (packaging of Zhao et al.)",
    paper="Godfrey and Holliman (1997), Switchboard-1 Release 2; Zhao et al. (2017)",
    licence="text of LDC97S62 (LDC licence)",
    home="https://github.com/snakeztc/NeuralDialog-CVAE",
    unit="dialogues",
    splits={"train": 2_316, "valid": 60, "test": 62},
    stand_ins={"train-substitute": 1_062},
    files=(
        File("train.jsonl", "train", also=("zhao2017.train.jsonl",)),
        File(
            "valid.jsonl", "valid", "8b4c482ebae50dd22358135502fe46015f278aa1640df004dcffbddd71b05bd3", 656_458,
            also=("zhao2017.valid.jsonl",),
        ),
        File(
            "test.jsonl", "test", "455529e3c7d6fc7924f3fc1c6a284510689d9542633b50fc55099519cf189e16", 709_923,
            also=("zhao2017.test.jsonl",),
        ),
        File(
            "swda_durand.train.jsonl", "train-substitute",
            "82a341d3aafaed47de39ec0ec75d36eb5b0e6bbe57aeabe364a8d090a959c3db", 10_328_129,
        ),
        File(
            "overlap_zhao2017.csv", "train-substitute",
            "dc3a66754fc62324297f59f724d126017ded56fa6940a21fa3357e5ae6b008e1", 1_479,
        ),
    ),
    folders=("swda", "json_data"),
    loader="repro.data.kinds.generation:switchboard",
    smoke="toy-language",
    how="get json_data of the home page's repository; the speech transcripts themselves are LDC97S62",
    note="train-substitute: annotated Switchboard without the dialogues that are in valid or test",
)  # fmt: skip

ENTRIES = (
    IWSLT_EN_VI, IWSLT_DE_EN, WMT_DE_EN, MULTI30K, GIGAWORD, DUC_2004, EMNLP_NEWS, IMAGE_COCO, COCO_CAPTIONS, YELP,
    SWITCHBOARD,
)  # fmt: skip
