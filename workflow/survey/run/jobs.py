"""What the rules ask: which files a run makes, from which others, and what each of them depends on.

All of it runs while Snakemake reads the rules, so nothing here imports what is slow. Each job on a cluster reads them
again for the few tiles that it computes: what takes time for all tiles of a survey is done where it is asked for.
"""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from functools import cached_property
from pathlib import Path

from survey.config.load import surveys_named
from survey.errors import SurveyError
from survey.run.insides import keep_finished
from survey.store.origins import DIAGRAM_FILES, findings_about, index_out_of_date, labels_with_pages
from survey.store.owner import refuse_results_of_another
from survey.store.stamps import check_stamp, mend_stamp
from survey.store.tiles import Tile, find_tile, kind_of_cube, tiles_of

SURVEYS = Path("config/surveys")
RESULTS = Path("results")


class Jobs:
    """The selected surveys and the files that they ask for, all below one folder of results."""

    def __init__(self, selected: str | Sequence[str], results: Path = RESULTS):
        """`selected` names surveys (files of config/surveys) or YAML files elsewhere. SurveyError if one is at fault,
        if its results are those of another survey, or if the code of a quantity changed and its version did not."""
        self.results = Path(results)
        self.store = self.results / "store"
        self.surveys = {survey.name: survey for survey in surveys_named(selected, SURVEYS)}
        for survey in self.all():
            refuse_results_of_another(survey, self.results)
        for name in sorted({request.quantity for survey in self.all() for request in survey.quantities.values()}):
            mend_stamp(self.store, name)
            check_stamp(self.store, name)
        self._found: dict[str, tuple[str, Tile]] = {}

    @cached_property
    def tiles_of_cubes(self) -> dict[tuple[str, str], list[Tile]]:
        """All tiles, by survey and label."""
        tiles = {(survey.name, label): tiles_of(survey, label) for survey in self.all() for label in survey.quantities}
        for (survey, _), each in tiles.items():
            self._found |= {tile.digest: (survey, tile) for tile in each}
        return tiles

    @cached_property
    def _tiles(self) -> dict[tuple[str, str], list[str]]:
        return {key: [str(tile.path(self.store)) for tile in tiles] for key, tiles in self.tiles_of_cubes.items()}

    @cached_property
    def _missing(self) -> int:
        return sum(not Path(path).exists() for path in {path for paths in self._tiles.values() for path in paths})

    def all(self) -> list:
        """The surveys of this run."""
        return list(self.surveys.values())

    def targets(self) -> list[str]:
        """The files that a run ends with: every cube, crossovers, findings, diagrams and pages of every survey, and the
        index of all. Not the tiles: for a job on this machine, as that of `all`, Snakemake takes a time that grows as
        the square of its inputs."""
        return [*self.index_sources(), self.index()]

    def index_sources(self) -> list[str]:
        """The files that the index leads to."""
        files = []
        for survey in self.all():
            files += [self.cube(survey.name, label) for label in survey.quantities]
            files += [self.crossovers(survey.name)] if survey.crossovers else []
            files += [self.finding(survey.name, name) for name in survey.findings]
            files += [file for name in survey.diagrams for file in self.diagram(survey.name, name)]
            files += [self.page(survey.name, label) for label in labels_with_pages(survey)]
        return files

    def kinds(self) -> tuple[dict[str, str], dict[str, int]]:
        """What each file of a run is, one of those of a diagram, and the cells of each tile."""
        kinds, cells = {}, {}
        for (survey, label), tiles in self.tiles_of_cubes.items():
            cells |= {str(tile.path(self.store)): tile.cells for tile in tiles}
            kinds |= dict.fromkeys(self._tiles[survey, label], "tile") | {self.cube(survey, label): "cube"}
        for survey in self.all():
            kinds[self.crossovers(survey.name)] = "crossovers"
            kinds |= {self.finding(survey.name, name): "finding" for name in survey.findings}
            kinds |= {self.diagram(survey.name, name)[0]: "diagram" for name in survey.diagrams}
            kinds |= {self.page(survey.name, label): "page" for label in labels_with_pages(survey)}
        return kinds, cells

    def out_of_date(self, survey: str, step: str, name: str = "") -> list[str]:
        """Those of the files of a step (`cube` or `page` of a label, `crossovers`, `finding` or `diagram` of a name,
        the `index` of all surveys) that are there and are not what the survey asks for, by what they hold."""
        if step == "index":
            return [self.index()] if Path(self.index()).exists() and index_out_of_date(self.all(), self.results) else []
        fresh = self._fresh[survey]
        files, reasons = {
            "cube": lambda: ([self.cube(survey, name)], fresh.cube(name)),
            "crossovers": lambda: ([self.crossovers(survey)], fresh.crossovers()),
            "finding": lambda: ([self.finding(survey, name)], fresh.finding(name)),
            "diagram": lambda: (self.diagram(survey, name), fresh.diagram(name)),
            "page": lambda: ([self.page(survey, name)], fresh.page(name)),
        }[step]()
        return [file for file in files if reasons and Path(file).exists()]

    @cached_property
    def _fresh(self) -> dict:
        from survey.run.freshness import Freshness

        tiles = self.tiles_of_cubes
        return {
            survey.name: Freshness(
                survey, self.results, {label: tiles[survey.name, label] for label in survey.quantities}
            )
            for survey in self.all()
        }

    def file(self, survey: str) -> str:
        """The file of a survey."""
        return str(self.surveys[survey].path)

    def tiles(self, survey: str, label: str) -> list[str]:
        return self._tiles[survey, label]

    def keep_finished(self) -> None:
        """Keep Snakemake from making finished files again whose end it did not note."""
        keep_finished({path for paths in self._tiles.values() for path in paths} | set(self.targets()))

    def tile(self, digest: str) -> Tile:
        """The tile of this name; SurveyError if no survey of this run has it."""
        return self._find(digest)[1]

    def file_of_tile(self, digest: str) -> str:
        """The file of a survey of this run that has this tile; SurveyError if there is none."""
        return self.file(self._find(digest)[0])

    def _find(self, digest: str) -> tuple[str, Tile]:
        for survey in self.all() if digest not in self._found else ():
            with suppress(SurveyError):
                self._found[digest] = survey.name, find_tile(survey, digest)
        if digest not in self._found:
            raise SurveyError(f"tile {digest}: found in no survey of this run; allowed: those of `survey plan --tiles`")
        return self._found[digest]

    def kernels(self, digests: Iterable[str]) -> list[tuple[str, str]]:
        """Of the tiles of these names one for each kernel and its options, with the file of its survey."""
        found = {}
        for digest in sorted(digests):
            tile = self.tile(digest)
            found.setdefault((tile.quantity, *tile.options.items()), (self.file_of_tile(digest), digest))
        return list(found.values())

    def threads_per_tile(self, cores: int) -> int:
        """One thread per tile if there are tiles for all cores; all cores shared out if there are fewer."""
        return max(1, cores // max(1, self._missing))

    def threads_per_survey(self, cores: int) -> int:
        """All cores shared out among the surveys with crossovers."""
        return max(1, cores // max(1, sum(bool(survey.crossovers) for survey in self.all())))

    def cube(self, survey: str, label: str) -> str:
        return str(self.results / survey / f"{label}.nc")

    def kind_of_cube(self, survey: str, label: str) -> str:
        """Whether a cube is `copied` from its tiles or `virtual`."""
        return kind_of_cube(self.surveys[survey], label)

    def crossovers(self, survey: str) -> str:
        return str(self.results / survey / "crossovers.nc")

    def crossover_cubes(self, survey: str) -> list[str]:
        """The cubes in which the crossovers of a survey are located."""
        labels = {settings.quantity for settings in self.surveys[survey].crossovers.values()}
        return [self.cube(survey, label) for label in sorted(labels)]

    def finding(self, survey: str, name: str) -> str:
        return str(self.results / survey / f"{name}.nc")

    def finding_sources(self, survey: str, name: str) -> list[str]:
        """The files that a finding of an inference is made from."""
        found = self.surveys[survey].findings[name]
        cubes = [self.cube(survey, label) for label in found.labels]
        return cubes + [self.finding(survey, other) for other in found.findings]

    def diagram(self, survey: str, name: str) -> list[str]:
        return [str(self.results / survey / "diagrams" / f"{name}.{kind}") for kind in DIAGRAM_FILES]

    def diagram_sources(self, survey: str, name: str) -> list[str]:
        """The files that a diagram is drawn from."""
        settings = self.surveys[survey].diagrams[name]
        cubes = [self.cube(survey, label) for label in settings.labels]
        findings = [self.finding(survey, finding) for finding in settings.findings]
        return cubes + findings + ([self.crossovers(survey)] if settings.uses_crossovers else [])

    def page(self, survey: str, label: str) -> str:
        return str(self.results / survey / "explore" / f"{label}.html")

    def page_sources(self, survey: str, label: str) -> list[str]:
        """The files that the page of a cube is made from."""
        asked = self.surveys[survey]
        located = any(each.quantity == label for each in asked.crossovers.values())
        findings = [self.finding(survey, name) for name in findings_about(asked, label)]
        return [self.cube(survey, label), *([self.crossovers(survey)] if located else []), *findings]

    def index(self) -> str:
        return str(self.results / "index.html")

    def files(self) -> list[str]:
        """The files of all surveys."""
        return [self.file(survey) for survey in self.surveys]
