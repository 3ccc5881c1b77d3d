"""Finds in the source every sentence that an error says to people, as `errors.po` keys it: `{0}`, `{1}` … stand for
what is put in, and texts that are put in are sentences of their own."""

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from flowsvc.domain import errors

_ROOTS = {name for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, errors.FlowError)}
_ENGLISH = {"Misconfigured"}
"""Said on the command line alone, which speaks English."""
_COMMANDS = {"cli.py", "settings.py", "app.py"}
_BESIDE: dict[str, int | str] = {"_problem": 2, "incident_of": "message"}
"""What tells a sentence without an error, and which argument that is."""


def sentences(source: Path) -> dict[str, str]:
    """Every sentence with the first place where it stands."""
    trees = {
        path: ast.parse(path.read_text("utf-8"))
        for path in sorted(source.rglob("*.py"))
        if path.name not in _COMMANDS and not {"migrations", "node_modules", "demo"} & set(path.parts)
    }
    kinds = _kinds(trees.values())
    found: dict[str, str] = {}
    for path, tree in trees.items():
        for line, sentence in _Module(tree).sentences(kinds):
            found.setdefault(sentence.strip(), f"{path.relative_to(source)}:{line}")
    return found


def _kinds(trees: Iterable[ast.Module]) -> set[str]:
    """The error classes by name: those of the domain and those built on them, wherever they stand."""
    kinds = set(_ROOTS)
    classes = [each for tree in trees for each in ast.walk(tree) if isinstance(each, ast.ClassDef)]
    while more := {each.name for each in classes if {_name(base) for base in each.bases} & kinds} - kinds:
        kinds |= more
    return kinds - _ENGLISH


def _name(of: ast.AST) -> str:
    return of.id if isinstance(of, ast.Name) else of.attr if isinstance(of, ast.Attribute) else ""


class _Module:
    def __init__(self, tree: ast.Module) -> None:
        self._tree = tree
        self._parents = {child: parent for parent in ast.walk(tree) for child in ast.iter_child_nodes(parent)}
        self._read: set[ast.AST] = set()

    def sentences(self, kinds: set[str]) -> Iterator[tuple[int, str]]:
        """What the file's errors say, with the line."""
        for call in self._calls():
            name = _name(call.func)
            if name not in kinds | set(_BESIDE):
                continue
            place = _BESIDE.get(name, 0)
            said = [*call.args[place : place + 1]] if isinstance(place, int) else []
            said += [each.value for each in call.keywords if each.arg == "message"]
            self._read.clear()
            yield from ((call.lineno, text) for each in said for text in self._texts(each))

    def _calls(self) -> Iterator[ast.Call]:
        return (each for each in ast.walk(self._tree) if isinstance(each, ast.Call))

    def _texts(self, said: ast.AST) -> Iterator[str]:
        """The sentences that the expression may be, and those put into them; a name that leads back to itself ends."""
        if said in self._read:
            return
        self._read.add(said)
        match said:
            case ast.Constant(value=str(text)):
                yield text
            case ast.JoinedStr(values=values):
                yield _with_gaps(values)
                for each in values:
                    if isinstance(each, ast.FormattedValue):
                        yield from filter(_is_text, self._texts(each.value))
            case ast.IfExp(body=one, orelse=other):
                yield from (*self._texts(one), *self._texts(other))
            case ast.BoolOp(values=parts):
                yield from (text for part in parts for text in self._texts(part))
            case ast.Dict(values=parts):
                yield from (text for part in parts for text in self._texts(part))
            case ast.Call(func=ast.Attribute(attr="fromkeys"), args=[_, text]):
                yield from self._texts(text)
            case ast.Subscript(value=ast.Name() as table):
                yield from self._texts(table)
            case ast.Name(id=name):
                yield from self._named(said, name)

    def _named(self, at: ast.AST, name: str) -> Iterator[str]:
        """The texts that a name may stand for: what it is set to, or what its function is called with."""
        function = self._around(at)
        if function is not None:
            parameters = [each.arg for each in (*function.args.posonlyargs, *function.args.args)]
            if name in {*parameters, *(each.arg for each in function.args.kwonlyargs)}:
                yield from self._called_with(function, name, parameters)
                return
        for each in ast.walk(function or self._tree):
            if isinstance(each, ast.Assign) and name in {_name(target) for target in each.targets}:
                yield from self._texts(each.value)
        if function is not None:
            for top in self._tree.body:
                if isinstance(top, ast.Assign) and name in {_name(target) for target in top.targets}:
                    yield from self._texts(top.value)

    def _around(self, at: ast.AST) -> ast.FunctionDef | None:
        parent: ast.AST | None = at
        while parent is not None and not isinstance(parent, ast.FunctionDef):
            parent = self._parents.get(parent)
        return parent

    def _called_with(self, function: ast.FunctionDef, name: str, parameters: list[str]) -> Iterator[str]:
        for call in self._calls():
            if _name(call.func) != function.name:
                continue
            place = parameters.index(name) - (parameters[:1] == ["self"]) if name in parameters else len(call.args)
            given = [*call.args[place : place + 1], *(each.value for each in call.keywords if each.arg == name)]
            for each in given:
                if self._around(each) is not function:
                    yield from self._texts(each)


def _with_gaps(values: list[ast.expr]) -> str:
    """The sentence with its gaps numbered; gaps without a sign between them are one."""
    text, number = "", 0
    for each in values:
        if isinstance(each, ast.Constant):
            text += str(each.value)
        elif not re.search(r"\{\d\}$", text):
            text, number = f"{text}{{{number}}}", number + 1
    return text


def _is_text(text: str) -> bool:
    """Whether it is for people: words, and more than a name of ours."""
    words = re.sub(r"\{\d\}", "", text)
    return bool(re.search(r"\w", words)) and (" " in words or not words.isascii())
