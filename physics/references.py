"""What the quantities rest on: papers by the name under which sources of the registry and captions name them."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

_EQUATIONS = re.compile(r"(?P<name>.*?), (?:eqs?\. )?(?P<equations>(?:before eq\. )?\(.*)")


@dataclass(frozen=True)
class Reference:
    """A published work. `where` is journal, volume and page; `key` is its name in BibTeX, where `eprint` is that of
    arXiv. In `title` what stands in braces keeps its capitals."""

    key: str
    authors: tuple[str, ...]
    title: str
    where: str
    year: int
    doi: str = ""
    eprint: str = ""

    @property
    def text(self) -> str:
        """Authors, title, place and year in one line."""
        title = self.title.replace("{", "").replace("}", "")
        found = f"doi:{self.doi}" if self.doi else f"arXiv:{self.eprint}" if self.eprint else ""
        place = [self.where, f"({self.year})"] if self.where else [f"({self.year})"]
        return f'{", ".join(self.authors)}, "{title}", {" ".join(place)}' + (f", {found}" if found else "")

    @property
    def bibtex(self) -> str:
        """The entry of a BibTeX file."""
        journal, _, rest = self.where.rpartition(" ")[0].rpartition(" ")
        fields = {"author": " and ".join(self.authors), "title": self.title}
        if self.where:
            fields |= {"journal": journal, "volume": rest, "pages": self.where.rpartition(" ")[2]}
        fields |= {"year": str(self.year), "doi": self.doi}
        fields |= {"eprint": self.eprint, "archiveprefix": "arXiv"} if self.eprint else {}
        lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
        return "\n".join([f"@{'article' if self.where else 'misc'}{{{self.key},", *lines, "}"])


REFERENCES: dict[str, Reference] = {
    "paper 000": Reference(
        "imry1999",
        ("Y. Imry", "H. Fukuyama", "P. Schwab"),
        "Low-temperature dephasing in disordered conductors: the effect of '1/f' fluctuations",
        "Europhys. Lett. 47 608",
        1999,
    ),
    "paper 001": Reference(
        "afonin2002",
        ("V. V. Afonin", "J. Bergli", "Y. M. Galperin", "V. L. Gurevich", "V. I. Kozub"),
        "Possible weak temperature dependence of electron dephasing",
        "Phys. Rev. B 66 165326",
        2002,
        "10.1103/PhysRevB.66.165326",
        "cond-mat/0205438",
    ),
    "paper 002": Reference(
        "prokofev1995",
        ("N. V. Prokof'ev", "P. C. E. Stamp"),
        "Quantum coherence in magnetic grains",
        "",
        1995,
        eprint="cond-mat/9511015",
    ),
    "paper 003": Reference(
        "burin1996",
        ("A. L. Burin", "Y. Kagan"),
        "Nature of the universal properties of amorphous solids",
        "JETP 82 159",
        1996,
    ),
    "paper 004": Reference(
        "aleiner2001",
        ("I. L. Aleiner", "B. L. Altshuler", "Y. M. Galperin"),
        "Experimental tests for the relevance of two-level systems for electron dephasing",
        "Phys. Rev. B 63 201401",
        2001,
    ),
    "Altshuler, Aronov, Khmelnitsky (1982)": Reference(
        "altshuler1982",
        ("B. L. Altshuler", "A. G. Aronov", "D. E. Khmelnitsky"),
        "Effects of electron-electron collisions with small energy transfers on quantum localisation",
        "J. Phys. C 15 7367",
        1982,
    ),
    "Altshuler, Aronov (1981)": Reference(
        "altshuler1981",
        ("B. L. Altshuler", "A. G. Aronov"),
        "Magnetoresistance of thin films and of wires in a longitudinal magnetic field",
        "JETP Lett. 33 499",
        1981,
    ),
    "Hikami, Larkin, Nagaoka (1980)": Reference(
        "hikami1980",
        ("S. Hikami", "A. I. Larkin", "Y. Nagaoka"),
        "Spin-orbit interaction and magnetoresistance in the two dimensional random system",
        "Prog. Theor. Phys. 63 707",
        1980,
    ),
    "Schmid (1974)": Reference(
        "schmid1974", ("A. Schmid",), "On the dynamics of electrons in an impure metal", "Z. Phys. 271 251", 1974
    ),
    "Nagaoka (1965)": Reference(
        "nagaoka1965",
        ("Y. Nagaoka",),
        "Self-consistent treatment of {Kondo}'s effect in dilute alloys",
        "Phys. Rev. 138 A1112",
        1965,
    ),
    "Suhl (1965)": Reference(
        "suhl1965", ("H. Suhl",), "Dispersion theory of the {Kondo} effect", "Phys. Rev. 138 A515", 1965
    ),
    "Hamann (1967)": Reference(
        "hamann1967",
        ("D. R. Hamann",),
        "New solution for exchange scattering in dilute alloys",
        "Phys. Rev. 158 570",
        1967,
    ),
    "Schotte, Schotte (1975)": Reference(
        "schotte1975",
        ("K. D. Schotte", "U. Schotte"),
        "Interpretation of {Kondo} experiments in a magnetic field",
        "Phys. Lett. A 55 38",
        1975,
    ),
    "Pippard (1955)": Reference(
        "pippard1955", ("A. B. Pippard",), "Ultrasonic attenuation in metals", "Phil. Mag. 46 1104", 1955
    ),
}
# Where the formulas of the distributions of two-level systems stand.
LEVELS = {
    "tunnelling_states": "paper 001, eq. (37)",
    "glass": "paper 001, eq. (36)",
    "gaussian_barrier": "paper 001, eq. (54)",
    "clusters": "paper 001, eq. (37); paper 003, eqs. (2.15), (4.6), (6.23), (7.4)",
}


def names_in(source: str) -> list[str]:
    """The names of the references in a source."""
    return list(_parsed([source]))


def joined(sources: Iterable[str]) -> str:
    """Several sources as one: each reference once, with all equations that any of them names."""
    found = _parsed(sources)
    return "; ".join(f"{name}, {_listed(each)}" if each else name for name, each in found.items())


def _listed(equations: list[str]) -> str:
    text = ", ".join(sorted(equations, key=_order))
    return text if not text.startswith("(") else f"{'eqs.' if text.count('(') > 1 else 'eq.'} {text}"


def _order(equation: str) -> tuple[bool, list[int]]:
    """By their numbers, and last what has none of its own."""
    return not equation.startswith("("), [int(number) for number in re.findall(r"\d+", equation)[:2]]


def _parsed(sources: Iterable[str]) -> dict[str, list[str]]:
    """The equations of each reference, in the order in which they are named."""
    found: dict[str, list[str]] = {}
    for part in (part for source in sources for part in source.split("; ") if part):
        named = _EQUATIONS.fullmatch(part)
        equations = found.setdefault(named["name"] if named else part, [])
        equations += [each for each in (named["equations"].split(", ") if named else ()) if each not in equations]
    return found
