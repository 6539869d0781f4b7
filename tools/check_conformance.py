#!/usr/bin/env python3
"""Checks docs/conformance.md against the tests.

The document has one table row for each row of the specification: id, phrase, state. A row that is
"tested" or "in part" must have a test file that carries its id; any other row must have none; and
every id that a test carries must be in the document. Prints what is wrong and exits 1.

`--list` prints for each id the test files that carry it.
"""
import collections
import pathlib
import re
import sys

GROUPS = ("ORTC ICE DMX DTL SRT RTP LSN STR SEQ VP8 VP9 AV1 H264 H265 OPU SCM RTC REC CON SIM BWE SCT "
          "TRN OBS FOUNDRY").split()
ID = re.compile(rf"(?<![\w-])(?:{'|'.join(GROUPS)})-\d+[a-z]?(?!\w)")
ROW = re.compile(r"^\| *([A-Z0-9]+-\d+[a-z]?) *\|([^|]*)\|([^|]*)\|$")
STATES = ("tested", "in part: ", "waits for ", "not applicable: ")
SUFFIXES = {".cc", ".h", ".mjs", ".js", ".ts", ".py"}
SKIPPED = {"node_modules", "corpus"}


def documented(path: pathlib.Path, problems: list[str]) -> dict[str, str]:
    states: dict[str, str] = {}
    for number, line in enumerate(path.read_text().splitlines(), 1):
        match = ROW.match(line)
        if not match:
            if ID.match(line.removeprefix("| ")):
                problems.append(f"{path.name}:{number}: not a row of three columns")
            continue
        name, phrase, state = match.group(1), match.group(2).strip(), match.group(3).strip()
        if name in states:
            problems.append(f"{path.name}:{number}: {name} is there twice")
        if not ID.fullmatch(name):
            problems.append(f"{path.name}:{number}: {name} is of no known group")
        if not phrase:
            problems.append(f"{path.name}:{number}: {name} has no phrase")
        if not (state == "tested" or state.startswith(STATES[1:])):
            problems.append(f"{path.name}:{number}: {name} has the unknown state '{state}'")
        states[name] = state
    return states


def carried(root: pathlib.Path) -> dict[str, set[str]]:
    files: dict[str, set[str]] = collections.defaultdict(set)
    for file in sorted(root.rglob("*")):
        if file.suffix not in SUFFIXES or SKIPPED & set(file.parts) or not file.is_file():
            continue
        for name in ID.findall(file.read_text(errors="replace")):
            files[name].add(file.relative_to(root.parent).as_posix())
    return files


def main() -> int:
    root = pathlib.Path(__file__).resolve().parent.parent
    problems: list[str] = []
    states = documented(root / "docs" / "conformance.md", problems)
    tests = carried(root / "tests")
    if "--list" in sys.argv[1:]:
        for name in states:
            print(f"{name}: {', '.join(sorted(tests.get(name, ()))) or '-'}")
        return 0
    if not states:
        problems.append("docs/conformance.md has no rows")
    for name, state in states.items():
        expects_tests = state == "tested" or state.startswith("in part: ")
        if expects_tests and name not in tests:
            problems.append(f"{name} is '{state}', but no test carries it")
        if not expects_tests and name in tests:
            problems.append(f"{name} is '{state}', but {', '.join(sorted(tests[name]))} carries it")
    for name in sorted(tests.keys() - states.keys()):
        problems.append(f"{name} is carried by {', '.join(sorted(tests[name]))}, but not documented")
    for problem in problems:
        print(problem)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
