"""The tests themselves: each can fail.

An ``assert`` in a loop proves nothing where the loop runs zero times. A loop may hold one if what it runs over can't be
empty by its look (a literal, a constant, a range), or if the function asserts something about it elsewhere, such as
how many there are.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).parent.parent
FILES = sorted(file.relative_to(TESTS) for file in TESTS.rglob("*.py"))
_AS_LONG = {"enumerate", "reversed", "sorted", "list", "tuple", "set", "frozenset", "iter"}
_METHODS = {"items", "keys", "values", "splitlines", "split", "encode"}
_FAILING = {"raises", "fail", "warns", "expect", "raise_for_status", "django_assert_num_queries"}
WITHOUT = {"test_good_values_are_taken"}
"""What these do is not to raise."""
Function = ast.FunctionDef | ast.AsyncFunctionDef


class Filled:
    """What is known not to be empty in a file: names of constants, and of literals in a function."""

    def __init__(self, tree: ast.Module) -> None:
        self._names = {
            alias.asname or alias.name
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom)
            for alias in node.names
            if (alias.asname or alias.name).isupper()
        }
        self.learn(tree.body)

    def learn(self, statements: list[ast.stmt]) -> "Filled":
        for node in statements:
            if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None and self.holds(node.value):
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                self._names |= {target.id for target in targets if isinstance(target, ast.Name)}
        return self

    def holds(self, node: ast.expr) -> bool:
        match node:
            case ast.List() | ast.Tuple() | ast.Set():
                return any(self.holds(e.value) if isinstance(e, ast.Starred) else True for e in node.elts)
            case ast.Dict():
                return any(
                    key is not None or self.holds(value) for key, value in zip(node.keys, node.values, strict=True)
                )
            case ast.Constant():
                return isinstance(node.value, str | bytes) and bool(node.value)
            case ast.Name():
                return node.id in self._names
            case ast.BinOp(op=ast.Add() | ast.BitOr() | ast.Mult()):
                return self.holds(node.left) or self.holds(node.right)
            case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                return all(self.holds(part.iter) and not part.ifs for part in node.generators)
            case ast.Call():
                return self._call(node)
        return False

    def _call(self, node: ast.Call) -> bool:
        match node.func:
            case ast.Name(id="range"):
                bounds = [part.value for part in node.args if isinstance(part, ast.Constant)]
                # a constant, or one and more
                named = len(node.args) == 1 and all(name.isupper() for name in names(node.args[0]) or {"none"})
                return named or (len(bounds) == len(node.args) and bool(range(*bounds)))  # type: ignore[arg-type]
            case ast.Name(id="zip" | "product"):
                return bool(node.args) and all(self.holds(part) for part in node.args)
            case ast.Name(id=name) if name in _AS_LONG:
                return bool(node.args) and self.holds(node.args[0])
            case ast.Attribute(attr=name) if name in _METHODS:
                return self.holds(node.func.value)
        return False


def names(node: ast.AST) -> set[str]:
    return {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}


def functions(tree: ast.AST) -> Iterator[Function]:
    yield from (node for node in ast.walk(tree) if isinstance(node, Function))


def parameters(function: Function) -> set[str]:
    return {part.arg for part in ast.walk(function.args) if isinstance(part, ast.arg)}


def holds_assert(node: ast.AST) -> bool:
    return any(isinstance(part, ast.Assert) for part in ast.walk(node))


def loops_that_may_prove_nothing(source: str) -> list[int]:
    """The lines of ``for`` loops with an ``assert`` that may never be reached."""
    tree = ast.parse(source)
    found = set()
    for function in functions(tree):
        if not any(isinstance(loop, ast.For) and holds_assert(loop) for loop in ast.walk(function)):
            continue
        filled = Filled(tree).learn([node for node in ast.walk(function) if isinstance(node, ast.stmt)])
        # what is handed to a helper is counted by whoever has it
        handed = set() if function.name.startswith("test_") else parameters(function)
        for loop in ast.walk(function):
            if not isinstance(loop, ast.For) or filled.holds(loop.iter) or names(loop.iter) & handed:
                continue
            within = {id(node) for node in ast.walk(loop)}
            asserts = [node for node in ast.walk(function) if isinstance(node, ast.Assert)]
            about = [node for node in asserts if id(node) not in within and names(node.test) & names(loop.iter)]
            # a list that the loop fills, or a number that it counts, and that is asserted after it
            counted = {
                part.id for part in ast.walk(loop) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)
            }
            after = [
                node for node in asserts if id(node) not in within and names(node.test) & (counted - names(loop.target))
            ]
            if any(id(node) in within for node in asserts) and not about and not after:
                found.add(loop.lineno)
    return sorted(found)


def sure_asserts(source: str) -> list[int]:
    """The lines of asserts that hold whatever happens: of a constant, of a tuple, of a value and itself."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Assert):
            continue
        test = node.test
        sides = [ast.dump(side) for side in (test.left, *test.comparators)] if isinstance(test, ast.Compare) else []
        if len(set(sides)) < len(sides) or isinstance(test, ast.Constant | ast.Tuple | ast.GeneratorExp | ast.Lambda):
            found.append(node.lineno)
    return found


