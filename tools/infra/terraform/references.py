"""Whether every name in a module's expressions leads somewhere, and whether everything that is declared is used."""

from __future__ import annotations

from collections.abc import Iterator

from .blocks import Block, Expression, ModuleError, expressions, tokens, trees
from .expressions import bound
from .schema import facts

# A name and what follows it: `aws_sqs_queue.events[each.key].arn` is aws_sqs_queue, events, an index, arn.
INDEX = "[]"
Chain = tuple[str, ...]


def problems_of(blocks: list[Block], modules: dict[str, list[Block]] | None = None) -> tuple[list[str], int]:
    """Names that lead nowhere, declarations nobody uses, variables and outputs that do not say what they are; and how
    many names were followed. `modules` are the blocks behind the sources of module blocks."""
    names = Names(blocks, modules or {})
    for block in blocks:
        names.follow(block)
    return names.problems + names.unused() + declarations(blocks) + calls(blocks, modules or {}), names.followed


def chains(tree: Expression, local: frozenset[str] = frozenset()) -> Iterator[Chain]:
    """The names in an expression with what follows them, without those that a `for` around them binds."""
    chain = chain_of(tree)
    if chain:
        if chain[0] not in local:
            yield chain
        for index in indexes_of(tree):
            yield from chains(index, local)
        return
    children = trees(tree)
    if tree.data in ("for_tuple_expr", "for_object_expr"):
        intro, *rest = children
        names, source = bound(intro)
        yield from chains(source, local)
        for child in rest:
            yield from chains(child, local | set(names))
        return
    if tree.data == "function_call":
        children = children[1:]
    if tree.data == "object_elem":
        key, value = children
        # A bare word is a text.
        if not chain_of(key):
            yield from chains(key, local)
        children = [value]
    for child in children:
        yield from chains(child, local)


def chain_of(tree: Expression) -> Chain:
    """The chain that an expression is, or nothing."""
    if tree.data == "identifier":
        return (tokens(tree)[0],)
    if tree.data in ("expr_term", "object_elem_key") and len(trees(tree)) == 1:
        return chain_of(trees(tree)[0])
    if tree.data == "get_attr_expr_term":
        owner, attribute = trees(tree)
        before = chain_of(owner)
        return (*before, tokens(trees(attribute)[0])[0]) if before else ()
    if tree.data == "index_expr_term":
        before = chain_of(trees(tree)[0])
        return (*before, INDEX) if before else ()
    return ()


def indexes_of(tree: Expression) -> Iterator[Expression]:
    """The expressions in the brackets of a chain."""
    if tree.data == "index_expr_term":
        yield from trees(trees(tree)[1])
    if tree.data in ("expr_term", "get_attr_expr_term", "index_expr_term"):
        yield from indexes_of(trees(tree)[0])


