#!/usr/bin/env python3
"""Runs clang-tidy over the sources of src/, and remembers what already passed.

usage: run_tidy.py BUILD_DIR [FILE...]   (a configured build; its compile commands are used)

Sources that fit together (tools/source_groups.py) are checked as one translation unit. Where a group
has findings, its files are checked one by one, and only what that finds counts.
"""
import concurrent.futures
import hashlib
import json
import os
import pathlib
import subprocess
import sys
import tempfile

from source_groups import groups_of

ROOT = pathlib.Path(__file__).resolve().parent.parent
SOURCES = ROOT / "src"


class Tidy:
    def __init__(self, build: pathlib.Path):
        database = json.loads((build / "compile_commands.json").read_text())
        self.commands = {entry["file"]: entry for entry in database if entry["file"].startswith(f"{SOURCES}/")}
        self.cache = build / "tidy-passed"
        self.cache.mkdir(exist_ok=True)
        surroundings = hashlib.sha256((ROOT / ".clang-tidy").read_bytes())
        for header in sorted([*SOURCES.rglob("*.h"), *(ROOT / "include").rglob("*.h")]):
            surroundings.update(header.read_bytes())
        self.surroundings = surroundings.digest()

    def run(self, files: list[pathlib.Path]) -> str:
        """The findings in these files, checked as one translation unit; empty when there are none."""
        key = hashlib.sha256(self.surroundings)
        for file in files:
            key.update(f"{file.relative_to(ROOT)}\n".encode() + file.read_bytes())
        passed = self.cache / key.hexdigest()
        if passed.exists():
            return ""
        with tempfile.TemporaryDirectory() as folder:
            unit = pathlib.Path(folder) / "unit.cc"
            unit.write_text("".join(f'#include "{file}"\n' for file in files))
            entry = dict(self.commands[str(files[0])])
            entry["command"] = entry["command"].replace(str(files[0]), str(unit))
            entry["file"] = str(unit)
            (pathlib.Path(folder) / "compile_commands.json").write_text(json.dumps([entry]))
            result = subprocess.run(
                ["clang-tidy-19", "--quiet", f"--config-file={ROOT / '.clang-tidy'}", "-p", folder, str(unit)],
                capture_output=True, text=True)
        if result.returncode == 0:
            passed.touch()
            return ""
        return result.stdout + result.stderr

    def check(self, group: list[pathlib.Path]) -> list[str]:
        findings = self.run(group)
        if not findings or len(group) == 1:
            return [findings] if findings else []
        return [found for file in group if (found := self.run([file]))]


def main() -> int:
    tidy = Tidy(pathlib.Path(sys.argv[1]).resolve())
    sources = [pathlib.Path(file) for file in sorted(tidy.commands)]
    if len(sys.argv) > 2:
        wanted = {pathlib.Path(file).resolve() for file in sys.argv[2:]}
        sources = [source for source in sources if source in wanted]
    groups = groups_of(sources)
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for findings in pool.map(tidy.check, groups):
            for found in findings:
                failed += 1
                print(found)
    print(f"{len(sources)} files in {len(groups)} groups, {failed} with findings")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
