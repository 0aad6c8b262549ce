"""Data sets that the program makes, or that come with a library: nothing of them is fetched."""

from __future__ import annotations

from repro.data.sources.entry import Made

_CEGAN = "Dai et al. (2017), Calibrating Energy-based Generative Adversarial Networks"
_BAD_GAN = "Dai et al. (2017), Good Semi-supervised Learning That Requires a Bad GAN"
_KINDS = "repro.data.kinds"
_TOYS = "repro.data.toys"

MADE = (
    Made("biased-gaussians", "Two Gaussians of weights 0.1 and 0.9", f"{_KINDS}.mixtures:biased_gaussians", _CEGAN),
    Made("categorical-pairs", "Pairs of distributions over the same categories", f"{_KINDS}.exact:categorical_pairs"),
    Made("cot-oracle", "Oracle LSTM over 5,000 words, the published one where its file is at hand",
         f"{_KINDS}.oracle:cot_oracle", "Lu et al. (2018), CoT: Cooperative Training for Generative Modeling of "
         "Discrete Data"),
    Made("cot-oracle-small", "Oracle LSTM over 500 words, sequences of 10, drawn from a seed",
         f"{_KINDS}.oracle:cot_oracle_small"),
    Made("digits", "1,797 digits of 8x8 pixels, of scikit-learn", f"{_KINDS}.images:digits",
         "Alpaydin and Kaynak (1998), Optical Recognition of Handwritten Digits", licence="CC BY 4.0"),
    Made("four-gaussians", "Four Gaussians of equal weight", f"{_KINDS}.mixtures:four_gaussians", _CEGAN),
    Made("four-spins", "Four spins, a class each", f"{_KINDS}.planar:four_spins", _BAD_GAN),
    Made("gaussian-latent", "One Gaussian latent, observed at 0", f"{_KINDS}.exact:gaussian_latent"),
    Made("length-two-joints", "Joint distributions of two symbols", f"{_KINDS}.exact:length_two_joints"),
    Made("short-sequences", "Data and generators of short sequences", f"{_KINDS}.exact:short_sequences"),
    Made("toy-captions", "Scenes with five captions each", f"{_TOYS}.scenes:toy_captions"),
    Made("toy-language", "Sentences of a hidden Markov source, 120 words", f"{_TOYS}.language:toy_language"),
    Made("toy-nli", "Premises and hypotheses about scenes", f"{_TOYS}.scenes:toy_nli"),
    Made("toy-summaries", "Sentences of news and their headlines", f"{_TOYS}.corpora:toy_summaries"),
    Made("toy-translation", "Sentences and their translation into a made language",
         f"{_TOYS}.corpora:toy_translation"),
    Made("two-circles", "Two circles about the origin, a class each", f"{_KINDS}.planar:two_circles", _BAD_GAN),
    Made("two-spirals", "Two arms of 50 Gaussians each", f"{_KINDS}.mixtures:two_spirals", _CEGAN),
)  # fmt: skip
