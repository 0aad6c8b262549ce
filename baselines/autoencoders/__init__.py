"""Autoencoders: one hidden layer, the deep one of 2006, and principal components, which they are held against."""

METHODS = {
    "autoencoder": "shallow:ShallowAutoencoder",
    "deep-autoencoder": "deep:DeepAutoencoder",
    "pca": "principal:PrincipalComponents",
}
