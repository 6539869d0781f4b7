#!/usr/bin/env python3
"""Runs clang-tidy over the sources of src/, and remembers what already passed.

usage: run_tidy.py BUILD_DIR [FILE...]   (a configured build; its compile commands are used)

Most of clang-tidy's time goes into headers. So sources of one folder are checked together, as one
translation unit, unless they define the same names for themselves. Where a group has findings, its
files are checked one by one, and only what that finds counts.
"""
import collections
import concurrent.futures
import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
SOURCES = ROOT / "src"
# As many as keep the longest group short enough for two cores to share the work evenly.
GROUP_SIZE = 12

UNNAMED_NAMESPACE = re.compile(r"^namespace \{$(.*?)^\}  // namespace$", re.S | re.M)
DEFINED_NAME = re.compile(
    r"^(?=\S)(?:template.*>\s)?(?:(?:constexpr|inline|const|static|enum|\[\[\w+\]\]) )*"
    r"(?:(?:struct|class|using|concept) (\w+)|[\w:<>,*& \[\]]*?[ *&](\w+)\s*[({\[=])", re.M)


def private_names(source: pathlib.Path) -> set[str]:
    """What a source defines for itself alone, roughly: only used to avoid clashes."""
    names = set()
    for body in UNNAMED_NAMESPACE.findall(source.read_text()):
        for match in DEFINED_NAME.finditer(body):
            names.add(match.group(1) or match.group(2))
    return names


def groups_of(sources: list[pathlib.Path]) -> list[list[pathlib.Path]]:
    """Groups of sources of one folder that share no private name."""
    folders = collections.defaultdict(list)
    for source in sources:
        folders[source.parent].append(source)
    result = []
    for members in folders.values():
        groups: list[tuple[list[pathlib.Path], set[str]]] = []
        for source in members:
            names = private_names(source)
            for files, taken in groups:
                if len(files) < GROUP_SIZE and not names & taken:
                    files.append(source)
                    taken |= names
                    break
            else:
                groups.append(([source], names))
        result += [files for files, _ in groups]
    return sorted(result, key=len, reverse=True)


class Tidy:
    def __init__(self, build: pathlib.Path):
        database = json.loads((build / "compile_commands.json").read_text())
        self.commands = {entry["file"]: entry for entry in database if entry["file"].startswith(f"{SOURCES}/")}
        self.cache = build / "tidy-passed"
        self.cache.mkdir(exist_ok=True)
        surroundings = hashlib.sha256((ROOT / ".clang-tidy").read_bytes())
        for header in sorted(SOURCES.rglob("*.h")):
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
