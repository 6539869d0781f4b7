#!/usr/bin/env python3
"""Checks from the #include lines that a folder of src/ uses only folders below it.

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
    "rooms": ["media", "protocol/ortc"],
    "web": [],
    "dialects/foundry": ["rooms", "web", "protocol/ortc"],
    "app": ["*"],
}

INCLUDE = re.compile(r'^\s*#\s*include\s*"([^"]+)"')
BEAST = re.compile(r"^\s*#\s*include\s*<boost/(beast|asio)")


def folder_of(path: str) -> str | None:
    matches = [name for name in ALLOWED if path.startswith(name + "/")]
    return max(matches, key=len) if matches else None


def main() -> int:
    root = pathlib.Path(__file__).resolve().parent.parent / "src"
    problems = []
    for file in sorted(root.rglob("*")):
        if file.suffix not in (".h", ".cc"):
            continue
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
