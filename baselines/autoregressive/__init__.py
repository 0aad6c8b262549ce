"""Autoregressive models of binary data: NADE, MADE and PixelCNN."""

METHODS = {
    "made": "made:Made",
    "nade": "nade:Nade",
    "pixelcnn": "pixelcnn:PixelCnn",
}
