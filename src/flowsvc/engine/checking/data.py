"""Data as it is drawn: every association copies something that is there to somewhere that can take it, and every input
that is required can get a value (BPMN 2.0.2, 10.4)."""

from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from flowsvc.engine import dialect
from flowsvc.engine.checking.diagram import ACTIVITIES, EVENTS, Element, Process
from flowsvc.engine.checking.findings import Findings, Rule, refused, warned
from flowsvc.engine.dialect import bpmn, local_name
from flowsvc.engine.items import DATA, PLACEHOLDER, Item, Items, Place, data_of, holder_of, path_in, set_members

_REFERENCE = refused(
    "data.reference",
    "En datapil på {name} pekar på {id}, som inte är data som {name} kan {does}.",
    "Låt pilen gå till ett dataobjekt, ett datalager eller en egenskap i samma process eller delprocess.",
    "A data association of {name} refers to {id}, which is no data that {name} can {does_en}.",
    "Let it refer to a data object, a data store or a property of the same process or subprocess.",
)
_NOWHERE = refused(
    "data.nowhere",
    "En datapil på {name} säger inte vad som ska kopieras, eller vart.",
    "Ange sourceRef och targetRef, eller en transformation. Ett dataobjekt är en variabel som alla i sin process ser; "
    "pilen behövs inte för det.",
    "A data association of {name} does not say what is copied, or where to.",
    "Give sourceRef and targetRef, or a transformation. A data object is a variable that all in its process see; no "
    "association is needed for that.",
)
_SOURCES = refused(
    "data.sources",
    "En datapil på {name} har flera källor men säger inte vad de blir tillsammans.",
    "Ange en transformation i FEEL, eller en pil för var och en.",
    "A data association of {name} has several sources and does not say what they make together.",
    "Give a transformation in FEEL, or one association for each.",
)
_TO = refused(
    "data.assignment",
    "En tilldelning på {name} skriver till ”{text}”, som inte är en del av pilens mål.",
    "Skriv målets namn, eller namnet följt av punkt och delen: {target}.del.",
    "An assignment of {name} writes to “{text}”, which is no part of the association's target.",
    "Write the target's name, or the name followed by a dot and the part: {target}.part.",
)
_HIDDEN = refused(
    "data.hidden",
    "Datapilen på {name} går till {id}, men närmare finns annan data som också heter {item}.",
    "Ge den ena ett annat namn.",
    "The data association of {name} refers to {id}, but nearer to it there is other data with the name {item}.",
    "Give one of them another name.",
)
_WHILE = refused(
    "data.while_executing",
    "Data som lämnas medan {name} pågår stöds inte.",
    "Lämna den före starten eller efter slutet (dataInputRefs, dataOutputRefs).",
    "Data handed over while {name} runs is not supported.",
    "Hand it over before the start or after the end (dataInputRefs, dataOutputRefs).",
)
_SET = refused(
    "data.set",
    "En uppsättning indata eller utdata på {name} räknar upp {id}, som inte hör dit.",
    "Räkna upp dataInput respektive dataOutput från samma specifikation.",
    "An input or output set of {name} lists {id}, which does not belong to it.",
    "List the dataInput or dataOutput elements of the same specification.",
)
_UNFED = refused(
    "data.unfed",
    "Indata {item} krävs av {name}, men ingenting ger den ett värde.",
    "Rita en datapil till den, eller gör den valfri (optionalInputRefs).",
    "The input {item} is required by {name}, but nothing gives it a value.",
    "Draw a data association to it, or make it optional (optionalInputRefs).",
)
_STORE = refused(
    "data.store_name",
    "Datalagret {item} kan inte heta så.",
    "Välj ett namn med högst 200 tecken och utan snedstreck.",
    "A data store cannot be called {item}.",
    "Choose a name of at most 200 characters without a slash.",
)
_NAME = refused(
    "data.name_long",
    "Namnet {item} är längre än 200 tecken.",
    "Ge datat ett kortare namn.",
    "The name {item} is longer than 200 characters.",
    "Give the data a shorter name.",
)
_TOGETHER = refused(
    "data.parallel",
    "{name} väntar på flera saker tillsammans och kan inte lämna utdata.",
    "Låt variablerna komma som de är, eller dela upp den i flera händelser.",
    "{name} waits for several things together and cannot have data outputs.",
    "Let the variables come as they are, or split it into several events.",
)
_LONGEST = 200
_STATE = warned(
    "data.state",
    "Datatillståndet {state} ritas men läses inte.",
    "Håll läget i en egen variabel, om det ska styra något.",
    "The data state {state} is drawn and not read.",
    "Keep the state in a variable of its own if it is to steer anything.",
)
_READS, _WRITES = "dataInputAssociation", "dataOutputAssociation"


