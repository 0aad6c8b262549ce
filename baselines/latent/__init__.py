"""Models of latent variables trained by variational and importance weighted bounds."""

METHODS = {
    "iwae": "methods:IWAE",
    "vae": "methods:VAE",
}
