"""The YAML between two lines of --- with which question.md and task.md begin."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

import yaml

from problems.core import FamilyError

Lines: TypeAlias = Mapping[tuple[str, ...], int]
"""The line of the file, from 1, on which each value stands, by its path."""

_MAX_DEPTH = 20
_MAX_PATH = 3
_FRONT_MATTER = re.compile(r"---\n(.*?)\n---\n", re.DOTALL)


def read_front_matter(text: str, file: str) -> tuple[Any, Lines, int]:
    """Return what the front matter of a file says, on which lines, and where it ends in the text.

    Raises FamilyError, with the file and the line, where there is none, or it is not YAML.
    """
    found = _FRONT_MATTER.match(text)
    if not found:
        raise FamilyError(f"{file} must begin with front matter between two lines of ---", file, 1)
    try:
        loader = _ShallowLoader(found[1])
        node = loader.get_single_node()
        front = loader.construct_document(node) if node else None
        return front, dict(_lines(node)), found.end()
    except (yaml.YAMLError, ValueError) as error:
        raise _not_yaml(error, file) from error


class _ShallowLoader(yaml.SafeLoader):
    """Gives up on deep nesting, which YAML's scanner takes quadratic time to read."""

    _depth = 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        if self._depth == _MAX_DEPTH:
            raise yaml.MarkedYAMLError(
                problem=f"more than {_MAX_DEPTH} levels of nesting",
                problem_mark=self.peek_event().start_mark,
            )
        self._depth += 1
        try:
            return super().compose_node(parent, index)
        finally:
            self._depth -= 1


def _not_yaml(error: Exception, file: str) -> FamilyError:
    """Say what is wrong with the front matter; YAML's own words count lines without the file's."""
    said, line = str(error), None
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark:
        said = ", ".join(filter(None, (error.context, error.problem)))
        if error.problem == "mapping values are not allowed here":
            said += ". A text with a colon in it stands in quotes"
        # The mark counts from 0, and the front matter begins on the second line.
        line = error.problem_mark.line + 2
    return FamilyError(f"{file}'s front matter is not YAML: {said}", file, line)


def _lines(node: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], int]]:
    """Yield the line of the file on which each value of the front matter stands, by its path."""
    if len(path) > _MAX_PATH:
        return
    if isinstance(node, yaml.MappingNode):
        inner = [(str(key.value), key, value) for key, value in node.value]
    elif isinstance(node, yaml.SequenceNode):
        inner = [(str(index), item, item) for index, item in enumerate(node.value)]
    else:
        return
    for name, named, value in inner:
        # Marks count from 0, and the front matter begins on the second line.
        yield (*path, name), named.start_mark.line + 2
        yield from _lines(value, (*path, name))
