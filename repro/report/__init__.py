"""Published beside measured: one model of a judged table (`model`), and a renderer for each format (`render`)."""
