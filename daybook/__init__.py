"""The program: the only room with a database, a schedule and the threads that run it."""

VERSION = "0.1.0"
