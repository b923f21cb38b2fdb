"""How fast the atlas is: `python -m benchmarks`, which `make bench` calls. Measured, never asserted."""
