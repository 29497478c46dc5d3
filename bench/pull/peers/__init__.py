"""Clients nobody here wrote, each a program of its own that pulls the same data and prints what it took.

The bare vendor libraries run in Daybook's own environment, the others in one that is made for them.
All count processor seconds after their imports; `bench.pull` adds the most memory and the requests.
"""
