"""The value of an expression, for the part of Terraform's language that infra/terraform uses.

Anything else is an error rather than a guess. Only the branch of a conditional that is taken is looked at.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from .blocks import Expression, ModuleError, Unknown, tokens, trees

ESCAPES = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}
OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "==": lambda left, right: type(left) is type(right) and left == right,
    "!=": lambda left, right: type(left) is not type(right) or left != right,
    "<": lambda left, right: _number(left) < _number(right),
    ">": lambda left, right: _number(left) > _number(right),
    "<=": lambda left, right: _number(left) <= _number(right),
    ">=": lambda left, right: _number(left) >= _number(right),
}


class Lazy:
    """A value whose parts are worked out when they are asked for: `var`, `local`, a type of resources."""

    def get(self, name: str) -> Any:
        """The part of this name; ModuleError where there is none."""
        raise NotImplementedError


Scope = Mapping[str, Any]


def evaluate(tree: Expression, scope: Scope) -> Any:
    """The value of an expression: null is None, an object or map a dict, a list, tuple or set a list."""
    rule = RULES.get(str(tree.data))
    if rule is None:
        raise Unknown(f"the check does not know expressions such as {text_of(tree)}")
    return rule(tree, scope)


def text_of(tree: Expression) -> str:
    """An expression as it is written, roughly, for errors."""
    return "".join(str(token) for token in tree.scan_values(lambda _: True))[:60]


def _term(tree: Expression, scope: Scope) -> Any:
    """What stands in brackets, or in ${…}."""
    (inner,) = trees(tree)
    return evaluate(inner, scope)


def _string(tree: Expression, scope: Scope) -> Any:
    """A text with its ${…}. One that is nothing but a ${…} is that value, whatever it is."""
    parts = trees(tree)
    inner = [trees(part) for part in parts]
    if len(parts) == 1 and inner[0]:
        return evaluate(inner[0][0], scope)
    texts = []
    for part, interpolated in zip(parts, inner):
        if interpolated:
            texts.append(as_text(evaluate(interpolated[0], scope)))
        else:
            texts.append(_unescaped(tokens(part)[0]))
    return "".join(texts)


def _unescaped(text: str) -> str:
    """A piece of text as it is meant."""
    if text.startswith(("$${", "%%{")):
        return text[1:]

    def meant(found: re.Match[str]) -> str:
        if found[1] not in ESCAPES:
            raise Unknown(f"the check does not know the escape \\{found[1]}")
        return ESCAPES[found[1]]

    return re.sub(r"\\(.)", meant, text)


def as_text(value: Any) -> str:
    """A value as ${…} and the keys of an object write it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (str, int)):
        return str(value)
    raise ModuleError(f"{value!r} stands in a text")


def _object(tree: Expression, scope: Scope) -> dict[str, Any]:
    """An object, with its keys as texts."""
    result = {}
    for element in trees(tree):
        key, value = trees(element)
        result[_key(key, scope)] = evaluate(value, scope)
    return result


def _key(tree: Expression, scope: Scope) -> str:
    """The key of an object's element: a bare word is meant as it stands."""
    (inner,) = trees(tree)
    bare = inner
    while bare.data == "expr_term" and "(" not in tokens(bare):
        (bare,) = trees(bare)
    if bare.data in ("identifier", "keyword"):
        return tokens(bare)[0]
    return as_text(evaluate(inner, scope))


def _identifier(tree: Expression, scope: Scope) -> Any:
    """A name of the scope."""
    name = tokens(tree)[0]
    if name not in scope:
        raise ModuleError(f"{name} is not known here")
    return scope[name]


def _attribute(tree: Expression, scope: Scope) -> Any:
    """`owner.name`."""
    owner, attribute = trees(tree)
    (name,) = trees(attribute)
    return part_of(evaluate(owner, scope), tokens(name)[0], tree)


def _index(tree: Expression, scope: Scope) -> Any:
    """`owner[index]`."""
    owner, index = trees(tree)
    if index.data != "braces_index":
        raise Unknown(f"the check does not know expressions such as {text_of(tree)}")
    (inner,) = trees(index)
    return part_of(evaluate(owner, scope), evaluate(inner, scope), tree)


def part_of(owner: Any, key: Any, tree: Expression) -> Any:
    """An attribute of an object, a value of a map, an element of a list."""
    if isinstance(owner, Lazy) and isinstance(key, str):
        return owner.get(key)
    if isinstance(owner, dict) and key in owner:
        return owner[key]
    if isinstance(owner, list) and isinstance(key, int) and 0 <= key < len(owner):
        return owner[key]
    raise ModuleError(f"{text_of(tree)}: there is no {key}")


def _conditional(tree: Expression, scope: Scope) -> Any:
    """`condition ? then : otherwise`."""
    condition, then, otherwise = trees(tree)
    return evaluate(then if _truth(evaluate(condition, scope)) else otherwise, scope)


