"""One module a command; each is a few lines around a function that could be called without a terminal."""
