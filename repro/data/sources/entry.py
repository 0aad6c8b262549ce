"""What is known of a data set before any of it is at hand. Plain data: importing entries imports nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class File:
    """A file of a data set, named as it is commonly distributed and always described unpacked.

    Wherever it is looked for it may carry a further `.xz` or `.gz`; `sha256` and `bytes` are those of the contents.
    Without a `sha256` the contents are recorded when they are first seen and compared from then on.
    `split` names the split that needs the file; a file of no split is needed by all. `also` are other names of it,
    `otherwise` other forms with the same rows, each with contents of its own; a loader goes by the form it finds.
    """

    path: str
    split: str = ""
    sha256: str | None = None
    bytes: int | None = None
    also: tuple[str, ...] = ()
    otherwise: tuple[File, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """All names that the file may have, below the data set's folder."""
        return self.path, *self.also

    def is_of(self, paths: tuple[str, ...]) -> bool:
        """Whether one of these paths is a form of the file."""
        return any(form.path in paths for form in (self, *self.otherwise))


@dataclass(frozen=True)
class Download:
    """An official address and what comes from it: one file, or the named members of a tar or zip archive.

    `sha256` and `bytes` are those of what is sent. `members` pairs a member's name in the archive with the path of the
    file it becomes; without members the download is the file `file`, which may be packed.
    """

    url: str
    file: str
    sha256: str | None = None
    bytes: int | None = None
    members: tuple[tuple[str, str], ...] = ()

    @property
    def paths(self) -> tuple[str, ...]:
        """The files of the data set that this download supplies."""
        return tuple(path for _, path in self.members) or (unpacked_name(self.file),)


@dataclass(frozen=True)
class Hub:
    """Where the Hugging Face hub has the data set: what `datasets.load_dataset` is called with.

    `splits` pairs the hub's split with the file that it is written to, as JSON lines, one row a line. `revision` is a
    commit of the hub's repository; None takes the newest, whose contents are recorded and compared from then on.
    """

    repository: str
    config: str | None = None
    splits: tuple[tuple[str, str], ...] = ()
    revision: str | None = None


@dataclass(frozen=True)
class Made:
    """A data set that nobody fetches: what it is, and what makes it."""

    name: str
    title: str
    loader: str
    paper: str = ""
    licence: str = ""


@dataclass(frozen=True)
class Entry:
    """A data set, or released weights: what it is, where it comes from, what it must hold, what loads it.

    `splits` maps each split to its number of `unit`s, None where no source states it. `stand_ins` are files that hold
    only a part or a sample of a split that is not freely to be had, under splits with names of their own.
    `folders` are further names of its folder in a data folder, `shares` the data set whose cached files it uses too.
    `torchvision` names the class of torchvision.datasets that fetches it, where no plain address does.
    `version` counts changes of the preprocessing. `smoke` is the embedded data set that the smoke profile uses instead.
    `how` says for a set that no command may fetch how one gets it and where its files go. `kind` is what the messages
    call it. One without a `loader` is not readable yet.
    """

    name: str
    title: str
    paper: str
    licence: str
    home: str
    unit: str
    splits: Mapping[str, int | None]
    files: tuple[File, ...]
    loader: str
    smoke: str
    folders: tuple[str, ...] = ()
    shares: str = ""
    downloads: tuple[Download, ...] = ()
    torchvision: str = ""
    hub: Hub | None = None
    how: str = ""
    stand_ins: Mapping[str, int] = field(default_factory=dict)
    version: int = 1
    note: str = ""
    kind: str = "data set"

    @property
    def places(self) -> tuple[str, ...]:
        """Folders that the data set may lie in, below a data folder: first the registry's name."""
        return (self.name, *(folder for folder in self.folders if folder != self.name))

    @property
    def forms(self) -> dict[str, File]:
        """Every form of every file by its path."""
        return {form.path: form for file in self.files for form in (file, *file.otherwise)}

    def needed_by(self, split: str) -> tuple[File, ...]:
        """The files that a split is read from."""
        return tuple(file for file in self.files if file.split in (split, ""))

    @property
    def to_get(self) -> str:
        """What one does to have the data set: a command, or where its files go."""
        if self.how:
            return f"{self.how}; put the files into {self.name}/ of the folder that REPRO_DATA or --data names"
        return f"get it with: repro data get {self.name}"


def unpacked_name(name: str) -> str:
    """A file's name without the suffix of its packing."""
    return name.removesuffix(".xz").removesuffix(".gz")
