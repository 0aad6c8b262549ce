"""Networks that image metrics look through: images in, class logits and features out, with the weights' checksum.

Inception is torch-fidelity's port of the 2015 network (`inception-v3-compat`), whose numbers compare with papers; other
Inceptions give others (mseitzer/pytorch-fid#11, toshas/torch-fidelity's README). Logits are those without the bias of
the last layer, as in openai/improved-gan. Importing this module imports no torch.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np

if TYPE_CHECKING:
    import torch

Outputs: TypeAlias = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Network:
    """What images become numbers by; `name` and `weights`, a checksum, stand in the signature of what it scores.

    `logits` maps a batch of images (B, H, W, C) of uint8 to (B, K), `features` to (B, D); None where it has no such
    output. Any callable will do: `Network("mine", logits=my_classifier)`.
    """

    name: str
    logits: Outputs | None = None
    features: Outputs | None = None
    weights: str = "unnamed"
    precision: str = "float32"


def outputs(images: np.ndarray, of: Outputs | None, *, batch: int = 64) -> np.ndarray:
    """One output of a network for images (N, H, W) or (N, H, W, C), batch by batch, in float64 (N, ...).

    Raises ValueError for images that are not uint8 (a float image scaled to [0, 1] would be read as black), for none,
    and for outputs that are not finite.
    """
    if of is None:
        raise ValueError("this network has no such output")
    values = checked_images(images)
    if batch < 1:
        raise ValueError(f"batch must be at least 1, it is {batch}")
    found = np.concatenate([of(values[start : start + batch]) for start in range(0, len(values), batch)])
    if found.ndim != 2 or len(found) != len(values):
        raise ValueError(f"the network made {found.shape} of {len(values)} images; a row for each is expected")
    if not np.isfinite(found).all():
        raise ValueError("the network's outputs are not finite")
    return found.astype(np.float64)


def checked_images(images: np.ndarray) -> np.ndarray:
    """Images as (N, H, W, C) of uint8; a ValueError for all else."""
    values = np.asarray(images)
    if values.dtype != np.uint8:
        raise ValueError(f"images must be uint8 in 0 to 255, they are {values.dtype}; scale and round them first")
    if values.ndim not in (3, 4) or values.size == 0:
        raise ValueError(f"images must be (N, H, W) or (N, H, W, C) with N > 0, they are {values.shape}")
    return values if values.ndim == 4 else values[..., None]


def checksum(images: np.ndarray) -> str:
    """The first 12 digits of the SHA-256 of images and their shape: which set a distance is to."""
    values = np.ascontiguousarray(images)
    return hashlib.sha256(f"{values.shape}{values.dtype}".encode() + values.tobytes()).hexdigest()[:12]


def inception_network(
    weights: Path | str | None = None,
    *,
    device: str = "cpu",
    precision: Literal["float32", "float64"] = "float32",
) -> Network:
    """torch-fidelity's Inception: 1008 logits, 2048 features; grey images are repeated over the three channels.

    `weights` is a file with its state dict; without one, torch-fidelity's own is downloaded once, into the hub's cache.
    A file is read as tensors only, so that it can run no code. In float32 features depend a little on the batch size
    (torchmetrics#1620, torch-fidelity#43), more on a GPU that rounds to TF32, which is switched off here; in float64
    they do not. Raises ValueError for a file that is not there or holds other weights.
    """
    import torch
    from torch_fidelity.feature_extractor_inceptionv3 import URL_INCEPTION_V3, FeatureExtractorInceptionV3

    file = Path(weights) if weights is not None else _downloaded(URL_INCEPTION_V3)
    digest = state_checksum(file)
    layers = ["2048", "logits_unbiased"]
    try:
        network = FeatureExtractorInceptionV3(
            "inception-v3-compat",
            layers,
            feature_extractor_weights_path=str(file),
            feature_extractor_internal_dtype=precision,
        ).to(device)
    except RuntimeError as error:  # the state dict's names or shapes
        raise ValueError(f"{file} does not hold the weights of torch-fidelity's Inception") from error

    def output(layer: int) -> Outputs:
        def of(images: np.ndarray) -> np.ndarray:
            coloured = images if images.shape[3] == 3 else np.repeat(images, 3, axis=3)
            batch = torch.from_numpy(np.ascontiguousarray(coloured.transpose(0, 3, 1, 2))).to(device)
            with torch.no_grad(), torch.backends.cudnn.flags(enabled=True, allow_tf32=False):
                return _array(network(batch)[layer])

        return of

    return Network("inception-v3-compat", output(1), output(0), digest, precision)


def _downloaded(address: str) -> Path:
    """torch-fidelity's weights in the hub's cache, fetched at first use; its own hash in the name is checked."""
    import torch

    file = Path(torch.hub.get_dir()) / "checkpoints" / address.rpartition("/")[2]
    if not file.is_file():
        file.parent.mkdir(parents=True, exist_ok=True)
        try:
            torch.hub.download_url_to_file(address, str(file), hash_prefix=file.stem.rpartition("-")[2], progress=False)
        except OSError as error:
            raise ValueError(f"cannot download {file.name} ({error}); give a file with --weights") from error
    return file


def state_checksum(file: Path) -> str:
    """The first 12 digits of the SHA-256 of a weights file, after a check that it holds nothing but tensors."""
    import pickle
    import warnings

    import torch

    if not file.is_file():
        raise ValueError(f"there is no weights file {file}")
    try:
        with warnings.catch_warnings():  # of pickles that torch did not write, which the error says better
            warnings.simplefilter("ignore", UserWarning)
            state: Any = torch.load(file, weights_only=True, map_location="cpu")
    except (pickle.UnpicklingError, RuntimeError, EOFError, ValueError) as error:
        raise ValueError(f"{file} is no file of weights that torch.save wrote, or holds more than tensors") from error
    if not isinstance(state, dict):
        raise ValueError(f"{file} holds a {type(state).__name__}, not a state dict")
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()[:12]


def _array(tensor: torch.Tensor) -> np.ndarray:
    array: np.ndarray = tensor.cpu().numpy()
    return array
