"""Questions on passages, and documents ranked for queries."""

from __future__ import annotations

from repro.data.sources.entry import Download, Entry, File, Hub

_SQUAD_HOME = "https://rajpurkar.github.io/SQuAD-explorer/"


def _squad(version: str, paper: str, train: int, valid: int, hub: str) -> Entry:
    parts = (("train", "train", "train"), ("dev", "valid", "validation"))
    return Entry(
        name=f"squad-{version}",
        title=f"Stanford Question Answering Dataset {version}",
        paper=paper,
        licence="CC BY-SA 4.0",
        home=_SQUAD_HOME,
        unit="questions",
        splits={"train": train, "valid": valid},
        files=tuple(
            File(f"{part}-v{version}.json", split, otherwise=(File(f"hub/{name}.jsonl"),))
            for part, split, name in parts
        ),
        downloads=tuple(
            Download(f"{_SQUAD_HOME}dataset/{part}-v{version}.json", f"{part}-v{version}.json") for part, _, _ in parts
        ),
        hub=Hub(hub, splits=tuple((name, f"hub/{name}.jsonl") for _, _, name in parts)),
        folders=("squad",),
        loader=f"repro.data.kinds.questions:squad_{version.replace('.', '_')}",
        smoke="toy-language",
        note="copies may differ in where an answer starts, which no score uses",
    )


SQUAD = (
    _squad(
        "1.1", "Rajpurkar et al. (2016), SQuAD: 100,000+ Questions for Machine Comprehension of Text",
        87_599, 10_570, "rajpurkar/squad",
    ),
    _squad(
        "2.0", "Rajpurkar et al. (2018), Know What You Don't Know: Unanswerable Questions for SQuAD",
        130_319, 11_873, "rajpurkar/squad_v2",
    ),
)  # fmt: skip
RACE = Entry(
    name="race",
    title="RACE, reading comprehension from examinations",
    paper="Lai et al. (2017), RACE: Large-scale ReAding Comprehension Dataset From Examinations",
    licence="non-commercial research",
    home="https://www.cs.cmu.edu/~glai1/data/race/",
    unit="questions",
    splits={"train": 87_866, "valid": 4_887, "test": 4_934},
    files=tuple(
        File(f"race.{part}.jsonl", split, sha256, otherwise=(File("RACE.tar"), File(f"hub/{hub}.jsonl")))
        for part, split, hub, sha256 in (
            ("train", "train", "train", None),
            ("dev", "valid", "validation", "f47c7932882e6d7422ada8789a9c69398f2cd3d0f3a2945077170262b5830a85"),
            ("test", "test", "test", "a573e614cf3aa5400060c72e34ed40379eace0de33e97ac9c73ced82b0f84d3e"),
        )
    ),
    downloads=(Download("http://www.cs.cmu.edu/~glai1/data/race/RACE.tar.gz", "RACE.tar.gz"),),
    hub=Hub("ehovy/race", "all", tuple((name, f"hub/{name}.jsonl") for name in ("train", "validation", "test"))),
    loader="repro.data.kinds.questions:race",
    smoke="toy-language",
    note="test: 1,436 questions of level middle, 3,498 of level high",
)
CLUEWEB = Entry(
    name="clueweb09-b",
    title="ClueWeb09 category B with the judged queries of the TREC web tracks 2009 to 2012",
    paper="Callan et al. (2009), The ClueWeb09 Dataset; Clarke et al., TREC web tracks",
    licence="organisational agreement with Carnegie Mellon University, for a fee",
    home="https://lemurproject.org/clueweb09/",
    unit="documents",
    splits={"all": None},
    files=(File("ClueWeb09_English_1", "all"),),
    loader="",
    smoke="toy-language",
    how="sign the agreement at the home page and order category B",
    note="no loader yet: how documents are cut and candidates chosen is not published with the tables",
)

ENTRIES = (*SQUAD, RACE, CLUEWEB)
