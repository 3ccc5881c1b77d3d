"""What an input or output parameter gives: a text, a script, or a list or map of such, at any depth. Hides how many
texts are worked out in one crossing and put together again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TypeAlias

from lxml import etree

from flowsvc.domain.values import Value
from flowsvc.engine import dialect
from flowsvc.engine.semantics.facts import Element, Text, expression, text

Content: TypeAlias = "Text | Listed | Mapped"


@dataclass(frozen=True)
class Listed:
    """A camunda:list."""

    items: tuple[Content, ...]


@dataclass(frozen=True)
class Mapped:
    """A camunda:map."""

    entries: tuple[tuple[str, Content], ...]


@dataclass(frozen=True)
class Parameter:
    """What the parameter with the name gives."""

    name: str
    content: Content

    def leaves(self) -> Iterator[Text]:
        """The texts that it is made of, in order."""
        return _leaves(self.content)

    def built(self, values: Iterator[Value]) -> Value:
        """Its value, out of those of its leaves."""
        return _built(self.content, values)


def with_parameters(element: Element, node: etree._Element) -> Element:
    """The element with the parameters of its camunda:inputOutput."""
    inputs, outputs = (tuple(_parameters(node, kind)) for kind in ("inputParameter", "outputParameter"))
    return replace(element, inputs=inputs, outputs=outputs)


def _parameters(node: etree._Element, kind: str) -> Iterator[Parameter]:
    for holder in dialect.extensions(node, "inputOutput"):
        for entry in dialect.members(holder, kind):
            yield Parameter(entry.get("name", ""), _content(entry))


def _content(holder: etree._Element) -> Content:
    for child in dialect.contents(holder):
        return _structure(child)
    return text(holder.text)


def _structure(node: etree._Element) -> Content:
    match dialect.local_name(str(node.tag)):
        case "list":
            return Listed(tuple(_structure(each) for each in node))
        case "map":
            return Mapped(tuple((each.get("key", ""), _content(each)) for each in dialect.members(node, "entry")))
        case "script":
            return Text(expression(node.text), is_feel=True)
        case _:
            return text(node.text)


def _leaves(content: Content) -> Iterator[Text]:
    match content:
        case Text():
            yield content
        case Listed():
            for each in content.items:
                yield from _leaves(each)
        case Mapped():
            for _, each in content.entries:
                yield from _leaves(each)


def _built(content: Content, values: Iterator[Value]) -> Value:
    match content:
        case Listed():
            return [_built(each, values) for each in content.items]
        case Mapped():
            return {key: _built(each, values) for key, each in content.entries}
        case _:
            return next(values)
