#!/usr/bin/env python3
"""Which sources can be compiled together as one translation unit.

Most of the time of a compiler goes into headers. So sources of one folder are taken together, unless
one mentions a name that another defines for itself alone.

usage: source_groups.py FILE...   (prints one group a line, its files separated by semicolons)
"""
import collections
import dataclasses
import pathlib
import re
import sys

# As many as keep the longest group short enough for two cores to share the work evenly.
GROUP_SIZE = 12

WORD = re.compile(r"[A-Za-z_]\w*")
UNNAMED_NAMESPACE = re.compile(r"^namespace \{$(.*?)^\}  // namespace$", re.S | re.M)
DEFINED_NAME = re.compile(
    r"^(?=\S)(?:template.*>\s)?(?:(?:constexpr|inline|const|static|enum|\[\[\w+\]\]) )*"
    r"(?:(?:struct|class|using|concept) (\w+)|[\w:<>,*& \[\]]*?[ *&](\w+)\s*[({\[=])", re.M)


def private_names(text: str) -> set[str]:
    """What a source defines for itself alone, roughly."""
    names = set()
    for body in UNNAMED_NAMESPACE.findall(text):
        for match in DEFINED_NAME.finditer(body):
            names.add(match.group(1) or match.group(2))
    return names


@dataclasses.dataclass
class Group:
    files: list[pathlib.Path] = dataclasses.field(default_factory=list)
    names: set[str] = dataclasses.field(default_factory=set)
    words: set[str] = dataclasses.field(default_factory=set)


def groups_of(sources: list[pathlib.Path]) -> list[list[pathlib.Path]]:
    """Groups of sources of one folder none of which mentions a private name of another, the largest first."""
    folders = collections.defaultdict(list)
    for source in sources:
        folders[source.parent].append(source)
    result = []
    for members in folders.values():
        groups: list[Group] = []
        for source in members:
            text = source.read_text()
            names, words = private_names(text), set(WORD.findall(text))
            for group in groups:
                if len(group.files) < GROUP_SIZE and not names & group.words and not words & group.names:
                    break
            else:
                group = Group()
                groups.append(group)
            group.files.append(source)
            group.names |= names
            group.words |= words
        result += [group.files for group in groups]
    return sorted(result, key=len, reverse=True)


if __name__ == "__main__":
    for group in groups_of([pathlib.Path(file) for file in sys.argv[1:]]):
        print(";".join(str(file) for file in group))
