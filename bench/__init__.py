"""Figures that anyone can repeat: `make bench`, or `python -m bench NAME`."""
