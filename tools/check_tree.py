#!/usr/bin/env python3
"""What every file of the tree has in common: folders that explain themselves, no unfinished business, lines that fit,
scripts that parse, lock files that name no download addresses, and no test that is switched off."""
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
COLUMNS = 240  # code is written to 140; a statement or the row of a test's table may run over, but not without end
CODE = {".h", ".cpp", ".mjs", ".js", ".jsx", ".ts", ".tsx", ".py", ".sh"}
UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
SWITCHED_OFF = re.compile(r"\bDISABLED_|\bGTEST_SKIP\b|\b(test|it|describe)\.(skip|todo|only)\b")
EXEMPT = {"tools/check_tree.py"}  # names what it looks for
SCRIPTS = {"run", "test", ".ci/run"}


def tracked():
    """The files of the tree that git knows or would add."""
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [ROOT / name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]


def check_text(name, text):
    for number, line in enumerate(text.splitlines(), 1):
        if len(line) > COLUMNS:
            yield f"{name}:{number}: {len(line)} columns, {COLUMNS} fit"
        if line != line.rstrip():
            yield f"{name}:{number}: blanks at the end of the line"
        if name not in EXEMPT and (match := UNFINISHED.search(line) or SWITCHED_OFF.search(line)):
            yield f"{name}:{number}: {match.group(0)}"
    if text and not text.endswith("\n"):
        yield f"{name}: the last line has no end"


def main():
    complaints = []
    files = tracked()
    for file in files:
        name = file.relative_to(ROOT).as_posix()
        if file.suffix in CODE or name in SCRIPTS:
            complaints += check_text(name, file.read_text(encoding="utf-8"))
        if file.name == "package-lock.json" and '"resolved"' in file.read_text(encoding="utf-8"):
            complaints.append(f"{name}: names download addresses (npm config omit-lockfile-registry-resolved)")
    for folder in sorted((ROOT / "server").iterdir()):
        if folder.is_dir() and any(folder.iterdir()) and not (folder / "README.md").exists():
            complaints.append(f"server/{folder.name}: has no README.md")

    for file in files:
        name = file.relative_to(ROOT).as_posix()
        if file.suffix == ".sh" or name in SCRIPTS:
            command = ["bash", "-n", str(file)]
        elif file.suffix == ".py":
            command = [sys.executable, "-c", "import ast, sys; ast.parse(open(sys.argv[1]).read(), sys.argv[1])", str(file)]
        else:
            continue
        parsed = subprocess.run(command, capture_output=True, text=True)
        if parsed.returncode:
            complaints.append(f"{name}: {parsed.stderr.strip()}")
    for name in sorted(SCRIPTS):
        if not (ROOT / name).stat().st_mode & 0o100:
            complaints.append(f"{name}: cannot be executed")

    for complaint in complaints:
        print(complaint)
    print(f"{len(complaints)} complaints, {len(files)} files")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
