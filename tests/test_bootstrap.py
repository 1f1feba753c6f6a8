"""The first start: what counts as ready, what a killed or failed one leaves, and what the person is told.

The starts here are real processes on a copy of the bootstrap. Only the download is not: a small `uv` of our own stands
on the PATH, which makes a real empty environment and "installs" empty modules.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
import tomllib
from pathlib import Path

import pytest

import bootstrap
import bootstrap_install

PROJECT = Path(__file__).resolve().parents[1]
LOCKS = ("requirements.lock", "requirements-dev.lock")

FAKE_UV = """#!{python}
import os, pathlib, subprocess, sys, time
root = pathlib.Path({root!r})
with open(root / "uv.calls", "a") as calls:
    calls.write(sys.argv[1] + "\\n")
if sys.argv[1] == "venv":
    subprocess.run([sys.argv[3], "-m", "venv", "--without-pip", sys.argv[4]], check=True)
else:
    says = root / "uv.says"
    if says.exists():
        sys.exit(says.read_text())
    (root / "installing").touch()
    while (root / "uv.hangs").exists():
        time.sleep(0.01)
    site = next(pathlib.Path(sys.argv[4]).parents[1].glob("lib/python*/site-packages"))
    for name in {modules!r}:
        (site / (name + ".py")).touch()
print("Installed 1 packages in 1ms", file=sys.stderr)
"""
RUN = """
import sys, bootstrap
bootstrap.ensure(dev=sys.argv[1:2] == ["test"])
print("inside", sys.prefix, sys.argv[1:], flush=True)
if "wait" in sys.argv:
    import time; time.sleep(30)
sys.exit(7)
"""


class Checkout:
    """A copy of the bootstrap with short locks, and the fake uv as the only one on the PATH."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "checkout"
        self.tools = folder / "tools"
        self.folder.mkdir()
        self.tools.mkdir()
        for name in ("bootstrap.py", "bootstrap_install.py"):
            shutil.copy(PROJECT / name, self.folder)
        for name in LOCKS:
            (self.folder / name).write_text(f"# {name}\nthing==1.0 \\\n    --hash=sha256:00\n")
        (self.folder / "run.py").write_text(RUN)
        modules = [name for name in bootstrap_install.COMPILED.split(", ") if name not in {"sqlite3", "ssl"}]
        uv = self.tools / "uv"
        uv.write_text(FAKE_UV.format(python=sys.executable, root=str(folder), modules=modules))
        uv.chmod(0o755)
        self.root = folder
        self.venv = self.folder / ".venv"

    def start(self, *arguments: str, **more: str) -> subprocess.Popen[str]:
        """Start run.py outside any environment, with an empty home folder."""
        environment = {"PATH": f"{self.tools}:/usr/bin:/bin", "HOME": str(self.root), **more}
        python = os.path.realpath(sys.executable)
        return subprocess.Popen(
            [python, "run.py", *arguments], cwd=self.folder, env=environment, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip

    def run(self, *arguments: str, **more: str) -> tuple[int, str]:
        """Run to the end; return exit code and everything printed."""
        with self.start(*arguments, **more) as process:
            output, _ = process.communicate(timeout=60)
        return process.returncode, output

    def calls(self) -> list[str]:
        """Return what uv was asked to do so far: `venv`, `pip`."""
        file = self.root / "uv.calls"
        return file.read_text().split() if file.exists() else []

    def wait_until_installing(self) -> None:
        deadline = time.monotonic() + 30
        while not (self.root / "installing").exists():
            assert time.monotonic() < deadline
            time.sleep(0.01)


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path)


def test_first_start_makes_the_environment_and_runs_the_same_command_line_inside(checkout):
    code, output = checkout.run("serve", "--port", "0")
    assert code == 7, output
    assert f"inside {checkout.venv} ['serve', '--port', '0']" in output
    assert ["Step 1 of 3" in output, "Step 2 of 3" in output, "Step 3 of 3" in output] == [True] * 3


def test_warm_start_is_silent_and_installs_nothing(checkout):
    checkout.run()
    code, output = checkout.run("x")
    assert (code, output) == (7, f"inside {checkout.venv} ['x']\n")
    assert checkout.calls() == ["venv", "pip"]


def test_where_no_bytecode_may_lie_beside_the_sources_it_is_kept_in_the_environment(checkout):
    checkout.run(PYTHONDONTWRITEBYTECODE="1")
    kept = (checkout.venv / bootstrap.BYTECODE_NAME).rglob("bootstrap.*.pyc")
    assert len(list(kept)) == 1
    assert not (checkout.folder / "__pycache__").exists()


def test_a_changed_lock_updates_in_place(checkout):
    checkout.run()
    with (checkout.folder / "requirements.lock").open("a") as lock:
        lock.write("another==2.0 \\\n    --hash=sha256:00\n")
    code, output = checkout.run()
    assert code == 7
    assert "updating" in output
    assert checkout.calls() == ["venv", "pip", "pip"]


def test_the_suite_adds_its_packages_and_the_product_then_keeps_them(checkout):
    checkout.run()
    checkout.run("test")
    checkout.run()
    assert checkout.calls() == ["venv", "pip", "pip"]
    with (checkout.folder / "requirements.lock").open("a") as lock:
        lock.write("another==2.0 \\\n    --hash=sha256:00\n")
    checkout.run()
    assert "dev=" in (checkout.venv / bootstrap.STAMP_NAME).read_text()


