"""Thinking: values in, values out. No clock, network, disk, log or thread."""
