"""The likelihood of NADE and its gradient in machine code: the hidden units change after a one alone.

Paper:  The Neural Autoregressive Distribution Estimator (Larochelle and Murray, 2011), algorithm 1
Shapes: N examples, D inputs in the order of the model, H hidden units

Algorithm 1 updates the hidden units after every input. After a zero they stay what they were, so that of the D
sigmoid layers of an example only those behind its ones are taken, an eighth of them for digits; and between two ones
the derivative by the hidden units is a sum, which goes through the sigmoid once.
"""

from __future__ import annotations

import numpy as np

from repro.compiled import compiled


@compiled
def losses(
    bits: np.ndarray, encoder: np.ndarray, decoder: np.ndarray, hidden_bias: np.ndarray, output_bias: np.ndarray
) -> np.ndarray:
    """-log p of examples (N, D) uint8, in nats: (N,) float64. The weights are (D, H) both, the biases (H,) and (D,)."""
    found = np.zeros(len(bits))
    before = np.empty((len(bits), len(hidden_bias)), encoder.dtype)
    hidden = np.empty_like(before)
    for n in range(len(bits)):
        before[n] = hidden_bias
        _sigmoid(before[n], hidden[n])
    for i in range(bits.shape[1]):
        logits = np.dot(hidden, decoder[i])
        for n in range(len(bits)):
            found[n] += _loss(logits[n] + output_bias[i], bits[n, i])
            if bits[n, i]:
                _add(encoder[i], before[n])
                _sigmoid(before[n], hidden[n])
    return found


@compiled
def losses_and_gradients(
    bits: np.ndarray, encoder: np.ndarray, decoder: np.ndarray, hidden_bias: np.ndarray, output_bias: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """What `losses` gives, and the derivatives of its sum by the four parameters, in their order and precision."""
    count, width = bits.shape
    found = np.zeros(count)
    before = np.empty((count, len(hidden_bias)), encoder.dtype)
    hidden = np.empty_like(before)
    first = np.empty_like(hidden_bias)
    _sigmoid(hidden_bias, first)
    for n in range(count):
        before[n] = hidden_bias
        hidden[n] = first
    ones = 0
    for n in range(count):
        for i in range(width):
            ones += bits[n, i]
    behind = np.empty((ones, len(hidden_bias)), encoder.dtype)  # the hidden units behind each one, as they come
    errors = np.empty((width, count), encoder.dtype)
    of_decoder = np.zeros_like(decoder)
    of_output = np.zeros_like(output_bias)
    ones = 0
    for i in range(width):
        logits = np.dot(hidden, decoder[i])
        for n in range(count):
            logit = logits[n] + output_bias[i]
            found[n] += _loss(logit, bits[n, i])
            error = 1 / (1 + np.exp(-logit)) - bits[n, i]
            errors[i, n] = error
            of_output[i] += errors[i, n]
            _add_times(errors[i, n], hidden[n], of_decoder[i])
            if bits[n, i]:
                _add(encoder[i], before[n])
                _sigmoid(before[n], hidden[n])
                behind[ones] = hidden[n]
                ones += 1
    of_encoder = np.zeros_like(encoder)
    of_bias = np.zeros_like(hidden_bias)
    of_hidden = np.zeros_like(hidden)  # since the one before, by the hidden units
    of_before = np.zeros_like(hidden)  # since the one before and all after it, by what they are the sigmoid of
    for i in range(width - 1, -1, -1):
        for n in range(count - 1, -1, -1):
            if bits[n, i]:
                ones -= 1
                _through_sigmoid(of_hidden[n], behind[ones], of_before[n])
                _add(of_before[n], of_encoder[i])
            _add_times(errors[i, n], decoder[i], of_hidden[n])
    for n in range(count):
        _through_sigmoid(of_hidden[n], first, of_before[n])
        _add(of_before[n], of_bias)
    return found, of_encoder, of_decoder, of_bias, of_output


@compiled
def _loss(logit: float, bit: int) -> float:
    """-log of the probability of a bit, in nats."""
    loss: float = max(logit, 0.0) - logit * bit + np.log1p(np.exp(-abs(logit)))
    return loss


@compiled
def _sigmoid(given: np.ndarray, into: np.ndarray) -> None:
    for k in range(len(given)):
        into[k] = 1 / (1 + np.exp(-given[k]))


@compiled
def _add(given: np.ndarray, into: np.ndarray) -> None:
    for k in range(len(given)):
        into[k] += given[k]


@compiled
def _add_times(factor: float, given: np.ndarray, into: np.ndarray) -> None:
    for k in range(len(given)):
        into[k] += factor * given[k]


@compiled
def _through_sigmoid(of_hidden: np.ndarray, hidden: np.ndarray, of_before: np.ndarray) -> None:
    """Adds the derivative by the sigmoid's argument, and begins the sum of that by its value anew."""
    for k in range(len(hidden)):
        of_before[k] += of_hidden[k] * hidden[k] * (1 - hidden[k])
        of_hidden[k] = 0
