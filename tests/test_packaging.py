"""What is installed: the wheel with its data, the lock, the make targets, one version number everywhere."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tomllib
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import eventstudy

if TYPE_CHECKING:
    from eventstudy.objects.results import StudyResult

ROOT = Path(__file__).resolve().parents[1]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
PACKED = [
    *(f"eventstudy/report/{name}" for name in ("page.html", "style.css", "script.js")),
    *(f"eventstudy/serve/{name}" for name in ("serve.css", "serve.js")),
    "eventstudy/py.typed",
    *(f"eventstudy/_data/deepseek/{name}" for name in ("study.yaml", "claims.yaml", "prices.csv", "datapackage.json")),
]


def run(*command: str | Path, cwd: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a command away from this checkout's imports; its output is shown if it fails."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "PIP_", "COV_"))} | variables
    done = subprocess.run([*map(str, command)], cwd=cwd, env=clean, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}: {done.stdout[-2000:]}\n{done.stderr[-2000:]}"
    return done


# ------------------------------------------------------------------------------------------------------------- wheel
@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout, built from its source archive, so that both have to be complete."""
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, ROOT, cwd=folder)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An otherwise empty environment that holds the wheel; the packages it needs are lent by this one."""
    home = tmp_path_factory.mktemp("environment")
    run(sys.executable, "-m", "venv", "--without-pip", home, cwd=home)
    paths = {"base": str(home), "platbase": str(home)}
    site = Path(sysconfig.get_path("purelib", "venv", vars=paths))
    # A plain path line lends the packages without running their own .pth files: the checkout is not importable.
    (site / "lent.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    scripts = Path(sysconfig.get_path("scripts", "venv", vars=paths))
    python = scripts / Path(sys.executable).name
    pip = (sys.executable, "-m", "pip", "--python", python, "--disable-pip-version-check")
    run(*pip, "install", "--quiet", "--no-deps", "--no-index", "--ignore-installed", wheel, cwd=home)
    return scripts


def test_the_wheel_holds_data_and_page(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert not [name for name in PACKED if name not in names]
    assert not [name for name in names if name.startswith(("tests/", "data/", "benchmarks/")) or name.endswith(".pyc")]


def test_the_wheel_holds_every_module_and_data_file(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    modules = {p.relative_to(ROOT).as_posix() for p in (ROOT / "eventstudy").rglob("*.py")}
    data = {"eventstudy/_" + p.relative_to(ROOT).as_posix() for p in (ROOT / "data").rglob("*") if p.is_file()}
    assert not (modules | data) - names


def test_the_installed_wheel_runs_the_study_anywhere(
    installed: Path, tmp_path: Path, deepseek_result: StudyResult
) -> None:
    code = "import eventstudy; print(eventstudy.__file__, eventstudy.__version__)"
    where = run(installed / "python", "-c", code, cwd=tmp_path).stdout.split()
    assert Path(where[0]).is_relative_to(installed.parent), f"{where[0]} is not the installed wheel"
    assert where[1] == eventstudy.__version__
    run(installed / "eventstudy", "run", "deepseek", cwd=tmp_path)
    folder = tmp_path / "reports" / "deepseek"
    assert "<html" in (folder / "index.html").read_text(encoding="utf-8")
    same = (folder / "results.json").read_text(encoding="utf-8") == deepseek_result.to_json()
    assert same, "the installed wheel and this checkout differ in their results.json"
    for name in ("chip-results", "nvidia-2024", "tariffs-2025"):  # which read the prices of the first
        run(installed / "eventstudy", "run", name, "--strict", "--formats", "json", cwd=tmp_path)


# ---------------------------------------------------------------------------------------------------------- versions
def test_one_version_number() -> None:
    version = PYPROJECT["project"]["version"]
    assert eventstudy.__version__ == version
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert re.findall(r"^version: (\S+)$", citation, re.MULTILINE) == [version]
    assert f"## {version}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8").replace("[", "").replace("]", "")


def test_the_citation_file_has_what_the_format_requires() -> None:
    import yaml

    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert {"cff-version", "message", "title", "authors"} <= set(citation)
    assert citation["license"] == PYPROJECT["project"]["license"]


# -------------------------------------------------------------------------------------------------------------- lock
def pins() -> dict[str, list[Requirement]]:
    """Normalized name -> its pins in the lock (one for each marker)."""
    found: dict[str, list[Requirement]] = {}
    for line in re.findall(r"^([A-Za-z0-9].*?)\s*\\$", LOCK, re.MULTILINE):
        requirement = Requirement(line)
        found.setdefault(canonicalize_name(requirement.name), []).append(requirement)
    return found


def wanted() -> list[Requirement]:
    groups = (
        PYPROJECT["project"]["dependencies"],
        PYPROJECT["dependency-groups"]["dev"],
        PYPROJECT["dependency-groups"]["docs"],
        PYPROJECT["build-system"]["requires"],
    )
    return [Requirement(text) for group in groups for text in group]


@pytest.mark.parametrize("requirement", wanted(), ids=str)
def test_the_lock_satisfies_pyproject(requirement: Requirement) -> None:
    found = pins().get(canonicalize_name(requirement.name), [])
    assert found, f"{requirement.name} is not in requirements.lock; run make lock"
    for pin in found:
        (specifier,) = pin.specifier
        assert specifier.operator == "=="
        assert requirement.specifier.contains(specifier.version, prereleases=True), f"{pin}: run make lock"


def test_the_lock_is_hashed_and_names_no_address() -> None:
    assert not re.search(r"https?:|file:|^\s*-(?!-hash)", LOCK, re.MULTILINE)
    blocks = re.split(r"^(?=[A-Za-z0-9])", LOCK, flags=re.MULTILINE)[1:]
    assert len(blocks) == sum(map(len, pins().values())) > 50
    assert all(re.search(r"--hash=sha256:[0-9a-f]{64}", block) for block in blocks)


@pytest.mark.parametrize("platform", ["linux", "darwin", "win32"])
@pytest.mark.parametrize("version", ["3.11", "3.12", "3.13", "3.14"])
def test_one_pin_a_package_on_every_platform(platform: str, version: str) -> None:
    here = {"sys_platform": platform, "python_version": version, "python_full_version": version + ".9"}
    where = {**default_environment(), **here, "os_name": "nt" if platform == "win32" else "posix"}
    for name, found in pins().items():
        active = [pin for pin in found if pin.marker is None or pin.marker.evaluate(where)]
        assert len(active) <= 1, f"{name} is pinned {len(active)} times on {platform} {version}"
    numpy = [pin for pin in pins()["numpy"] if pin.marker is None or pin.marker.evaluate(where)]
    assert len(numpy) == 1


# -------------------------------------------------------------------------------------------------------------- make
MAKE = shutil.which("make") or ""
needs_make = pytest.mark.skipif(not MAKE, reason="no make on this machine")


@needs_make
def test_make_alone_lists_every_target() -> None:
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = re.findall(r"^\.PHONY: (.*)$", text, re.MULTILINE)[0].split()
    shown = run(MAKE, "-s", cwd=ROOT).stdout
    assert set(re.findall(r"^  make ([a-z-]+) +\S", shown, re.MULTILINE)) == set(targets)
    assert {"help", "report", "test", "test-all", "check", "notebooks", "bench", "clean"} <= set(targets)


@needs_make
@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("raise SystemExit('version_info' in sys.argv[2])", "Python 3.11 or later is needed"),
        ("raise SystemExit('ensurepip' in sys.argv[2])", "install the system package python3-venv"),
    ],
)
@pytest.mark.skipif(os.name == "nt", reason="a script with a shebang")
def test_make_says_what_python_lacks(code: str, says: str, tmp_path: Path) -> None:
    """A stand-in for python that fails one of the two questions asked of it."""
    fake = tmp_path / "python"
    fake.write_text(f"#!{sys.executable}\nimport sys\n{code}\n", encoding="utf-8")
    fake.chmod(0o755)
    done = subprocess.run(
        [MAKE, "env", f"PYTHON={fake}", f"VENV={tmp_path / 'venv'}"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode != 0
    assert says in done.stdout
    assert not (tmp_path / "venv").exists()


def test_ci_runs_the_commands_of_the_makefile() -> None:
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    commands = re.findall(r"^(?:\w+=\S+ )*(make [a-z-]+)", script.read_text("utf-8"), re.MULTILINE)
    assert commands == ["make env", "make test", "make check", "make docs", "make report", "make calibrate"]
    assert "\nEVENTSTUDY_REQUIRE_BROWSER=1 EVENTSTUDY_REQUIRE_AXE=1 make test\n" in script.read_text("utf-8")
    run("bash", "-n", script, cwd=ROOT)


@pytest.mark.parametrize(
    ("beside", "warned"), [("eventstudy-0.2.dist-info", True), ("eventstudy_claims-0.1.0.dist-info", False)]
)
def test_another_package_in_the_same_folder_is_said(tmp_path: Path, beside: str, warned: bool) -> None:
    (tmp_path / "eventstudy").mkdir()
    shutil.copy(Path(eventstudy.__file__), tmp_path / "eventstudy")
    (tmp_path / beside).mkdir()
    command = [sys.executable, "-c", "import eventstudy"]
    done = subprocess.run(command, cwd=tmp_path, env={**os.environ, "PYTHONPATH": ""}, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert ("pip uninstall eventstudy eventstudy-claims" in done.stderr) is warned