def check_data(items: Items, process: Process, findings: Findings) -> None:
    """The data that the process, its activities and its events read and write."""
    for state in process.element.iter(bpmn("dataState")):
        findings.add(_STATE, state, state=(state.get("name") or "")[:80])
    for each in process.element.iter(*map(bpmn, DATA)):
        name = items.name_of(each)
        is_store = each.tag == bpmn("dataStoreReference")
        if is_store and ("/" in name or len(name) > _LONGEST or not name.isprintable()):
            findings.add(_STORE, each, item=name[:80])
        elif len(name) > _LONGEST:
            findings.add(_NAME, each, item=name[:80])
    _Holder(items, process.element, process.key, findings).check()
    for element in process.elements():
        if element.kind in ACTIVITIES | EVENTS:
            _Holder(items, element.element, element.name or element.id, findings).check(element)


@dataclass(frozen=True)
class _Holder:
    """The process, activity or event whose data is checked."""

    items: Items
    node: etree._Element
    name: str
    findings: Findings

    def check(self, element: Element | None = None) -> None:
        """Its associations and sets."""
        for kind in (_READS, _WRITES):
            for drawn in self.node.iterfind(bpmn(kind)):
                self._association(drawn, is_read=kind == _READS)
        for kind in ("Input", "Output"):
            for drawn in self.node.iter(bpmn(f"{kind.lower()}Set")):
                if holder_of(drawn) is self.node:
                    self._set(drawn, kind)
        if element is not None:
            self._fed()
            is_apart = element.kind == "boundaryEvent" or (
                element.kind == "startEvent" and element.scope.owner is not None
            )
            if is_apart and self.node.get("parallelMultiple") == "true" and data_of(self.node, self.items).outputs:
                self._add(_TOGETHER, self.node)

    def _association(self, drawn: etree._Element, *, is_read: bool) -> None:
        target = dialect.text_of(drawn.find(bpmn("targetRef")))
        sources = [dialect.text_of(each) for each in drawn.iterfind(bpmn("sourceRef"))]
        makes = drawn.find(bpmn("transformation")) is not None
        assigns = list(drawn.iterfind(bpmn("assignment")))
        into = self._item(target, drawn, reads=False, is_inner=is_read) if target else None
        froms = [self._item(each, drawn, reads=True, is_inner=not is_read) for each in sources]
        is_drawn_only = into is not None and into.name == PLACEHOLDER
        is_lost = is_drawn_only and any(each is not None and each.place is Place.STORE for each in froms)
        if is_lost or not target or not (sources or makes or assigns):
            self._add(_NOWHERE, drawn)
        elif len(sources) > 1 and not (makes or assigns):
            self._add(_SOURCES, drawn)
        for each in assigns:
            to = dialect.text_of(each.find(bpmn("to")))
            name = into.name if into is not None else ""
            if not dialect.text_of(each.find(bpmn("from"))) or path_in(to, (name, target)) is None:
                self._add(_TO, drawn, text=to[:80], target=name)

    def _item(self, reference: str, drawn: etree._Element, *, reads: bool, is_inner: bool) -> Item | None:
        found = self.items.item(reference, self.node)
        fits = found is not None and ((found.place is Place.OWN) is is_inner or self._is_of_body(reference))
        if found is None or not fits:
            does = ("läsa", "read") if reads else ("skriva", "write")
            self._add(_REFERENCE, drawn, id=reference[:80], does=does[0], does_en=does[1])
            return None
        if found.place is Place.AROUND and found.name in self._nearer(reference):
            self._add(_HIDDEN, drawn, id=reference[:80], item=found.name)
        return found

    def _is_of_body(self, reference: str) -> bool:
        """It is the one item of a multi-instance body, which associations read and write as they do data around."""
        found = self.items.element(reference)
        return found is not None and local_name(str(found.tag)) in ("inputDataItem", "outputDataItem")

    def _nearer(self, reference: str) -> Iterator[str]:
        """The names of the data of the scopes between the activity and the one that holds what is referred to."""
        held = self.items.element(reference)
        holder = None if held is None else self.items.holder_of(held)
        for around in self.node.iterancestors():
            if around is holder:
                return
            yield from data_of(around, self.items).names

    def _set(self, drawn: etree._Element, kind: str) -> None:
        own = {each.get("id") for each in self.node.iter(bpmn(f"data{kind}")) if holder_of(each) is self.node}
        for name, identity in set_members(drawn, kind):
            if name.startswith("whileExecuting"):
                self._add(_WHILE, drawn)
            elif name.endswith(f"{kind}Refs") and identity not in own:
                self._add(_SET, drawn, id=identity[:80])

    def _fed(self) -> None:
        """Some input set can be complete: each input that it requires has an association."""
        data = data_of(self.node, self.items)
        fed = {each.target.name for each in data.reads}
        lacking = [[name for name in each.required if name not in fed] for each in data.input_sets]
        if lacking and all(lacking):
            self._add(_UNFED, self.node, item=", ".join(lacking[0]))

    def _add(self, rule: Rule, at: etree._Element, **words: str) -> None:
        self.findings.add(rule, at, name=self.name, **words)
