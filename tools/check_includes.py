#!/usr/bin/env python3
"""Who may include whom. Reads the table in CONTRIBUTING.md: a folder of server/ includes itself and folders of lower rows.

Also looks that
- each library stays where its table below has it, and a header that includes one is used inside its own folder only,
- nothing outside server/sign_in/ makes a session (tests may),
- no braces and no lambda stand on a line with co_await: g++ 12.2 destroys such temporaries twice.
"""
import fnmatch
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
SERVER = ROOT / "server"

# library headers (a prefix) -> where they may be included, below server/
LIBRARIES = {
    "boost/asio": ["http/transport/*"],
    "boost/beast": ["http/transport/*"],
    "openssl/": ["crypto/*.cpp", "jose/*", "webauthn/testing.cpp", "http/transport/*", "http/client.cpp"],
    "curl/": ["http/client*.cpp", "messaging/*.cpp", "cli/*.cpp"],
    "sqlite3.h": ["storage/sqlite/*"],
    "libpq-fe.h": ["storage/postgres/*"],
    "argon2.h": ["crypto/*.cpp"],
    "crypt.h": ["crypto/*.cpp"],
    "fido": ["webauthn/*.cpp"],
    "cbor.h": ["webauthn/*.cpp"],
    "liboath/": ["mfa/*.cpp"],
    "qrcodegen": ["mfa/*.cpp"],
    "toml++/": ["config/*.cpp"],
    "CLI/": ["cli/*.cpp", "config/*.cpp"],
    "prometheus/": ["ops/*.cpp"],
}
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
SESSION_INSERT = re.compile(r"INSERT\s+(OR\s+\w+\s+)?INTO\s+sessions\b", re.IGNORECASE)


def rows():
    """-> {folder: row number}, from the lines `| number | folders |` of CONTRIBUTING.md."""
    found = {}
    for line in (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").splitlines():
        match = re.match(r"\|\s*(\d+)\s*\|(.*)\|\s*$", line)
        if match:
            for folder in re.findall(r"`([a-z_]+)`", match.group(2).split(":")[0]):
                found[folder] = int(match.group(1))
    return found


def sources():
    return sorted(file for file in SERVER.rglob("*") if file.suffix in (".h", ".cpp"))


def main():
    row = rows()
    complaints = []
    if len(row) < 10:
        complaints.append("CONTRIBUTING.md: the table of folders was not found")
    includes_library = set()  # headers that do, as they are included: folder/file.h
    for file in sources():
        name = file.relative_to(SERVER).as_posix()
        if file.suffix == ".h" and any(match.group(2).startswith(tuple(LIBRARIES))
                                       for match in map(INCLUDE.match, file.read_text(encoding="utf-8").splitlines()) if match):
            includes_library.add(name)

    for file in sources():
        name = file.relative_to(SERVER).as_posix()
        folder = name.split("/")[0] if "/" in name else None  # None: main.cpp, above all rows
        if folder and folder not in row:
            complaints.append(f"server/{name}: {folder} has no row in the table of CONTRIBUTING.md")
            continue
        is_test = file.stem.endswith("_test")
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
            where = f"server/{name}:{number}"
            if SESSION_INSERT.search(line) and folder != "sign_in" and not is_test:
                complaints.append(f"{where}: only sign_in/ makes sessions")
            if "co_await" in line and re.search(r"\{(?!\s*$)|\[[^\]]*\]\s*[({]", line.split("//")[0]):
                complaints.append(f"{where}: braces or a lambda on a line with co_await")
            match = INCLUDE.match(line)
            if not match:
                continue
            bracket, target = match.groups()
            for prefix, places in LIBRARIES.items():
                if target.startswith(prefix) and not any(fnmatch.fnmatch(name, place) for place in places):
                    complaints.append(f"{where}: {target} may be included only in {', '.join(places)}")
            if bracket == "<":
                continue
            other = target.split("/")[0]
            if "/" not in target:
                complaints.append(f'{where}: write "folder/{target}"')
            elif other not in row:
                complaints.append(f"{where}: {other} has no row in the table of CONTRIBUTING.md")
            elif folder and other != folder and row[other] <= row[folder]:
                complaints.append(f"{where}: {folder} (row {row[folder]}) may not include {other} (row {row[other]})")
            if target in includes_library and other != folder:
                complaints.append(f"{where}: {target} includes a library and is for {other}/ alone")
    for complaint in complaints:
        print(complaint)
    print(f"{len(complaints)} complaints, {len(row)} folders")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
