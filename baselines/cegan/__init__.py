"""Energy-based GANs in two dimensions, and the GAN beside them."""

METHODS = {
    "data": "methods:DataDistribution",
    "egan": "methods:EnergyGan",
    "egan-two-adams": "two_adams:TwoAdamsEnergyGan",
    "gan-2d": "methods:BinaryGan",
}
LOADERS = {
    "egan": "files:read_pair",
    "gan-2d": "files:read_pair",
}
