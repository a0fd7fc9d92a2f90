"""Terraform files as blocks: attributes by name with their expressions unread, and the blocks inside."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import hcl2
from lark import Token, Tree
from lark.exceptions import LarkError

Expression = Tree[Token]


class ModuleError(Exception):
    """Something in a module is wrong or unknown to the check, in one line."""


class Unknown(ModuleError):
    """Something of Terraform's language that the check does not know. It may be right; the check has to learn it."""


@dataclass(frozen=True)
class Block:
    """A block: `resource "aws_sqs_queue" "events" { … }` has two labels."""

    kind: str
    labels: tuple[str, ...]
    file: str
    attributes: dict[str, Expression] = field(default_factory=dict)
    blocks: tuple[Block, ...] = ()

    @property
    def address(self) -> str:
        """How an error names it: `aws_sqs_queue.events in queues.tf`."""
        shown = self.labels if self.kind == "resource" else (self.kind, *self.labels)
        return f"{'.'.join(shown)} in {self.file}"

    def inner(self, kind: str) -> list[Block]:
        """The blocks inside of a kind."""
        return [block for block in self.blocks if block.kind == kind]


def texts_of(folder: Path) -> dict[str, str]:
    """The text of each Terraform file of a folder, without those below it, by name."""
    texts = {path.name: path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.tf"))}
    if not texts:
        raise ModuleError(f"{folder.name}: no Terraform files")
    return texts


def blocks_of(texts: dict[str, str]) -> list[Block]:
    """All blocks of a module's files."""
    return [block for file, text in texts.items() for block in _file(file, text)]


@lru_cache(maxsize=256)
def _file(file: str, text: str) -> tuple[Block, ...]:
    """The blocks of one file; kept, since most files of a changed module are as they were."""
    try:
        tree = hcl2.parses_to_tree(text)
    except LarkError as error:
        raise ModuleError(f"{file}: {str(error).strip().splitlines()[0]}") from error
    (body,) = trees(tree)
    attributes, blocks = _body(file, body)
    if attributes:
        raise ModuleError(f"{file}: {next(iter(attributes))} stands outside of a block")
    return blocks


def trees(tree: Expression) -> list[Expression]:
    """The children that say something: no brackets, no commas, no newlines."""
    return [child for child in tree.children if isinstance(child, Tree) and child.data != "new_line_or_comment"]


def tokens(tree: Expression) -> list[str]:
    """The texts of the tokens right below."""
    return [str(child) for child in tree.children if isinstance(child, Token)]


def _body(file: str, body: Expression) -> tuple[dict[str, Expression], tuple[Block, ...]]:
    """The attributes and blocks of a body."""
    attributes: dict[str, Expression] = {}
    blocks: list[Block] = []
    for child in trees(body):
        if child.data == "attribute":
            name, value = trees(child)
            key = tokens(name)[0]
            if key in attributes:
                raise ModuleError(f"{file}: {key} stands twice in one block")
            attributes[key] = value
        else:
            *head, inside = trees(child)
            kind, *labels = [_label(part) for part in head]
            inner_attributes, inner_blocks = _body(file, inside)
            blocks.append(Block(kind, tuple(labels), file, inner_attributes, inner_blocks))
    return attributes, tuple(blocks)


def _label(part: Expression) -> str:
    """The text of a block's kind or label."""
    return "".join(tokens(child)[0] for child in trees(part)) if part.data == "string" else tokens(part)[0]


def expressions(block: Block) -> Iterator[Expression]:
    """All expressions of a block and of the blocks in it."""
    yield from block.attributes.values()
    for inner in block.blocks:
        yield from expressions(inner)
