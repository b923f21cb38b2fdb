"""A private, real Slurm on this machine: several virtual nodes on 127.0.0.1, no systemd, no cgroups.

Its ports are free ones, everything else of it lies below one folder, and `stop` ends every daemon that `start` began.
It needs root and Debian's packages (Slurm 22.05), which `install` fetches if they are not there.
"""

import os
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

PACKAGES = ("slurm-wlm", "slurmdbd", "munge", "mariadb-server")
CONTROLLER = """\
ClusterName=lab
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={controller}
SlurmUser=root
SlurmdUser=root
SlurmdParameters=config_overrides
AuthType=auth/munge
AuthInfo=socket={root}/munge/sock,cred_expire=15
CredType=cred/munge
StateSaveLocation={root}/state
SlurmdSpoolDir={root}/spool/%n
SlurmctldPidFile={root}/run/slurmctld.pid
SlurmdPidFile={root}/run/slurmd.%n.pid
SlurmctldLogFile={root}/log/slurmctld.log
SlurmdLogFile={root}/log/slurmd.%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
SwitchType=switch/none
ReturnToService=2
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
SchedulerParameters=sched_interval=2,batch_sched_delay=0
SlurmdTimeout=20
MessageTimeout=5
InactiveLimit=0
KillWait=2
MinJobAge=7200
OverTimeLimit=0
DefMemPerCPU=500
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherFrequency=task=1
JobAcctGatherParams=OverMemoryKill
"""
DATABASE = """\
AuthType=auth/munge
AuthInfo=socket={root}/munge/sock
DbdHost=localhost
DbdPort={accounting}
SlurmUser=root
LogFile={root}/log/slurmdbd.log
PidFile={root}/run/slurmdbd.pid
StorageType=accounting_storage/mysql
StorageHost=127.0.0.1
StoragePort={database}
StorageUser=slurm
StoragePass=slurm
StorageLoc=slurm_acct
"""


def missing() -> list[str]:
    """The packages of Slurm, unless all of it is there."""
    there = all(shutil.which(each) for each in ("slurmctld", "slurmd", "slurmdbd", "munged", "mariadbd"))
    return [] if there else list(PACKAGES)


