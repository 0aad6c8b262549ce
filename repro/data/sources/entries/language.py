"""Corpora for language modelling."""

from __future__ import annotations

from repro.data.sources.entry import Download, Entry, File

_PTB = "Marcus et al. (1993), Building a Large Annotated Corpus of English; Mikolov et al. (2010), RNN based LM"
_PTB_LICENCE = "text of LDC99T42 (LDC licence); the preprocessed files are publicly redistributed, no licence stated"
_PTB_FILES = (
    File(
        "ptb.train.txt", "train", "fcea919f6cf83f35d4d00c6cbf08040d13d4155226340912e2fef9c9c4102cbf", 5_101_618,
        also=("train.txt", "simple-examples/data/ptb.train.txt"),
    ),
    File(
        "ptb.valid.txt", "valid", "c9fe6985fe0d4ccb578183407d7668fc6066c20700cb4cf87d8ff1cc34df1bf2", 399_782,
        also=("valid.txt", "simple-examples/data/ptb.valid.txt"),
    ),
    File(
        "ptb.test.txt", "test", "dd65dff31e70846b2a6030a87482edcd5d199130cdcfa1f3dccbb033728deee0", 449_945,
        also=("test.txt", "simple-examples/data/ptb.test.txt"),
    ),
)  # fmt: skip
_PTB_HOME = "http://www.fit.vutbr.cz/~imikolov/rnnlm/"
_PTB_DOWNLOAD = Download(
    url="http://www.fit.vutbr.cz/~imikolov/rnnlm/simple-examples.tgz",
    file="simple-examples.tgz",
    members=tuple(
        (f"simple-examples/data/ptb.{split}.txt", f"ptb.{split}.txt") for split in ("train", "valid", "test")
    ),
)
_WIKITEXT = "Merity et al. (2017), Pointer Sentinel Mixture Models"
_WIKITEXT_HOME = "https://www.salesforce.com/blog/the-wikitext-long-term-dependency-language-modeling-dataset/"
_WIKITEXT_VALID = File(
    "wiki.valid.tokens", "valid", "f0737ed31fc1329026e95cb8b98e19c2a182c39c240ab909dc31abf2f8af58e8", 1_121_681
)
_WIKITEXT_TEST = File(
    "wiki.test.tokens", "test", "d790b833ef8cf03a90db7bf1271b7520b83c45ce07ba3c1a9699df81e239eca0", 1_256_449
)

PTB = Entry(
    name="ptb",
    title="Penn Treebank, words (Mikolov's preprocessing)",
    paper=_PTB,
    licence=_PTB_LICENCE,
    home=_PTB_HOME,
    unit="tokens",
    splits={"train": 929_589, "valid": 73_760, "test": 82_430},
    files=_PTB_FILES,
    downloads=(_PTB_DOWNLOAD,),
    folders=("penn", "penntreebank", "simple-examples/data"),
    loader="repro.data.kinds.language:ptb",
    smoke="toy-language",
    note="10,000 types with <unk>, N and one <eos> a line",
)
PTB_CHARACTERS = Entry(
    name="ptb-characters",
    title="Penn Treebank, characters",
    paper=_PTB,
    licence=_PTB_LICENCE,
    home=_PTB_HOME,
    unit="characters",
    splits={"train": 5_017_482, "valid": 393_042, "test": 442_423},
    files=_PTB_FILES,
    downloads=(_PTB_DOWNLOAD,),
    folders=("ptb", "penn", "penntreebank", "simple-examples/data"),
    shares="ptb",
    loader="repro.data.kinds.language:ptb_characters",
    smoke="toy-language",
    note="made from the word files: lines stripped, a blank is _, a line ends in <eos>",
)
WIKITEXT_2 = Entry(
    name="wikitext-2",
    title="WikiText-2, words",
    paper=_WIKITEXT,
    licence="CC BY-SA 3.0",
    home=_WIKITEXT_HOME,
    unit="tokens",
    splits={"train": 2_088_628, "valid": 217_646, "test": 245_569},
    files=(
        File(
            "wiki.train.tokens", "train", "9e9fa1ad55b1c2c95b08e37dd8e653f638fac2c6de904b79e813611eefbc985f", 10_797_148
        ),
        _WIKITEXT_VALID,
        _WIKITEXT_TEST,
    ),
    downloads=(
        Download(
            url="https://s3.amazonaws.com/research.metamind.io/wikitext/wikitext-2-v1.zip",
            file="wikitext-2-v1.zip",
            members=tuple(
                (f"wikitext-2/wiki.{split}.tokens", f"wiki.{split}.tokens") for split in ("train", "valid", "test")
            ),
        ),
    ),
    folders=("wikitext2",),
    loader="repro.data.kinds.language:wikitext_2",
    smoke="toy-language",
    note="33,278 types with <unk> and <eos>, case kept; an empty line is one <eos>",
)

