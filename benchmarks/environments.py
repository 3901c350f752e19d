"""An environment of its own for every rival, outside the checkout, made once by ``pip install``."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

PACKAGES = {
    "statsmodels": "statsmodels numpy",
    "eventstudy": "eventstudy==0.1a12",
    "linearmodels": "linearmodels",
    "pyfixest": "pyfixest",
    "polars": "polars numpy",
    "duckdb": "duckdb numpy pandas",
}
PATIENCE = 900  # seconds that pip may take


def home() -> Path:
    """Folder of the environments; EVENTSTUDY_BENCH names another one."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(os.environ.get("EVENTSTUDY_BENCH") or Path(base) / "eventstudy-bench")


def python(name: str) -> Path | str:
    """The interpreter of environment `name`, made if need be; '' is this one. A str says why there is none."""
    if not name:
        return Path(sys.executable)
    if name == "R":
        found = shutil.which("Rscript")
        return Path(found) if found else "R is not installed"
    folder = home() / name
    binary = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    stamp = folder / "installed.txt"
    if stamp.is_file() and stamp.read_text() == PACKAGES[name] and binary.exists():
        return binary
    print(f"installing {PACKAGES[name]} into {folder}", file=sys.stderr)
    install = [binary, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *PACKAGES[name].split()]
    try:
        subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True, capture_output=True, text=True)
        subprocess.run(install, check=True, capture_output=True, text=True, timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        return f"pip took longer than {PATIENCE} s"
    except subprocess.CalledProcessError as error:
        lines = [line for line in error.stderr.splitlines() if line.startswith("ERROR")] or ["pip failed"]
        return f"could not be installed: {lines[-1].removeprefix('ERROR: ')}"
    stamp.write_text(PACKAGES[name])
    return binary


def versions(name: str, binary: Path) -> str:
    """Versions of what the environment was made for."""
    if name == "R":
        done = subprocess.run([binary, "-e", "cat(R.version.string)"], capture_output=True, text=True)
        return done.stdout.strip().split(" (")[0].replace("version ", "")
    names = [word.split("==")[0] for word in PACKAGES[name].split()]
    code = (
        "import sys; from importlib.metadata import version as v; print(', '.join(f'{n} {v(n)}' for n in sys.argv[1:]))"
    )
    done = subprocess.run([binary, "-c", code, *names], capture_output=True, text=True)
    return done.stdout.strip()