class Names:
    """What a module declares, and what of it was seen in use."""

    def __init__(self, blocks: list[Block], modules: dict[str, list[Block]]) -> None:
        """All declarations of a module."""
        self.variables = {block.labels[0] for block in blocks if block.kind == "variable"}
        self.locals = [name for block in blocks if block.kind == "locals" for name in block.attributes]
        self.resources = {block.labels: block for block in blocks if block.kind == "resource"}
        self.data = {block.labels: block for block in blocks if block.kind == "data"}
        self.calls = {block.labels[0]: block for block in blocks if block.kind == "module"}
        self.outputs = {
            source: {each.labels[0] for each in inner if each.kind == "output"} for source, inner in modules.items()
        }
        self.used: set[Chain] = set()
        self.problems = [f"local.{name} is declared twice" for name in set(self.locals) if self.locals.count(name) > 1]
        self.followed = 0

    def follow(self, block: Block) -> None:
        """Look every name of a block up."""
        for expression in expressions(block):
            # A type is written in words that are no names.
            if block.kind == "variable" and expression is block.attributes.get("type"):
                continue
            for chain in chains(expression):
                self.followed += 1
                problem = self.problem_of(chain, block)
                if problem:
                    self.problems.append(f"{block.address}: {'.'.join(chain).replace('.[]', '[]')}: {problem}")

    def problem_of(self, chain: Chain, block: Block) -> str | None:
        """Why a chain leads nowhere, or None."""
        root, *rest = chain
        if root in ("each", "count"):
            needed = "for_each" if root == "each" else "count"
            return None if needed in block.attributes and rest else f"the block has no {needed}"
        if root == "var":
            if block.kind == "variable":
                return None if rest[0] == block.labels[0] else "a validation may read its own variable only"
            self.used.add(("var", rest[0]))
            return None if rest[0] in self.variables else "there is no such variable"
        if root == "local":
            self.used.add(("local", rest[0]))
            return None if rest[0] in self.locals else "there is no such local"
        if root == "module":
            return self._module(rest)
        if root == "path":
            return None if rest in (["module"], ["root"]) else "there is no such path"
        declared, kind, rest = (self.data, "data", rest) if root == "data" else (self.resources, "resource", list(chain))
        return self._resource(declared, kind, rest, whole="depends_on" in block.attributes)

    def _module(self, rest: list[str]) -> str | None:
        """A name behind `module`."""
        if not rest or rest[0] not in self.calls:
            return "there is no such module"
        source = text(self.calls[rest[0]].attributes["source"])
        attribute = [each for each in rest[1:] if each != INDEX]
        return None if not attribute or attribute[0] in self.outputs.get(source, set()) else "the module has no such output"

    def _resource(self, declared: dict[Chain, Block], kind: str, rest: list[str], whole: bool) -> str | None:
        """A name behind a type of resources, or behind `data`."""
        if len(rest) < 2 or (rest[0], rest[1]) not in declared:
            return "there is no such thing"
        block = declared[rest[0], rest[1]]
        self.used.add((kind, rest[0], rest[1]))
        after = rest[2:]
        if not after:
            return None if whole else "the whole of it stands where a value should"
        several = "for_each" in block.attributes or "count" in block.attributes
        if several != (after[0] == INDEX):
            return "it is one of several, and needs an index" if several else "it is one, and takes no index"
        attribute = after[1:] if several else after
        if attribute and attribute[0] not in facts()[kind].get(rest[0], {}):
            return f"the provider has no attribute {attribute[0]}"
        return None

    def unused(self) -> list[str]:
        """What is declared and not used; a resource is there for its own sake."""
        problems = [f"variable {name} is not used" for name in sorted(self.variables) if ("var", name) not in self.used]
        problems += [f"local.{name} is not used" for name in sorted(self.locals) if ("local", name) not in self.used]
        return problems + [
            f"data.{'.'.join(name)} is not used" for name in sorted(self.data) if ("data", *name) not in self.used
        ]


def declarations(blocks: list[Block]) -> list[str]:
    """Variables and outputs that do not say what they are."""
    problems = []
    seen: set[tuple[str, ...]] = set()
    for block in blocks:
        wanted = {"variable": ("description", "type"), "output": ("description", "value")}.get(block.kind, ())
        problems += [f"{block.address}: there is no {name}" for name in wanted if name not in block.attributes]
        name = (block.kind, *block.labels)
        if block.labels and name in seen:
            problems.append(f"{block.address} is there twice")
        seen.add(name)
    return problems


def calls(blocks: list[Block], modules: dict[str, list[Block]]) -> list[str]:
    """What module blocks give that the module does not take, and what they leave out that it needs."""
    problems = []
    for block in (each for each in blocks if each.kind == "module"):
        source = text(block.attributes["source"])
        if source not in modules:
            problems.append(f"{block.address}: there is no module {source}")
            continue
        variables = {each.labels[0]: each for each in modules[source] if each.kind == "variable"}
        given = set(block.attributes) - {"source", "version", "for_each", "count", "providers", "depends_on"}
        problems += [f"{block.address}: the module takes no {name}" for name in sorted(given - set(variables))]
        needed = {name for name, each in variables.items() if "default" not in each.attributes}
        problems += [f"{block.address}: the module needs {name}" for name in sorted(needed - given)]
    return problems


def text(expression: Expression) -> str:
    """A text without ${…}."""
    found = "".join(str(token) for token in expression.scan_values(lambda _: True))
    if "${" in found or not found.startswith('"'):
        raise ModuleError(f"{found} is no plain text")
    return found.strip('"')