class Lab:
    """The private Slurm below the folder `root`, with or without accounting. `environment` is what a user of it has:
    SLURM_CONF, and before the others an `srun` that keeps it, as docs/how-to-cluster.md shows."""

    def __init__(self, root: Path, accounting: bool = False, nodes: int = 3, cpus: int = 2, memory: int = 6000):
        self.root, self.accounting, self.nodes = root, accounting, nodes
        self.names = [f"n{number + 1}" for number in range(nodes)]
        self.cpus, self.memory = cpus, memory
        self._children: dict[str, subprocess.Popen] = {}
        self.configuration = root / "etc" / "slurm.conf"
        paths = f"{root / 'bin'}{os.pathsep}{os.environ['PATH']}"
        self.environment = os.environ | {"SLURM_CONF": str(self.configuration), "PATH": paths}

    def start(self) -> None:
        """Start everything and wait until all nodes are idle; on failure everything is stopped again."""
        for name in ("etc", "run", "log", "state", "spool", "munge", "mysql", "bin"):
            (self.root / name).mkdir(parents=True)
        # The database runs as a user of its own, which must reach its folder.
        for folder in (self.root, *self.root.parents):
            if folder.stat().st_uid == os.getuid() and folder != Path("/"):
                folder.chmod(folder.stat().st_mode | 0o111)
        try:
            self._munge()
            settings = self._settings()
            if self.accounting:
                self._database(settings)
            self._write(settings)
            if self.accounting:
                self._daemon("slurmdbd")
                self.wait(lambda: self.ask("sacctmgr", "-n", "show", "cluster", check=False) is not None, "slurmdbd")
                self.ask("sacctmgr", "-iQ", "add", "cluster", "lab", check=False)
                self.ask("sacctmgr", "-iQ", "add", "account", "lab", "Description=lab", "Organization=lab")
                self.ask("sacctmgr", "-iQ", "add", "user", "root", "Account=lab", "DefaultAccount=lab", check=False)
            self.start_controller()
            for name in self.names:
                self.start_node(name)
            self.wait(lambda: list(self.states().values()) == ["idle"] * self.nodes, "all nodes to be idle")
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End all jobs, every daemon that was started, and whatever else works with this Slurm."""
        if "slurmctld" in self._running():
            subprocess.run(["scancel", "--full", "-u", "root"], env=self.environment, capture_output=True, timeout=30)
            deadline = time.monotonic() + 8
            while self.jobs() and time.monotonic() < deadline:
                time.sleep(0.2)
        found = self._running()
        order = sorted(found, key=lambda name: (not name.startswith("slurmd."), name != "slurmctld", name == "munged"))
        for name in order:
            self.kill(name, signal.SIGTERM)
        for process in self._users():
            os.kill(process, signal.SIGKILL)

    def start_controller(self) -> None:
        self._daemon("slurmctld")

    def start_node(self, name: str) -> None:
        self._daemon("slurmd", "-N", name)

    def kill(self, daemon: str, how: int = signal.SIGKILL) -> None:
        """End a daemon, `slurmctld` or `slurmd.<node>`, and wait until it is gone."""
        process = self._running().get(daemon)
        for each in (how, signal.SIGKILL):
            if process is None or _ended(process):
                break
            os.kill(process, each)
            patience = time.monotonic() + 10
            while not _ended(process) and time.monotonic() < patience:
                time.sleep(0.05)
        if daemon in self._children:
            self._children.pop(daemon).wait()
        (self.root / "run" / f"{daemon}.pid").unlink(missing_ok=True)

    def ask(self, *command: str, check: bool = True) -> str | None:
        """What a Slurm command prints; None if it failed and that is no error."""
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True, timeout=60)
        if done.returncode:
            if check:
                raise RuntimeError(f"{' '.join(command)}: {done.stderr or done.stdout}")
            return None
        return done.stdout

    def states(self) -> dict[str, str]:
        """The state of each node, in sinfo's words."""
        lines = (self.ask("sinfo", "-h", "-N", "-o", "%N %t", check=False) or "").split("\n")
        return dict(line.split() for line in lines if line)

    def jobs(self, *states: str) -> list[dict[str, str]]:
        """The jobs that are queued or run, or those in the given states (`all` for every one that Slurm knows)."""
        names = ("id", "name", "state", "node", "limit", "memory", "cpus")
        chosen = ["-t", ",".join(states)] if states else []
        lines = (self.ask("squeue", "-h", "-o", "%i|%j|%T|%N|%l|%m|%C", *chosen, check=False) or "").split("\n")
        return [dict(zip(names, line.split("|"), strict=True)) for line in lines if line]

    @staticmethod
    def wait(until, what: str, seconds: float = 60) -> None:
        deadline = time.monotonic() + seconds
        while not until():
            if time.monotonic() > deadline:
                raise TimeoutError(f"waited {seconds:g} s for {what}")
            time.sleep(0.1)

    def _settings(self) -> dict:
        names = ["controller", "accounting", "database", *self.names]
        return {"root": self.root, "host": socket.gethostname().split(".")[0]} | dict(
            zip(names, free_ports(len(names)), strict=True)
        )

    def _write(self, settings: dict) -> None:
        lines = [CONTROLLER.format(**settings)]
        if self.accounting:
            lines.append("AccountingStorageType=accounting_storage/slurmdbd\nAccountingStorageHost=localhost")
            lines.append(
                f"AccountingStoragePass={self.root}/munge/sock\nAccountingStoragePort={settings['accounting']}"
            )
        else:
            lines.append("AccountingStorageType=accounting_storage/none")
        lines += [
            f"NodeName={name} NodeHostname={settings['host']} NodeAddr=127.0.0.1 Port={settings[name]} "
            f"CPUs={self.cpus} RealMemory={self.memory} State=UNKNOWN"
            for name in self.names
        ]
        lines.append(f"PartitionName=main Nodes={','.join(self.names)} Default=YES MaxTime=1-00:00:00 State=UP")
        self.configuration.write_text("\n".join(lines) + "\n")
        (self.root / "etc" / "cgroup.conf").write_text("CgroupAutomount=no\n")
        srun = self.root / "bin" / "srun"
        srun.write_text(f'#!/bin/sh\nexport SLURM_CONF={self.configuration}\nexec {shutil.which("srun")} "$@"\n')
        srun.chmod(0o755)

    def _munge(self) -> None:
        folder = self.root / "munge"
        (folder / "key").write_bytes(os.urandom(1024))
        (folder / "key").chmod(0o400)
        folder.chmod(0o755)
        self._daemon(
            *("munged", "--force", f"--key-file={folder}/key", f"--socket={folder}/sock", "--num-threads=2"),
            *(f"--pid-file={self.root}/run/munged.pid", f"--log-file={self.root}/log/munged.log"),
            f"--seed-file={folder}/seed",
        )

    def _database(self, settings: dict) -> None:
        folder, log = self.root / "mysql", self.root / "log" / "mysql.log"
        shutil.chown(folder, "mysql", "mysql")
        with log.open("w") as output:
            command = ["mariadb-install-db", "--no-defaults", "--user=mysql", f"--datadir={folder}", "--skip-test-db"]
            subprocess.run(command, stdout=output, stderr=output, check=True)
            command = ["mariadbd", "--no-defaults", "--user=mysql", f"--datadir={folder}", f"--socket={folder}/sock"]
            command += ["--bind-address=127.0.0.1", f"--port={settings['database']}", f"--pid-file={folder}/pid"]
            command += ["--innodb-buffer-pool-size=64M", "--innodb-lock-wait-timeout=900"]
            process = subprocess.Popen(command, stdout=output, stderr=output, start_new_session=True)
        self._children["mariadbd"] = process
        (self.root / "run" / "mariadbd.pid").write_text(str(process.pid))
        client = ["--no-defaults", "-S", f"{folder}/sock"]
        self.wait(lambda: self.ask("mariadb-admin", *client, "ping", check=False) is not None, "the database")
        users = "create database slurm_acct;"
        for host in ("127.0.0.1", "localhost"):
            users += f"create user slurm@'{host}' identified by 'slurm'; grant all on slurm_acct.* to slurm@'{host}';"
        self.ask("mariadb", *client, "-e", users)
        configuration = self.root / "etc" / "slurmdbd.conf"
        configuration.write_text(DATABASE.format(**settings))
        configuration.chmod(0o600)

    def _daemon(self, *command: str) -> None:
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True, timeout=60)
        if done.returncode:
            raise RuntimeError(f"{' '.join(command)}: {done.stderr or done.stdout}")

    def processes_of_job(self, job: str) -> list[int]:
        """The processes of a job of this Slurm, with the daemons of Slurm that stand over them."""
        own = self._users(f"SLURM_JOB_ID={job}")
        over = {int(Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[1]) for process in own}
        steps = [each for each in over if f"slurmstepd: [{job}." in Path(f"/proc/{each}/cmdline").read_text()]
        return steps + own

    def _users(self, *also: str) -> list[int]:
        """The processes that were told of this Slurm: its daemons, steps of jobs, and what these started; of them those
        whose environment has these entries, too."""
        wanted = {entry.encode() for entry in (f"SLURM_CONF={self.configuration}", *also)}
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                told = wanted <= set((folder / "environ").read_bytes().split(b"\0"))
            except OSError:
                continue
            if told and not _ended(int(folder.name)):
                found.append(int(folder.name))
        return found

    def _running(self) -> dict[str, int]:
        """The daemons with their process ids."""
        found = {}
        for file in (self.root / "run").glob("*.pid"):
            text = file.read_text().strip()
            if text.isdigit() and not _ended(int(text)):
                found[file.stem] = int(text)
        return found


def _ended(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def free_ports(number: int) -> list[int]:
    """Ports of 127.0.0.1 that nobody listens on now."""
    sockets = [socket.socket() for _ in range(number)]
    try:
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]
    finally:
        for each in sockets:
            each.close()
