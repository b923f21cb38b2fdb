"""Curves and maps of numbers at the ends of what a double holds."""

from types import SimpleNamespace

import numpy as np
import pytest
import xarray

from survey.draw.curves import curves
from survey.draw.maps import value_map
from survey.draw.picture import printed, screen

NUMBERS = {
    "huge": np.geomspace(1e306, 1.7e308, 12),
    "tiny": np.geomspace(5e-324, 1e-308, 12),
    "all": np.geomspace(1e-320, 1.7e308, 12),
    "both signs": 1.7e308 * np.linspace(-1, 1, 12),
    "to zero": np.append(np.zeros(6), np.geomspace(1e-5, 1.7e308, 6)),
    "the same": np.full(12, 5e-324),
}


@pytest.mark.parametrize("scale", [None, "log", "linear"])
@pytest.mark.parametrize("name", NUMBERS)
def test_they_are_drawn(tmp_path, name, scale):
    path = tmp_path / "cube.nc"
    values = NUMBERS[name].reshape(4, 3)
    axes = {"T": [0.1, 0.2, 0.3, 0.4], "chi": [0.1, 0.2, 0.3]}
    xarray.Dataset({"v": (("T", "chi"), values, {"units": "s"})}, axes).to_netcdf(path)
    plain = {"x": "T", "x_scale": "log", "y_scale": scale or "log", "at": {}, "colormap": None, "title": None}
    plain |= {"width": 300, "height": 200}
    line = {"variables": ["v"], "family": "chi", "values": axes["chi"], "y_scale": scale, "y_range": None, "laws": []}
    line |= {"regimes": None, "marks": [], "marked": [], "crossovers": [], "quantity": "one"}
    line |= {"inverse": False, "x_per": None, "y_per": None}
    scenes = [curves(SimpleNamespace(**plain | line), path, None)]
    scenes.append(value_map(SimpleNamespace(**plain | {"y": "chi", "variable": "v", "scale": scale}), path, None))
    for scene in scenes:
        assert np.isfinite([scene.y.lower, scene.y.upper]).all() and scene.y.lower < scene.y.upper
        for picture in (screen, printed) if (name, scale) == ("tiny", None) else ():
            picture.draw(scene, 300, 200)
