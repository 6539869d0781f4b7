#!/usr/bin/env python3
"""Compiles the headers of src/ and include/ alone, so that each includes what it needs.

usage: check_headers.py BUILD_DIR   (a configured build; its compile flags are used)

A header that a source includes before anything else was compiled alone with that source. Public
headers (include/) are compiled without src/ in reach, as users of the library have them.
"""
import concurrent.futures
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
PUBLIC = ROOT / "include"
FIRST_INCLUDE = re.compile(r'(?:\s|//[^\n]*\n)*#include "([^"]+)"')


def flags(build: pathlib.Path) -> list[str]:
    """Definitions and include paths of the first source of the server."""
    for entry in json.loads((build / "compile_commands.json").read_text()):
        if "/src/" in entry["file"]:
            words = shlex.split(entry["command"])
            return [w for w in words if w.startswith(("-D", "-I", "-isystem", "-std", "-W"))]
    sys.exit("no source file of src/ in compile_commands.json")


def check(header: pathlib.Path, options: list[str]) -> tuple[pathlib.Path, str]:
    compiler = ["ccache", "g++"] if subprocess.run(["which", "ccache"], capture_output=True).returncode == 0 else ["g++"]
    if header.is_relative_to(PUBLIC):
        options = [option for option in options if option != f"-I{ROOT / 'src'}"]
    else:
        options = [*options, "-I", str(ROOT / "src")]
    result = subprocess.run(
        [*compiler, *options, "-I", str(PUBLIC), "-fsyntax-only", "-x", "c++", "-Wno-pragma-once-outside-header", str(header)],
        capture_output=True, text=True)
    return header, result.stderr if result.returncode else ""


def included_first() -> set[pathlib.Path]:
    """The headers that are the first include of some source, before which nothing else stands."""
    first = set()
    for source in (ROOT / "src").rglob("*.cc"):
        match = FIRST_INCLUDE.match(source.read_text())
        if match:
            first.add(ROOT / "src" / match.group(1))
    return first


def main() -> int:
    options = flags(pathlib.Path(sys.argv[1]))
    headers = sorted({*(ROOT / "src").rglob("*.h"), *PUBLIC.rglob("*.h")} - included_first())
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for header, message in pool.map(lambda h: check(h, options), headers):
            if message:
                failed += 1
                print(f"{header.relative_to(ROOT)} does not compile alone:\n{message}")
    print(f"{len(headers)} headers that are public or that no source includes first, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
