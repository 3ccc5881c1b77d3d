"""What input and output parameters say: a text, or a list, map or script of Camunda's, at any depth."""

from collections.abc import Callable, Iterator

from lxml import etree

from flowsvc.engine import dialect
from flowsvc.engine.checking.findings import Findings, refused
from flowsvc.engine.dialect import local_name

_SHAPE = refused(
    "parameter.shape",
    "Parametern {name} har ett innehåll som inte går att läsa: {why}.",
    "Skriv en text, ett uttryck (=…), en camunda:list, en camunda:map med nycklar eller ett camunda:script i FEEL.",
    "The parameter {name} has content that cannot be read: {why_en}.",
    "Write a text, an expression (=…), a camunda:list, a camunda:map with keys, or a camunda:script in FEEL.",
)
_UNNAMED = refused(
    "parameter.name",
    "En parameter på {place} har inget namn, eller ett som är längre än 200 tecken.",
    "Ge den ett namn i egenskapspanelen.",
    "A parameter of {place} has no name, or one of more than 200 characters.",
    "Give it a name in the properties panel.",
)
_SCRIPT = refused(
    "script.language",
    "Skriptet är skrivet i {language}, och bara FEEL körs.",
    "Sätt scriptFormat till feel och skriv ett FEEL-uttryck.",
    "The script is written in {language}, and only FEEL is run.",
    "Set scriptFormat to feel and write a FEEL expression.",
)
_TOGETHER = ("den har både text och annat innehåll, eller flera innehåll", "it has text and other content, or several")
_NO_KEY = ("en post i en camunda:map har ingen nyckel", "an entry of a camunda:map has no key")
_TWICE = ("en nyckel står två gånger", "a key stands twice")
_UNKNOWN = (
    "en del av den är varken text, list, map eller script",
    "a part of it is neither text, list, map nor script",
)
_LONGEST = 200

_Read = Callable[[str, bool], object]


def check_parameters(node: etree._Element, findings: Findings, *, maybe: _Read, always: _Read) -> None:
    """Every parameter of the element can be read. `maybe` reads a text that may be FEEL, `always` one that is; both are
    told whether it is what an output parameter gives."""
    for holder in dialect.extensions(node, "inputOutput"):
        for kind in ("inputParameter", "outputParameter"):
            for entry in dialect.members(holder, kind):
                name = entry.get("name", "")
                if not 0 < len(name) <= _LONGEST:
                    findings.add(_UNNAMED, node, place=str(node.get("id", "")))
                for why, why_en in _faults(entry):
                    findings.add(_SHAPE, node, name=name[:80], why=why, why_en=why_en)
                for script in entry.iter(*dialect.named("script")):
                    language = script.get("scriptFormat") or ("resource" if script.get("resource") else "")
                    if "feel" not in language.lower():
                        findings.add(_SCRIPT, node, language=language[:40] or "?")
                for text, is_script in _leaves(entry):
                    (always if is_script else maybe)(text, kind == "outputParameter")


def _faults(holder: etree._Element) -> Iterator[tuple[str, str]]:
    kind = local_name(str(holder.tag))
    inside = list(holder)
    if kind in ("inputParameter", "outputParameter", "entry"):
        allowed: tuple[str, ...] = ("list", "map", "script")
        if len(inside) + bool(dialect.text_of(holder)) > 1:
            yield _TOGETHER
    else:
        allowed = {"list": ("value", "script", "list", "map"), "map": ("entry",)}.get(kind, ())
        if inside and dialect.text_of(holder):
            yield _TOGETHER
    if any(each.tag not in [name for one in allowed for name in dialect.named(one)] for each in inside):
        yield _UNKNOWN
    if kind == "map":
        keys = [each.get("key") for each in inside]
        if not all(keys):
            yield _NO_KEY
        elif len(set(keys)) < len(keys):
            yield _TWICE
    for each in inside:
        yield from _faults(each)


def _leaves(holder: etree._Element) -> Iterator[tuple[str, bool]]:
    """The texts in the content of a parameter, list, map or entry, and whether each is a script."""
    kind = local_name(str(holder.tag))
    if not len(holder) and kind not in ("list", "map"):
        yield holder.text or "", kind == "script"
    for each in holder:
        yield from _leaves(each)
