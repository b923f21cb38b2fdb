"""The state of the surveys for people."""

import time

from survey.words import bar, count, duration, plural

STEPS = ("cube", "crossovers", "finding", "diagram", "page")
# A job that gave no sign of life for so many seconds may be dead.
QUIET = 20.0
# So many jobs of a kind are told one by one.
SHOWN = 10


def describe(found: dict, bars: bool) -> str:
    """What `survey.upkeep.status.status` found, as text; with `bars`, for a terminal."""
    lines = [line for each in found["surveys"] for line in _survey(each, bars)]
    if found["slurm"]:
        pending, at_work = found["slurm"]["pending"], found["slurm"]["running"]
        reasons = ", ".join(f"{reason} {number:,}" for reason, number in pending.items())
        waiting = f"{count(sum(pending.values()), 'job')} pending" + (f" ({reasons})" if reasons else "")
        lines.append(f"Slurm: {waiting}, {at_work:,} running")
    return "\n".join(lines)


def _survey(found: dict, bars: bool) -> list[str]:
    lines = [f"{found['survey']}: {found['state']}"]
    for each in found["quantities"]:
        lines += _quantity(each, bars)
    lines += _outputs(found["outputs"])
    for each in found["runs"]:
        lines.append(f"  run          on {_place(each)}, for {duration(each['seconds'])}{_silence(each)}")
    for name, word, told in (
        ("running", "running", _at_work),
        ("interrupted", "interrupted", _interrupted),
        ("failures", "failed", _failure),
    ):
        lines += [line for each in found[name][:SHOWN] for line in told(each)]
        if len(found[name]) > SHOWN:
            lines.append(f"  {word:12} {len(found[name]) - SHOWN:,} more (--json lists all)")
    return lines


def _quantity(found: dict, bars: bool) -> list[str]:
    part = found["cells_done"] / found["cells"]
    # Not 100 % before the last cell.
    percent = f"{int(1000 * part) / 10:.1f} %"
    line = f"  {found['label']:12} {bar(part) + ' ' if bars else ''}{percent}, {found['cells_done']:,} of "
    line += f"{count(found['cells'], 'cell')}; {found['tiles_done']:,} of {count(found['tiles'], 'tile')}"
    for state in ("running", "queued", "failed", "interrupted", "missing"):
        if found[f"tiles_{state}"]:
            line += f", {found[f'tiles_{state}']:,} {state}"
    if found["cells_per_second"]:
        left = found["seconds_left"]
        line += f"; {found['cells_per_second']:.2g} cells/s, "
        line += f"about {duration(left)} left" if left >= 1 else "about to be done"
    elif found["tiles_running"]:
        line += "; no rate yet"
    elif found["tiles_queued"]:
        line += "; waits, none runs now"
    return [line, *(f"    blocked: {reason}" for reason in found["blocked"])]


def _outputs(outputs: list[dict]) -> list[str]:
    lines = []
    for word in STEPS:
        own = [each for each in outputs if each["what"] == word]
        good = [each["name"] for each in own if each["state"] == "up to date"]
        if good:
            lines.append(f"  up to date   {word if len(good) == 1 else plural(word)} {', '.join(good)}")
        for each in own:
            if each["state"] != "up to date":
                # What is in brackets is for `survey why`.
                reason = f": {each['reasons'][0].split(' (')[0]}" if each["state"] == "out of date" else ""
                lines.append(f"  {each['state']:12} {word} {each['name']}{reason}")
    return lines


def _place(job: dict) -> str:
    return f"{job['host']}, process {job['process']}" + (f", Slurm job {job['slurm_job']}" if job["slurm_job"] else "")


def _silence(job: dict) -> str:
    return f", silent for {duration(job['silent_seconds'])}" if job["silent_seconds"] > QUIET else ""


def _at_work(job: dict) -> list[str]:
    since = f"for {duration(job['seconds'])}{_progress(job)}{_silence(job)}"
    return [f"  running      {job['what']} on {_place(job)}, {since}"]


def _interrupted(job: dict) -> list[str]:
    why = f"Slurm says {job['slurm_state']}" if job["slurm_state"] else "it ended without a word (killed?)"
    then = "the run tries again while attempts are left" if job["queued"] else "no run is alive to try again"
    lines = [f"  interrupted  {job['what']} on {_place(job)}: {why}; {then}"]
    return lines + _where(job)


def _where(job: dict) -> list[str]:
    lines = []
    if job["axes"]:
        ranges = (f"{name} {low:g} ... {high:g}" for name, (low, high) in job["axes"].items())
        lines.append("    tile " + ", ".join(ranges))
    if job["log"]:
        lines.append(f"    log {job['log']}")
    return lines


def _progress(job: dict) -> str:
    return f", {job['done']:,} of {count(job['cells'], 'cell')}" if job["cells"] else ""


def _failure(failure: dict) -> list[str]:
    when = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(failure["failed"]))
    job = f", Slurm job {failure['slurm_job']}" if failure["slurm_job"] else ""
    lines = [
        f"  failed       {failure['what']} on {failure['host']}{job}, {when}",
        f"    {failure['exception']}: {failure['message']}",
        f"    at {failure['line']}",
    ]
    lines += [f"    {note}" for note in failure["notes"]]
    return lines + _where(failure)