WIKITEXT_103 = Entry(
    name="wikitext-103",
    title="WikiText-103, words",
    paper=_WIKITEXT,
    licence="CC BY-SA 3.0",
    home=_WIKITEXT_HOME,
    unit="tokens",
    splits={"train": 103_227_021, "valid": 217_646, "test": 245_569},
    files=(File("wiki.train.tokens", "train"), _WIKITEXT_VALID, _WIKITEXT_TEST),
    downloads=(
        Download(
            url="https://s3.amazonaws.com/research.metamind.io/wikitext/wikitext-103-v1.zip",
            file="wikitext-103-v1.zip",
            members=tuple(
                (f"wikitext-103/wiki.{split}.tokens", f"wiki.{split}.tokens") for split in ("train", "valid", "test")
            ),
        ),
    ),
    folders=("wikitext103",),
    loader="repro.data.kinds.language:wikitext_103",
    smoke="toy-language",
    note="267,735 types with <eos>, which is 0, then by frequency in train, as adaptive softmaxes want them",
)
_HUTTER = "Hutter (2006), The human knowledge compression contest; Mahoney, About the test data"
_HUTTER_SPLITS = {"train": 90_000_000, "valid": 5_000_000, "test": 5_000_000}
_ENWIK8_FILES = (File("enwik8", bytes=100_000_000),)
_ENWIK8_DOWNLOAD = Download("http://mattmahoney.net/dc/enwik8.zip", "enwik8.zip", members=(("enwik8", "enwik8"),))
ENWIK8 = Entry(
    name="enwik8",
    title="enwik8, bytes of Wikipedia",
    paper=_HUTTER,
    licence="CC BY-SA 3.0 and GFDL",
    home="http://mattmahoney.net/dc/textdata.html",
    unit="bytes",
    splits=_HUTTER_SPLITS,
    files=_ENWIK8_FILES,
    downloads=(_ENWIK8_DOWNLOAD,),
    loader="repro.data.kinds.language:enwik8",
    smoke="toy-language",
    note="205 byte values",
)
ENWIK8_WITHOUT_NEWLINES = Entry(
    name="enwik8-without-newlines",
    title="enwik8 as Transformer-XL reads it: line ends are left out",
    paper=f"{_HUTTER}; Dai et al. (2019), Transformer-XL",
    licence="CC BY-SA 3.0 and GFDL",
    home="http://mattmahoney.net/dc/textdata.html",
    unit="bytes",
    splits={"train": None, "valid": None, "test": None},
    files=_ENWIK8_FILES,
    downloads=(_ENWIK8_DOWNLOAD,),
    folders=("enwik8",),
    shares="enwik8",
    loader="repro.data.kinds.language:enwik8_without_newlines",
    smoke="toy-language",
    note="204 byte values; one reader measured about 0.02 bits per character more without them",
)
TEXT8 = Entry(
    name="text8",
    title="text8, letters and blanks of Wikipedia",
    paper=_HUTTER,
    licence="CC BY-SA 3.0 and GFDL",
    home="http://mattmahoney.net/dc/textdata.html",
    unit="characters",
    splits=_HUTTER_SPLITS,
    files=(File("text8", bytes=100_000_000),),
    downloads=(Download("http://mattmahoney.net/dc/text8.zip", "text8.zip", members=(("text8", "text8"),)),),
    loader="repro.data.kinds.language:text8",
    smoke="toy-language",
    note="27 symbols, a blank is _; Transformer-XL strips each split and so has a character or two less",
)
_BILLION = "1-billion-word-language-modeling-benchmark-r13output"
_SHARDS = tuple(f"news.en-{number:05d}-of-00100" for number in range(1, 100))
_HELD_OUT = tuple(
    (f"news.en.heldout-{number:05d}-of-00050", "valid" if number < 20 else "test") for number in (0, 10, 20, 30, 40)
)
ONE_BILLION_WORD = Entry(
    name="one-billion-word",
    title="One Billion Word Benchmark, lower-cased, 100,000 types",
    paper="Chelba et al. (2014), One Billion Word Benchmark for Measuring Progress in Statistical Language Modeling",
    licence="public (WMT News Crawl)",
    home="https://github.com/ciprian-chelba/1-billion-word-language-modeling-benchmark",
    unit="tokens",
    splits={"train": None, "valid": None, "test": None},
    files=(
        *(File(f"training-monolingual.tokenized.shuffled/{name}", "train", also=(name,)) for name in _SHARDS),
        *(File(f"heldout-monolingual.tokenized.shuffled/{name}", split, also=(name,)) for name, split in _HELD_OUT),
    ),
    downloads=(
        Download(
            url=f"http://www.statmt.org/lm-benchmark/{_BILLION}.tar.gz",
            file=f"{_BILLION}.tar.gz",
            members=(
                *(
                    (f"{_BILLION}/training-monolingual.tokenized.shuffled/{name}",
                     f"training-monolingual.tokenized.shuffled/{name}")
                    for name in _SHARDS
                ),
                *(
                    (f"{_BILLION}/heldout-monolingual.tokenized.shuffled/{name}",
                     f"heldout-monolingual.tokenized.shuffled/{name}")
                    for name, _ in _HELD_OUT
                ),
            ),
        ),
    ),
    folders=("1b", "lm1b", _BILLION),
    loader="repro.data.kinds.language:one_billion_word",
    smoke="toy-language",
    note="as for mixtures of softmaxes: valid is held-out shards 0 and 10, test 20, 30 and 40",
)  # fmt: skip

ENTRIES = (
    PTB, PTB_CHARACTERS, WIKITEXT_2, WIKITEXT_103, ENWIK8, ENWIK8_WITHOUT_NEWLINES, TEXT8, ONE_BILLION_WORD,
)  # fmt: skip
