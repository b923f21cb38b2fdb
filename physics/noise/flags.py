"""What the numbers of flags of defects in 1/f motion mean: said once, to the kernels and to the registry."""

LINE = {"no_level": 0, "narrow": 1, "wide": 2}
NO_LEVEL, NARROW, WIDE = LINE.values()