def _binary(tree: Expression, scope: Scope) -> bool:
    """Two values and what stands between them."""
    left, term = trees(tree)
    operator, right = trees(term)
    sign = tokens(operator)[0].strip()
    if sign == "&&":
        return _truth(evaluate(left, scope)) and _truth(evaluate(right, scope))
    if sign == "||":
        return _truth(evaluate(left, scope)) or _truth(evaluate(right, scope))
    if sign not in OPERATORS:
        raise Unknown(f"the check does not know the operator {sign}")
    return OPERATORS[sign](evaluate(left, scope), evaluate(right, scope))


def _unary(tree: Expression, scope: Scope) -> Any:
    """`!value` or `-value`."""
    (inner,) = trees(tree)
    value = evaluate(inner, scope)
    return not _truth(value) if tokens(tree)[0] == "!" else -_number(value)


def _truth(value: Any) -> bool:
    """True or false, and nothing that could stand for them."""
    if not isinstance(value, bool):
        raise ModuleError(f"{value!r} stands where true or false is needed")
    return value


def _number(value: Any) -> int:
    """A number; those of the module are whole."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise ModuleError(f"{value!r} stands where a number is needed")
    return value


def bound(intro: Expression) -> tuple[list[str], Expression]:
    """The names that a `for` binds, and what it runs over."""
    *names, source = trees(intro)
    return [tokens(name)[0] for name in names], source


def _passes(intro: Expression, scope: Scope) -> list[dict[str, Any]]:
    """The scope of each pass of a `for`: maps go by key, in order, and lists by place."""
    names, source = bound(intro)
    value = evaluate(source, scope)
    pairs = sorted(value.items()) if isinstance(value, dict) else list(enumerate(value))
    return [{**scope, **dict(zip(names, pair if len(names) == 2 else pair[1:]))} for pair in pairs]


def _for_tuple(tree: Expression, scope: Scope) -> list[Any]:
    """`[for … : value if condition]`."""
    intro, value, *condition = trees(tree)
    passes = _passes(intro, scope)
    return [evaluate(value, inner) for inner in passes if _wanted(condition, inner)]


def _for_object(tree: Expression, scope: Scope) -> dict[str, Any]:
    """`{for … : key => value if condition}`."""
    if "..." in tokens(tree):
        raise Unknown("the check does not know a for that groups")
    intro, key, value, *condition = trees(tree)
    result: dict[str, Any] = {}
    for inner in _passes(intro, scope):
        if _wanted(condition, inner):
            name = as_text(evaluate(key, inner))
            if name in result:
                raise ModuleError(f"two elements of a for are called {name}")
            result[name] = evaluate(value, inner)
    return result


def _wanted(condition: list[Expression], scope: Scope) -> bool:
    """Whether a pass of a `for` counts."""
    return not condition or _truth(evaluate(trees(condition[0])[0], scope))


def _call(tree: Expression, scope: Scope) -> Any:
    """A function; `can` is the one that takes an error for an answer."""
    name, *rest = trees(tree)
    function = tokens(name)[0]
    arguments = trees(rest[0]) if rest else []
    if function == "can":
        try:
            evaluate(arguments[0], scope)
        except Unknown:
            raise
        except ModuleError:
            return False
        return True
    if function not in FUNCTIONS:
        raise Unknown(f"the check does not know the function {function}")
    values = [evaluate(argument, scope) for argument in arguments]
    if rest and "..." in tokens(rest[0]):
        values = values[:-1] + values[-1]
    return FUNCTIONS[function](*values)


def _merge(*objects: dict[str, Any]) -> dict[str, Any]:
    """Objects as one, where the last one wins."""
    return {key: value for each in objects for key, value in each.items()}


def _regex(pattern: str, text: Any) -> str:
    """The first place of a text that matches."""
    found = re.search(pattern, as_text(text))
    if not found:
        raise ModuleError(f"{text} does not match {pattern}")
    return found[0]


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "alltrue": lambda values: all(_truth(value) for value in values),
    "concat": lambda *lists: [value for each in lists for value in each],
    "contains": lambda values, value: any(type(each) is type(value) and each == value for each in values),
    # No file is read: where packages are is nothing to the check.
    "filebase64sha256": lambda path: hashlib.sha256(path.encode()).hexdigest(),
    "fileexists": lambda path: not path.startswith("missing"),
    "join": lambda separator, texts: separator.join(texts),
    "jsonencode": lambda value: json.dumps(value, sort_keys=True),
    "keys": lambda value: sorted(value),
    "length": len,
    "merge": _merge,
    "regex": _regex,
    "tostring": str,
}

RULES: dict[str, Callable[[Expression, Scope], Any]] = {
    "expr_term": _term,
    "int_lit": lambda tree, _: int(tokens(tree)[0]),
    "literal_value": lambda tree, _: {"true": True, "false": False, "null": None}[tokens(tree)[0]],
    "string": _string,
    "tuple": lambda tree, scope: [evaluate(each, scope) for each in trees(tree)],
    "object": _object,
    "identifier": _identifier,
    "interpolation": _term,
    "get_attr_expr_term": _attribute,
    "index_expr_term": _index,
    "conditional": _conditional,
    "binary_op": _binary,
    "unary_op": _unary,
    "for_tuple_expr": _for_tuple,
    "for_object_expr": _for_object,
    "function_call": _call,
}
