"""What an explorer's page carries, read without a browser."""

import base64
import json
import re
import zlib
from pathlib import Path

import numpy as np

from survey.explore.payload import unpack


class Page:
    """What a page carries."""

    def __init__(self, path: Path):
        self.text = path.read_text(encoding="utf-8")
        self.header = json.loads(self.part("cube-header"))

    def part(self, name: str) -> str:
        return re.search(rf'<script type="[^"]*" id="{name}">(.*?)</script>', self.text, flags=re.DOTALL)[1]

    def array(self, name: str) -> np.ndarray:
        stream = zlib.decompress(base64.b64decode(self.part("cube-numbers")))
        one = self.header["arrays"][name]
        count = int(np.prod(one["shape"])) * np.dtype(one["dtype"]).itemsize
        return unpack(stream[one["start"] : one["start"] + count], one["dtype"], tuple(one["shape"]))
