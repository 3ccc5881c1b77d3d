"""The data that a diagram draws (BPMN 2.0.2, 10.4): which variable or data store each data object, property, data input
and data output is, and what is copied along the data associations. Hides the ids by which they refer to each other."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

from lxml import etree

from flowsvc.engine import dialect
from flowsvc.engine.dialect import NotTranslatable, bpmn, local_name

SCOPES = frozenset({"process", "subProcess", "transaction", "adHocSubProcess"})
DATA = frozenset({"dataObject", "dataObjectReference", "property", "dataInput", "dataOutput", "dataStoreReference"})
"""The item-aware elements that something may refer to."""
PLACEHOLDER = "__targetRef_placeholder"
"""The property that Camunda Modeler draws an arrow to where the activity has no data input."""


class Place(Enum):
    """Where an item's value stands."""

    AROUND = "around"
    """A variable of the scope that holds the item: a process or subprocess around."""
    OWN = "own"
    """A variable of the activity's or event's own."""
    STORE = "store"
    """A data store, shared by all instances."""


@dataclass(frozen=True)
class Item:
    """An item-aware element, as the elements that read and write it know it."""

    name: str
    place: Place
    is_collection: bool = False


@dataclass(frozen=True)
class Assignment:
    """A part of a target gets the value of a FEEL text; no path is the whole target."""

    source: str
    path: tuple[str, ...] = ()


@dataclass(frozen=True)
class Association:
    """What is copied: the one source as it is, the value of a FEEL text, or parts by assignments."""

    sources: tuple[Item, ...]
    target: Item
    transformation: str = ""
    assignments: tuple[Assignment, ...] = ()


@dataclass(frozen=True)
class DataSet:
    """An input or output set: what must have a value, and which sets may go with it (all where none is named)."""

    required: tuple[str, ...] = ()
    goes_with: tuple[str, ...] = ()
    id: str = ""


@dataclass(frozen=True)
class Data:
    """What one process, activity or event says of data; all by the names of variables."""

    properties: tuple[str, ...] = ()
    objects: tuple[str, ...] = ()
    """The data objects that a process or subprocess holds."""
    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    reads: tuple[Association, ...] = ()
    writes: tuple[Association, ...] = ()
    input_sets: tuple[DataSet, ...] = ()
    output_sets: tuple[DataSet, ...] = ()
    loop_input: str = ""
    """The data input that holds the items of a multi-instance activity."""
    loop_output: str = ""
    """The data output that collects what its bodies leave."""

    @property
    def names(self) -> tuple[str, ...]:
        """Everything that has a variable of its own here, with or without a value."""
        return tuple(dict.fromkeys((*self.properties, *self.objects, *self.inputs, *self.outputs)))

    @property
    def stores(self) -> frozenset[str]:
        """The data stores that it reads or writes."""
        items = (item for each in (*self.reads, *self.writes) for item in (*each.sources, each.target))
        return frozenset(item.name for item in items if item.place is Place.STORE)


NO_DATA = Data()


class Items:
    """The item-aware elements of one file, by id."""

    def __init__(self, root: etree._Element) -> None:
        self._by_id = {each.get("id", ""): each for each in root.iter(etree.Element) if each.get("id")}
        self._called: dict[str, str] = {}
        for each in root.iter(bpmn("dataObjectReference")):
            name = _said(each)
            if name:
                self._called.setdefault(each.get("dataObjectRef", ""), name)

    def element(self, identity: str) -> etree._Element | None:
        """The element with that id."""
        return self._by_id.get(identity)

    def name_of(self, element: etree._Element) -> str:
        """The name of the variable or data store that the element is: its own name, else that of its reference, else
        its id."""
        match local_name(str(element.tag)):
            case "dataObjectReference" if (held := self._by_id.get(element.get("dataObjectRef", ""))) is not None:
                return self.name_of(held)
            case "dataStoreReference" if (held := self._by_id.get(element.get("dataStoreRef", ""))) is not None:
                return self.name_of(held)
            case "dataObject":
                identity = element.get("id", "")
                return _said(element) or self._called.get(identity) or identity
            case _:
                return _said(element) or element.get("id", "")

    def item(self, reference: str, seen_from: etree._Element) -> Item | None:
        """What the id means to the activity or event; None where it is no item-aware element that it can see."""
        found = self._by_id.get(reference)
        if found is None:
            return None
        kind = local_name(str(found.tag))
        if kind == "dataStoreReference":
            return Item(self.name_of(found), Place.STORE)
        held = self._held(found)
        owner = holder_of(held)
        if owner is seen_from and kind in ("property", "dataInput", "dataOutput", "inputDataItem", "outputDataItem"):
            place = Place.OWN
        elif (
            owner is not None
            and owner in seen_from.iterancestors()
            and kind
            in (
                "dataObject",
                "dataObjectReference",
                "property",
                "dataInput",
                "dataOutput",
            )
        ):
            place = Place.AROUND
        else:
            return None
        return Item(self.name_of(found), place, is_collection=held.get("isCollection") in ("true", "1"))

    def holder_of(self, element: etree._Element) -> etree._Element | None:
        """The process, activity or event that holds the data, or what the reference refers to."""
        return holder_of(self._held(element))

    def _held(self, element: etree._Element) -> etree._Element:
        held = self._by_id.get(element.get("dataObjectRef", ""))
        return element if held is None else held

    def name_for(self, text: str) -> str:
        """The name of what a text refers to by id; the text itself where it is the name of a variable."""
        found = self._by_id.get(text)
        return self.name_of(found) if found is not None and is_item(found) else text

    def associations(self, holder: etree._Element, kind: str) -> Iterator[Association]:
        """The data associations of the activity or event that can be followed; the check has refused the others."""
        for drawn in holder.iterfind(bpmn(kind)):
            target = self.item(dialect.text_of(drawn.find(bpmn("targetRef"))), holder)
            sources = [self.item(dialect.text_of(each), holder) for each in drawn.iterfind(bpmn("sourceRef"))]
            if target is not None and target.name != PLACEHOLDER:
                yield Association(
                    sources=tuple(each for each in sources if each is not None),
                    target=target,
                    transformation=feel_in(drawn, "transformation"),
                    assignments=tuple(self._assignments(drawn, target)),
                )

    def _assignments(self, drawn: etree._Element, target: Item) -> Iterator[Assignment]:
        reference = dialect.text_of(drawn.find(bpmn("targetRef")))
        for each in drawn.iterfind(bpmn("assignment")):
            path = path_in(dialect.text_of(each.find(bpmn("to"))), (target.name, reference))
            yield Assignment(feel_in(each, "from"), path or ())