def test_a_killed_first_start_is_made_anew(checkout):
    (checkout.root / "uv.hangs").touch()
    with checkout.start() as first:
        checkout.wait_until_installing()
        first.kill()
        (checkout.root / "uv.hangs").unlink()
    (checkout.venv / "half-written").touch()
    code, output = checkout.run()
    assert code == 7, output
    assert "starting over" in output
    assert not (checkout.venv / "half-written").exists()


def test_killed_before_the_environment_had_its_settings_file(checkout):
    (checkout.venv / "bin").mkdir(parents=True)
    assert checkout.run()[0] == 7


def test_a_folder_that_is_no_environment_is_left_alone(checkout):
    checkout.venv.mkdir()
    (checkout.venv / "letters.txt").write_text("mine")
    code, output = checkout.run()
    assert code == 1
    assert "is in the way" in output
    assert (checkout.venv / "letters.txt").exists()


def test_the_second_of_two_first_starts_waits_and_installs_nothing(checkout):
    (checkout.root / "uv.hangs").touch()
    with checkout.start("a") as first:
        checkout.wait_until_installing()
        with checkout.start("b") as second:
            assert second.stdout is not None
            assert second.stdout.readline() == "Another start is making the environment; waiting for it.\n"
            (checkout.root / "uv.hangs").unlink()
            first.communicate(timeout=60)
            output, _ = second.communicate(timeout=60)
    assert (first.returncode, second.returncode) == (7, 7)
    assert output == f"inside {checkout.venv} ['b']\n"
    assert checkout.calls() == ["venv", "pip"]


def test_signals_reach_the_program_inside(checkout):
    checkout.run()
    with checkout.start("wait") as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("inside")
        process.terminate()
        assert process.wait(10) == -signal.SIGTERM


def test_an_interpreter_that_went_away_is_replaced(checkout):
    checkout.run()
    python = checkout.venv / "bin" / "python"
    python.unlink()
    python.symlink_to("/nowhere/python3.9")
    code, output = checkout.run()
    assert code == 7, output


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("error: dns error: failed to lookup address", "Check this machine's network"),
        ("Hash mismatch for `thing==1.0`", "is not the one named in requirements.lock"),
        ("No space left on device", "The disk is full"),
        ("something new\nunheard of", "unheard of"),
    ],
)
def test_a_failed_install_says_why_and_where_the_full_output_is(checkout, monkeypatch, capsys, said, told):
    (checkout.root / "uv.says").write_text(said)
    monkeypatch.setattr(bootstrap, "PROJECT", checkout.folder)
    monkeypatch.setattr(bootstrap_install, "PROJECT", checkout.folder)
    monkeypatch.setattr(bootstrap_install, "installers", lambda: [str(checkout.tools / "uv")])
    with pytest.raises(bootstrap_install.BootstrapError) as error:
        bootstrap_install.make(checkout.venv, dev=False)
    assert told in str(error.value)
    log = re.search(r"full output is in (\S+)", str(error.value))
    assert log is not None
    assert said in Path(log[1]).read_text()
    assert not bootstrap.is_ready(checkout.venv, dev=False)


def test_where_uv_cannot_the_next_installer_does(checkout, monkeypatch, capsys):
    monkeypatch.setattr(bootstrap, "PROJECT", checkout.folder)
    monkeypatch.setattr(bootstrap_install, "PROJECT", checkout.folder)
    monkeypatch.setattr(bootstrap_install, "installers", lambda: ["/bin/false", str(checkout.tools / "uv")])
    bootstrap_install.make(checkout.venv, dev=False)
    assert "trying again with pip" in capsys.readouterr().out
    assert bootstrap.is_ready(checkout.venv, dev=False)


def test_without_ensurepip_and_uv_the_missing_package_is_named(monkeypatch):
    monkeypatch.setattr("bootstrap_install.shutil.which", lambda name: None)
    monkeypatch.setattr("bootstrap_install.importlib.util.find_spec", lambda name: None)
    with pytest.raises(bootstrap_install.BootstrapError, match=r"apt-get install python3\.\d+-venv"):
        bootstrap_install.installers()


def test_switched_off_it_touches_nothing(monkeypatch, tmp_path):
    monkeypatch.setenv("EARSHOT_NO_BOOTSTRAP", "1")
    monkeypatch.setenv("EARSHOT_VENV", str(tmp_path / "never"))
    bootstrap.ensure(dev=True)
    assert list(tmp_path.iterdir()) == []


def test_a_foreign_environment_fits_only_with_the_pinned_versions():
    installed = pytest.__version__
    assert bootstrap.has_packages(f"pytest=={installed} \\\n    --hash=sha256:00\n")
    assert not bootstrap.has_packages("pytest==0.1 \\\n    --hash=sha256:00\n")
    assert not bootstrap.has_packages("no-such-thing-anywhere==1.0 \\\n    --hash=sha256:00\n")


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_holds_names_versions_and_hashes_and_no_address(name):
    requirement = re.compile(r"[\w.-]+==[\w.!+]+( ; [\w.'<>=! ]+)? \\")
    digest = re.compile(r"    --hash=sha256:[0-9a-f]{64}( \\)?")
    lines = (PROJECT / name).read_text(encoding="utf-8").splitlines()
    strange = [line for line in lines if not requirement.fullmatch(line) and not digest.fullmatch(line)]
    assert strange == []
    assert len([line for line in lines if "==" in line and "--hash" not in line]) > 80


def test_the_suites_lock_has_everything_of_the_products():
    base, dev = (set(bootstrap.pinned((PROJECT / name).read_text(encoding="utf-8"))) for name in LOCKS)
    assert base < dev


def test_requirements_and_project_file_name_the_same_packages():
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))
    lines = (PROJECT / "requirements.in").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if line and not line.startswith("#")] == project["project"]["dependencies"]
