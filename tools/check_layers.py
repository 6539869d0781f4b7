#!/usr/bin/env python3
"""Checks from the #include lines that a folder of src/ uses only folders below it, that the public
headers (include/) show nothing of src/, and that the examples use nothing but the public headers.

The order is the one of docs/architecture.md. Prints every line that breaks it and exits 1.
"""
import pathlib
import re
import sys

PROTOCOL = ["stun", "ice", "dtls", "sctp", "srtp", "rtp", "codecs", "rtcp", "layers", "audio", "bwe", "ortc"]

# folder -> folders it may include (itself and base are always allowed)
ALLOWED = {
    "base": [],
    "net": [],
    "protocol/stun": [],
    "protocol/ice": ["protocol/stun"],
    "protocol/dtls": [],
    "protocol/sctp": [],
    "protocol/srtp": [],
    "protocol/rtp": [],
    "protocol/codecs": ["protocol/rtp"],
    "protocol/rtcp": [],
    "protocol/layers": ["protocol/codecs", "protocol/rtcp", "protocol/rtp"],
    "protocol/audio": [],
    "protocol/bwe": ["protocol/rtp", "protocol/rtcp"],
    "protocol/ortc": [],
    "media": ["net"] + [f"protocol/{name}" for name in PROTOCOL],
    "library": ["sluice", "media", "protocol/audio", "protocol/ortc"],
    "rooms": ["media", "protocol/ortc"],
    "web": [],
    "dialects/foundry": ["rooms", "web", "protocol/ortc"],
    "app": ["*"],
    "sluice": [],  # include/sluice, for src/library alone
}

# Of other libraries, public headers and examples may use these.
PUBLIC_LIBRARIES = ("boost/json",)

INCLUDE = re.compile(r'^\s*#\s*include\s*"([^"]+)"')
ANGLED = re.compile(r"^\s*#\s*include\s*<([^>]+)>")
BEAST = re.compile(r"^\s*#\s*include\s*<boost/(beast|asio)")


def folder_of(path: str) -> str | None:
    matches = [name for name in ALLOWED if path.startswith(name + "/")]
    return max(matches, key=len) if matches else None


def sources(root: pathlib.Path) -> list[pathlib.Path]:
    return sorted(file for file in root.rglob("*") if file.suffix in (".h", ".cc"))


def foreign(header: str) -> bool:
    """Whether an angled include is of a library that public code may not use."""
    return "/" in header and not header.startswith(PUBLIC_LIBRARIES)


def check_public(top: pathlib.Path) -> list[str]:
    problems = []
    for file in sources(top / "include"):
        for number, line in enumerate(file.read_text().splitlines(), 1):
            quoted, angled = INCLUDE.match(line), ANGLED.match(line)
            if (quoted and not quoted.group(1).startswith("sluice/")) or (angled and foreign(angled.group(1))):
                problems.append(f"{file.relative_to(top)}:{number}: public headers include each other, "
                                f"the standard library and {', '.join(PUBLIC_LIBRARIES)} only")
    for file in sources(top / "examples"):
        for number, line in enumerate(file.read_text().splitlines(), 1):
            quoted, angled = INCLUDE.match(line), ANGLED.match(line)
            if (quoted and not (file.parent / quoted.group(1)).exists()) or (
                    angled and not angled.group(1).startswith("sluice/") and foreign(angled.group(1))):
                problems.append(f"{file.relative_to(top)}:{number}: examples use <sluice/…>, "
                                f"the standard library and {', '.join(PUBLIC_LIBRARIES)} only")
    return problems


def main() -> int:
    top = pathlib.Path(__file__).resolve().parent.parent
    root = top / "src"
    problems = check_public(top)
    for file in sources(root):
        relative = file.relative_to(root).as_posix()
        owner = folder_of(relative)
        if owner is None:
            problems.append(f"src/{relative}: its folder is not in the list of layers")
            continue
        for number, line in enumerate(file.read_text().splitlines(), 1):
            if BEAST.match(line) and owner != "web":
                problems.append(f"src/{relative}:{number}: Beast and Asio stay inside src/web")
            if BEAST.match(line) and file.suffix == ".h" and not file.stem.endswith("_internal"):
                problems.append(f"src/{relative}:{number}: Beast and Asio stay out of public headers")
            match = INCLUDE.match(line)
            if not match:
                continue
            target = folder_of(match.group(1))
            if target is None:
                problems.append(f"src/{relative}:{number}: {match.group(1)} is in no known folder")
            elif target not in (owner, "base") and "*" not in ALLOWED[owner] and target not in ALLOWED[owner]:
                problems.append(f"src/{relative}:{number}: {owner} may not include {target}")
    for problem in problems:
        print(problem)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