def data_of(holder: etree._Element, items: Items) -> Data:
    """What the process, activity or event says of data."""
    io = _holder_of_io(holder)
    loop = holder.find(bpmn("multiInstanceLoopCharacteristics"))
    is_scope = local_name(str(holder.tag)) in SCOPES

    def names(parent: etree._Element, kind: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(items.name_of(each) for each in parent.iterfind(bpmn(kind))))

    inputs, outputs = names(io, "dataInput"), names(io, "dataOutput")
    return Data(
        properties=tuple(each for each in names(holder, "property") if each != PLACEHOLDER),
        objects=tuple(dict.fromkeys(_objects(holder, items))) if is_scope else (),
        inputs=inputs,
        outputs=outputs,
        reads=tuple(items.associations(holder, "dataInputAssociation")),
        writes=tuple(items.associations(holder, "dataOutputAssociation")),
        input_sets=tuple(_sets(io, "input", items)),
        output_sets=tuple(_sets(io, "output", items)),
        loop_input=_loop_name(loop, "loopDataInputRef", inputs, items),
        loop_output=_loop_name(loop, "loopDataOutputRef", outputs, items),
    )


def is_item(element: etree._Element) -> bool:
    """The element is item-aware: it holds a value or refers to what does."""
    return local_name(str(element.tag)) in DATA - {"dataStoreReference"}


def feel_in(holder: etree._Element, name: str) -> str:
    """The FEEL of the expression with that name; empty where there is none, or none that the check lets through."""
    try:
        return dialect.condition_of(dialect.text_of(holder.find(bpmn(name))))
    except NotTranslatable:
        return ""


def path_in(text: str, targets: Sequence[str]) -> tuple[str, ...] | None:
    """The way into the target that the `to` of an assignment names: `target.part.part`; None where it is another."""
    text = text.removeprefix("=").strip()
    for target in targets:
        if text in ("", target):
            return ()
        if target and text.startswith(f"{target}."):
            path = tuple(part.strip() for part in text[len(target) + 1 :].split("."))
            return path if all(path) else None
    return None


def set_members(drawn: etree._Element, kind: str) -> Iterator[tuple[str, str]]:
    """The kind of each reference of an input or output set and the id that it refers to."""
    names = (f"data{kind}Refs", f"optional{kind}Refs", f"whileExecuting{kind}Refs", "outputSetRefs", "inputSetRefs")
    for each in drawn.iterchildren(*map(bpmn, names)):
        yield local_name(str(each.tag)), dialect.text_of(each)


def _sets(io: etree._Element, kind: str, items: Items) -> Iterator[DataSet]:
    title = kind.capitalize()
    for drawn in io.iterfind(bpmn(f"{kind}Set")):
        members = list(set_members(drawn, title))
        optional = {identity for name, identity in members if name == f"optional{title}Refs"}
        required = (i for name, i in members if name == f"data{title}Refs" and i not in optional)
        yield DataSet(
            required=tuple(dict.fromkeys(items.name_for(identity) for identity in required)),
            goes_with=tuple(identity for name, identity in members if name.endswith("SetRefs")),
            id=drawn.get("id", ""),
        )


def _objects(holder: etree._Element, items: Items) -> Iterator[str]:
    for each in holder.iterchildren(bpmn("dataObject"), bpmn("dataObjectReference")):
        is_reference = each.tag == bpmn("dataObjectReference")
        if not (is_reference and items.element(each.get("dataObjectRef", "")) is not None):
            yield items.name_of(each)


def _loop_name(loop: etree._Element | None, kind: str, own: Sequence[str], items: Items) -> str:
    text = "" if loop is None else dialect.text_of(loop.find(bpmn(kind)))
    name = items.name_for(text)
    return name if name in own else ""


def _holder_of_io(holder: etree._Element) -> etree._Element:
    """An event has its inputs and outputs directly, others in their ioSpecification."""
    found = holder.find(bpmn("ioSpecification"))
    return holder if found is None else found


def holder_of(element: etree._Element) -> etree._Element | None:
    """The process, activity or event that the data belongs to."""
    parent = element.getparent()
    if parent is not None and local_name(str(parent.tag)) in ("ioSpecification", "multiInstanceLoopCharacteristics"):
        return parent.getparent()
    return parent


def _said(element: etree._Element) -> str:
    return " ".join(element.get("name", "").split())
