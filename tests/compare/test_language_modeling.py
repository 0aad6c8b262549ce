"""Predictions, checkpoints and Hugging Face models of task language-modeling."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from baselines.language.evaluation import TrainedLanguageModel
from baselines.language.files import read_network
from baselines.language.methods import AwdLstm
from repro.compare.causal import CausalLanguageModel, SubWordLanguageModel, from_folder, joined, windows
from repro.compare.from_files import _remarked
from repro.compare.language_modeling import SUB_WORDS, LanguageModelingFiles, predictions_of
from repro.data.sources.tensors import tensors
from repro.data.toys.language import toy_language
from repro.metrics.score import how
from repro.spec.model import Column
from repro.tasks.language_modeling import LanguageModeling

TASK = LanguageModeling()
DATA = toy_language(train=1_000, valid=600, test=700)
WORDS = len(DATA.vocabulary)
METHOD = AwdLstm(output="softmax", embedding_size=5, hidden_sizes=(7, 5))
COLUMNS = {
    "valid": Column(label="valid", metric="perplexity", split="valid"),
    "test": Column(label="test", metric="perplexity", split="test"),
    "rank": Column(label="rank", metric="rank", split="test"),
    "excess": Column(label="excess", metric="rank-excess", split="test"),
    "size": Column(label="size", metric="parameters"),
}


@pytest.fixture(scope="module")
def model() -> TrainedLanguageModel:
    torch.manual_seed(3)
    return TrainedLanguageModel(METHOD.network(WORDS), "cpu")


def numbers(model: Any, *names: str) -> dict[str, float]:
    columns = {name: COLUMNS[name] for name in names}
    found = TASK.measure(model, DATA, columns, np.random.default_rng(0)).measured
    return {name: measurement.value for name, measurement in found.items()}


def test_logits_give_all_numbers_of_their_model(tmp_path: Path, model: TrainedLanguageModel) -> None:
    parts: dict[str, Any] = {"parameter_count": model.parameter_count, "embedding_size": model.embedding_size}
    for split in ("valid", "test"):
        blocks = model.log_probabilities(DATA.splits[split], TASK.streams(split))
        parts[f"logits_{split}"] = np.concatenate([log_p for _, log_p in blocks]) + 2.0  # logits have no fixed level
    np.savez(tmp_path / "x.npz", **parts)
    loaded = LanguageModelingFiles().predictions(tmp_path / "x.npz", DATA, COLUMNS)
    assert not loaded.lacking
    found, expected = numbers(loaded.model, *COLUMNS), numbers(model, *COLUMNS)
    assert found == pytest.approx(expected, rel=1e-6)  # float32 of the network


def test_log_probabilities_give_perplexities_and_name_what_they_cannot_give(
    tmp_path: Path, model: TrainedLanguageModel
) -> None:
    np.savez(tmp_path / "x.npz", log_p_test=-model.nll(DATA.splits["test"], 1))
    loaded = LanguageModelingFiles().predictions(tmp_path / "x.npz", DATA, COLUMNS)
    assert loaded.lacking.keys() == {"valid", "rank", "excess", "size"}
    assert numbers(loaded.model, "test") == pytest.approx(numbers(model, "test"), rel=1e-6)


def test_predictions_are_read_in_the_streams_of_the_protocol(tmp_path: Path, model: TrainedLanguageModel) -> None:
    task, valid = LanguageModeling(valid_streams=3), DATA.splits["valid"]
    np.savez(tmp_path / "x.npz", log_p_valid=-model.nll(valid, 3))
    loaded = LanguageModelingFiles(task).predictions(tmp_path / "x.npz", DATA, COLUMNS)
    columns = {"valid": COLUMNS["valid"]}
    found, expected = (
        task.measure(each, DATA, columns, np.random.default_rng(0)).measured["valid"] for each in (loaded.model, model)
    )
    assert found.value == pytest.approx(expected.value, rel=1e-6)
    with pytest.raises(ValueError, match="log_p_valid must have shape"):
        LanguageModelingFiles().predictions(tmp_path / "x.npz", DATA, COLUMNS)


def test_pieces_give_the_perplexity_of_words_and_the_signature_says_so(tmp_path: Path) -> None:
    """By hand: pieces with a likelihood of the text of exp(-3 N) have the word perplexity exp(3), however many."""
    words = predictions_of(len(DATA.splits["test"]), 1)
    np.savez(tmp_path / "x.npz", piece_log_p_test=np.full(2 * words, -1.5))
    loaded = LanguageModelingFiles().predictions(tmp_path / "x.npz", DATA, COLUMNS)
    assert loaded.lacking.keys() == {"valid", "rank", "excess", "size"}
    assert numbers(loaded.model, "test")["test"] == pytest.approx(np.exp(3.0), rel=1e-12)
    assert loaded.remarks == {"test": SUB_WORDS}
    (found,) = TASK.measure(loaded.model, DATA, {"test": COLUMNS["test"]}, np.random.default_rng(0)).measured.values()
    said = _remarked(found, SUB_WORDS)
    assert SUB_WORDS in said.signature
    assert said.value == found.value
    assert how(said.signature) == how(found.signature), "it compares with the perplexities of words"
    assert _remarked(found, None) == found


def letters(text: str, **_: bool) -> dict[str, list[Any]]:
    """A tokenizer whose pieces are the characters."""
    known = {letter: i for i, letter in enumerate(sorted(set(" \n".join(DATA.vocabulary))))}
    return {"input_ids": [known[each] for each in text], "offset_mapping": [(i, i + 1) for i in range(len(text))]}


@pytest.mark.parametrize("streams", [1, 3])
def test_the_loss_of_a_word_is_that_of_its_pieces_and_of_what_parts_it_from_the_one_before(streams: int) -> None:
    """A model of pairs of letters, whose losses are summed here letter by letter."""
    tokens = DATA.splits["valid"][:90]
    pairs = Counting(8)
    found = SubWordLanguageModel(pairs, letters, DATA.vocabulary).nll(tokens, streams)
    log_p = torch.log_softmax(pairs.weight, dim=-1).detach().numpy()
    length = len(tokens) // streams
    for i in range(streams):
        words = [DATA.vocabulary[token] for token in tokens[i * length : (i + 1) * length]]
        expected, before = [], list(letters(joined(words[:1])[0])["input_ids"])
        for last in range(2, length + 1):
            ids = letters(joined(words[:last])[0])["input_ids"]
            expected.append(-sum(log_p[a, b] for a, b in zip(ids[len(before) - 1 :], ids[len(before) :], strict=False)))
            before = ids
        assert found[i::streams] == pytest.approx(expected, rel=1e-5)


def test_a_text_has_every_word_and_an_end_of_line_for_each_eos() -> None:
    words = [DATA.vocabulary[token] for token in DATA.splits["valid"][:200]]
    text, owners = joined(words)
    assert len(text) == len(owners)
    assert text.count("\n") == words.count("<eos>") > 0
    assert [line.split() for line in text.split("\n")] == [line.split() for line in " ".join(words).split("<eos>")]
    assert set(owners) == set(range(len(words)))


def test_a_state_dict_gives_the_numbers_of_its_model(tmp_path: Path, model: TrainedLanguageModel) -> None:
    torch.save(model.model.state_dict(), tmp_path / "x.pt")
    read = read_network(tensors(tmp_path / "x.pt"), DATA, METHOD)
    assert numbers(read, *COLUMNS) == numbers(model, *COLUMNS)


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        (
            {"log_p_test": np.zeros(5)},
            rf"log_p_test must have shape \({predictions_of(len(DATA.splits['test']), 1)},\)",
        ),
        (
            {"log_p_test": np.ones(predictions_of(len(DATA.splits["test"]), 1))},
            "are above 0, up to 1, and no probability",
        ),
        ({"piece_log_p_test": np.array([0.5, -1.0])}, "are above 0, up to 0.5, and no probability"),
        ({"piece_log_p_test": -np.ones((2, 2))}, r"piece_log_p_test must have shape \(N,\)"),
        (
            {"piece_log_p_test": -np.ones(9), "log_p_test": -np.ones(predictions_of(len(DATA.splits["test"]), 1))},
            "has both piece_log_p_test and log_p_test: which one counts",
        ),
        ({"parameter_count": np.array(2.5)}, "parameter_count must be one whole number"),
        ({"logits_train": np.zeros(3)}, "unknown array 'logits_train'"),
    ],
)
def test_predictions_in_another_form_are_refused(tmp_path: Path, parts: dict[str, Any], said: str) -> None:
    np.savez(tmp_path / "x.npz", **parts)
    with pytest.raises(ValueError, match=said):
        LanguageModelingFiles().predictions(tmp_path / "x.npz", DATA, COLUMNS)


def test_a_checkpoint_of_another_network_says_what_differs(model: TrainedLanguageModel) -> None:
    other = AwdLstm(output="softmax", embedding_size=6, hidden_sizes=(7, 6))
    with pytest.raises(ValueError, match=r"must have shape .*, it has"):
        read_network(model.model.state_dict(), DATA, other)
    with pytest.raises(ValueError, match="needs the method and params of its network"):
        read_network(model.model.state_dict(), DATA, None)


class Counting(torch.nn.Module):
    """A causal model whose logits tell how many tokens it sees before each word, and what the last one is."""

    def __init__(self, window: int) -> None:
        super().__init__()
        self.config = SimpleNamespace(max_position_embeddings=window, vocab_size=WORDS)
        self.weight = torch.nn.Parameter(torch.randn(WORDS, WORDS, generator=torch.Generator().manual_seed(2)))
        self.seen: list[int] = []

    def forward(self, input_ids: Tensor, use_cache: bool) -> SimpleNamespace:
        assert input_ids.shape[1] <= self.config.max_position_embeddings
        self.seen.append(input_ids.shape[1])
        return SimpleNamespace(logits=self.weight[input_ids])


@pytest.mark.parametrize("window", [4, 7, 64, 10_000])
def test_a_model_of_pairs_scores_alike_in_windows_of_any_length(window: int) -> None:
    causal = CausalLanguageModel(Counting(window))
    tokens, streams = DATA.splits["valid"], TASK.streams("valid")
    length = len(tokens) // streams
    text = tokens[: length * streams].reshape(streams, length).T.astype(np.int64)
    log_p = torch.log_softmax(causal.model.weight, dim=-1).detach().numpy()
    expected = -log_p[text[:-1], text[1:]].reshape(-1)
    assert causal.nll(tokens, streams) == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize(("length", "longest"), [(2, 5), (6, 5), (7, 5), (50, 5), (50, 8), (50, 1)])
def test_windows_predict_every_token_but_the_first_once_and_with_half_a_context(length: int, longest: int) -> None:
    predicted: list[int] = []
    for start, begin, end in windows(length, longest):
        assert end - 1 - start <= longest
        assert begin - start >= min(begin, longest // 2)  # tokens before the first word that is predicted
        predicted += range(begin, end)
    assert predicted == list(range(1, length))


def test_a_folder_that_is_no_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"needs the library transformers|is no model with config.json"):
        from_folder(tmp_path, DATA.vocabulary)


def test_a_hugging_face_model_from_its_folder_scores_as_in_memory(tmp_path: Path) -> None:
    transformers = pytest.importorskip("transformers", reason="extra hf")
    torch.manual_seed(0)
    settings = transformers.GPT2Config(vocab_size=WORDS, n_positions=32, n_embd=8, n_layer=1, n_head=2)
    gpt2 = transformers.GPT2LMHeadModel(settings)
    gpt2.save_pretrained(tmp_path / "good", safe_serialization=True)
    loaded = LanguageModelingFiles().folder(tmp_path / "good", DATA, COLUMNS)
    assert numbers(loaded.model, "test", "size") == numbers(CausalLanguageModel(gpt2), "test", "size")
    with pytest.raises(ValueError, match="token ids must be those of the data set"):
        from_folder(tmp_path / "good", (*DATA.vocabulary, "one more"))
    half = {name: tensor for name, tensor in gpt2.state_dict().items() if ".mlp." not in name and "lm_head" not in name}
    safetensors_torch = pytest.importorskip("safetensors.torch", reason="extra hf")
    safetensors_torch.save_file(half, tmp_path / "good" / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(ValueError, match=r"lacks weights of its model, which would be random: the first is '.*mlp"):
        from_folder(tmp_path / "good", DATA.vocabulary)
    (tmp_path / "good" / "model.safetensors").unlink()
    torch.save(gpt2.state_dict(), tmp_path / "good" / "pytorch_model.bin")
    with pytest.raises(ValueError, match="is no model with"):
        from_folder(tmp_path / "good", DATA.vocabulary)


def test_a_hugging_face_model_of_pieces_is_scored_by_its_own_tokenizer(tmp_path: Path) -> None:
    """One window holds the text, so that the model scores all of it at once here."""
    transformers = pytest.importorskip("transformers", reason="extra hf")
    tokenizers = pytest.importorskip("tokenizers", reason="extra hf")
    words = [DATA.vocabulary[token] for token in DATA.splits["test"][:60]]
    text, _ = joined(words)
    made, of_bytes = tokenizers.Tokenizer(tokenizers.models.BPE()), tokenizers.pre_tokenizers.ByteLevel
    made.pre_tokenizer = of_bytes(add_prefix_space=False)
    trainer = tokenizers.trainers.BpeTrainer(vocab_size=300, initial_alphabet=of_bytes.alphabet())
    made.train_from_iterator([text], trainer)
    transformers.PreTrainedTokenizerFast(tokenizer_object=made).save_pretrained(tmp_path)
    torch.manual_seed(0)
    settings = transformers.GPT2Config(vocab_size=300, n_positions=512, n_embd=8, n_layer=1, n_head=2)
    gpt2 = transformers.GPT2LMHeadModel(settings).eval()
    gpt2.save_pretrained(tmp_path, safe_serialization=True)
    loaded = LanguageModelingFiles().folder(tmp_path, DATA, COLUMNS)
    assert (set(loaded.lacking), set(loaded.remarks)) == ({"rank", "excess"}, {"valid", "test"})
    ids = torch.tensor(made.encode(text).ids)
    first = len(made.encode(words[0]).ids)
    with torch.inference_mode():
        log_p = torch.log_softmax(gpt2(ids[None]).logits[0].float(), dim=-1)
    expected = -log_p[torch.arange(first - 1, len(ids) - 1), ids[first:]]
    found = loaded.model.nll(DATA.splits["test"][:60], 1)
    assert len(found) == 59
    assert found.sum() == pytest.approx(expected.sum().item(), rel=1e-5)
