"""Attacks on real runs: what a user's bad day looks like, repeated, with the damage counted.

Each module has a function that attacks so many times in a folder and returns a `Table`, whose `failures` must be empty.
`python -m faults` (with `tests` on the path) runs the long form; the test suite runs a few attacks of each kind.
"""
