"""The state of the surveys for people."""

import time

from survey.phrases import bar, count, duration

STEPS = ("cube", "crossovers", "diagram")


def describe(found: dict, bars: bool) -> str:
    """What `survey.status.status` found, as text; with `bars`, for a terminal."""
    return "\n".join(line for each in found["surveys"] for line in _survey(each, bars))


def _survey(found: dict, bars: bool) -> list[str]:
    lines = [f"{found['survey']}: {found['state']}"]
    for each in found["quantities"]:
        lines += _quantity(each, bars)
    lines += _outputs(found["outputs"])
    for each in found["running"]:
        lines.append(f"  running      {_job(each)}, for {duration(each['seconds'])}{_progress(each)}")
    for each in found["interrupted"]:
        lines.append(f"  interrupted  {_job(each)}: it ended without a word (killed?); a run goes on from there")
    for each in found["failures"]:
        lines += _failure(each)
    return lines


def _quantity(found: dict, bars: bool) -> list[str]:
    part = found["cells_done"] / found["cells"]
    # Not 100 % before the last cell.
    percent = f"{int(1000 * part) / 10:.1f} %"
    line = f"  {found['label']:12} {bar(part) + ' ' if bars else ''}{percent}, {found['cells_done']:,} of "
    line += f"{count(found['cells'], 'cell')}; {found['tiles_done']:,} of {count(found['tiles'], 'tile')}"
    for state in ("running", "failed", "missing"):
        if found[f"tiles_{state}"]:
            line += f", {found[f'tiles_{state}']:,} {state}"
    if found["cells_per_second"]:
        line += f"; {found['cells_per_second']:.2g} cells/s, about {duration(found['seconds_left'])} left"
    return [line, *(f"    blocked: {reason}" for reason in found["blocked"])]


def _outputs(outputs: list[dict]) -> list[str]:
    lines = []
    for word in STEPS:
        own = [each for each in outputs if each["what"] == word]
        good = [each["name"] for each in own if each["state"] == "up to date"]
        if good:
            lines.append(f"  up to date   {word if len(good) == 1 else _plural(word)} {', '.join(good)}")
        for each in own:
            if each["state"] != "up to date":
                # What is in brackets is for `survey why`.
                reason = f": {each['reasons'][0].split(' (')[0]}" if each["state"] == "out of date" else ""
                lines.append(f"  {each['state']:12} {word} {each['name']}{reason}")
    return lines


def _plural(word: str) -> str:
    return word if word.endswith("s") else f"{word}s"


def _job(job: dict) -> str:
    return f"{job['what']} on {job['host']}, process {job['process']}"


def _progress(job: dict) -> str:
    return f", {job['done']:,} of {count(job['cells'], 'cell')}" if job["cells"] else ""


def _failure(failure: dict) -> list[str]:
    when = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(failure["failed"]))
    lines = [
        f"  failed       {failure['what']} on {failure['host']}, {when}",
        f"    {failure['exception']}: {failure['message']}",
        f"    at {failure['line']}",
    ]
    lines += [f"    {note}" for note in failure["notes"]]
    if failure["axes"]:
        lines.append(
            "    tile " + ", ".join(f"{name} {low:g} ... {high:g}" for name, (low, high) in failure["axes"].items())
        )
    if failure["log"]:
        lines.append(f"    log {failure['log']}")
    return lines
