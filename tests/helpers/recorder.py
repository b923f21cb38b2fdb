"""A recorder of the calls that make a file durable: what was synced to the disk, and what was put in its place."""

import os
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Recorder:
    """The calls in their order: ("fsync", inode, state) and ("place", inode, state, path), where the state of a file
    tells whether it was written to since; that of a folder, which names were in it."""

    calls: list[tuple] = field(default_factory=list)

    def install(self, monkeypatch) -> None:
        fsync = os.fsync

        def synced(descriptor):
            fsync(descriptor)
            found = os.fstat(descriptor)
            self.calls.append(("fsync", found.st_ino, _state(Path(f"/proc/self/fd/{descriptor}").resolve())))

        monkeypatch.setattr(os, "fsync", synced)
        for name in ("replace", "rename", "link"):
            monkeypatch.setattr(os, name, self._placing(getattr(os, name)))

    def _placing(self, call):
        def placed(source, target, **others):
            inode, state = os.stat(source).st_ino, _state(Path(source))
            call(source, target, **others)
            self.calls.append(("place", inode, state, Path(target).resolve()))

        return placed

    def undurable(self, path: Path) -> str:
        """What is wrong with the way in which a file got its place; empty if it was written, synced, put in its place,
        and its folder synced, in this order."""
        path = path.resolve()
        places = [number for number, call in enumerate(self.calls) if call[0] == "place" and call[3] == path]
        if not places:
            return "written in its place"
        inode, state = self.calls[places[-1]][1:3]
        if ("fsync", inode, state) not in self.calls[: places[-1]]:
            return "not synced between the last byte and the new name"
        folders = {call[1]: call[2] for call in self.calls[places[-1] :] if call[0] == "fsync"}
        # A new folder has to be in a folder that is synced, too.
        if path.name not in folders.get(path.parent.stat().st_ino, ()):
            return "its folder was not synced afterwards"
        return ""


def _state(path: Path) -> tuple:
    if path.is_dir():
        return tuple(sorted(os.listdir(path)))
    found = path.stat()
    return found.st_size, found.st_mtime_ns, path.read_bytes()


def possible() -> bool:
    """Whether this system tells the file of a descriptor."""
    return os.path.isdir("/proc/self/fd")