def called(function: Function) -> set[str]:
    calls = [node.func for node in ast.walk(function) if isinstance(node, ast.Call)]
    return {
        call.id if isinstance(call, ast.Name) else call.attr
        for call in calls
        if isinstance(call, ast.Name | ast.Attribute)
    }


def asserting_functions() -> set[str]:
    """The names of the functions of all tests that assert something, themselves or by those they call."""
    everything = [f for file in FILES for f in functions(ast.parse((TESTS / file).read_text()))]
    found = set(_FAILING) | {f.name for f in everything if any(isinstance(node, ast.Assert) for node in ast.walk(f))}
    # what is called as an object
    found |= {"ask"}
    while more := {f.name for f in everything if called(f) & found} - found:
        found |= more
    return found


@pytest.mark.parametrize("file", FILES, ids=str)
def test_no_assert_stands_in_a_loop_that_may_be_empty(file: Path) -> None:
    assert loops_that_may_prove_nothing((TESTS / file).read_text()) == [], "say how many there are"


def test_no_assert_is_sure() -> None:
    sources = {file: (TESTS / file).read_text() for file in FILES}
    assert {file: lines for file, source in sources.items() if (lines := sure_asserts(source))} == {}


def test_each_test_asserts_something() -> None:
    known = asserting_functions() | WITHOUT
    tests = [
        (file, f) for file in FILES for f in functions(ast.parse((TESTS / file).read_text())) if f.name[:5] == "test_"
    ]
    assert len(tests) > 1_000
    assert [f"{file}:{f.lineno}" for file, f in tests if f.name not in known] == []


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ("for x in found(): assert x", True),
        ("for x in xs: assert x", True),
        ("for x in []: assert x", True),
        ("for x in range(n): assert x", True),
        ("for x in range(3): assert x", False),
        ("for x in (1, 2): assert x", False),
        ("xs = {'a': 1}\n for x, y in xs.items(): assert x", False),
        ("xs = found()\n assert len(xs) == 2\n for x in xs: assert x", False),
        ("n = 0\n for x in xs:\n  assert x\n  n += 1\n assert n == 2", False),
        ("for x in TABLE: assert x", False),
        ("for x in sorted(TABLE): assert x", False),
        ("for x in [y for y in TABLE if y]: assert x", True),
        ("for x in xs: print(x)", False),
    ],
)
def test_such_loops_are_found(body: str, problem: bool) -> None:
    source = f"from tests import TABLE\ndef test_it(xs, n):\n {body}\n"
    assert bool(loops_that_may_prove_nothing(source)) == problem


@pytest.mark.parametrize(("test", "sure"), [("x == x", True), ("(x, 'text')", True), ("True", True), ("x == y", False)])
def test_such_asserts_are_found(test: str, sure: bool) -> None:
    assert bool(sure_asserts(f"assert {test}")) == sure
