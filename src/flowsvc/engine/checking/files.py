"""What kind of file a diagram turns out to be, and why one that is none, or holds nothing that runs, is not taken."""

from lxml import etree

from flowsvc.engine.checking.diagram import Diagram
from flowsvc.engine.checking.findings import Findings, Rule, refused, warned
from flowsvc.engine.dialect import BPMN, bpmn, local_name, namespace_of

_NOT_BPMN = refused(
    "file.not_bpmn",
    "Filen är inget BPMN-diagram: den börjar med {name}.",
    "Spara diagrammet på nytt i ett ritverktyg, som BPMN 2.0.",
    "The file is no BPMN diagram: it begins with {name}.",
    "Save the diagram again in a modeler, as BPMN 2.0.",
)
_DMN = refused(
    "file.is_dmn",
    "Filen är en beslutstabell (DMN), inget diagram.",
    "Låt filnamnet sluta på .dmn.",
    "The file is a decision table (DMN), not a diagram.",
    "Let its name end in .dmn.",
)
_CMMN = refused(
    "file.is_cmmn",
    "Filen är en ärendemodell (CMMN), och sådana körs inte.",
    "Rita den som BPMN, till exempel med en ad hoc-delprocess eller händelsedelprocesser.",
    "The file is a case model (CMMN), and those are not run.",
    "Draw it as BPMN, for example with an ad hoc subprocess or event subprocesses.",
)
_OLD_BPMN = refused(
    "file.old_bpmn",
    "Filen är skriven i en äldre version av BPMN eller som XPDL ({space}).",
    "Öppna den i ett ritverktyg och spara den som BPMN 2.0.",
    "The file is written in an older version of BPMN or as XPDL ({space}).",
    "Open it in a modeler and save it as BPMN 2.0.",
)
_NO_SPACE = refused(
    "file.no_namespace",
    "Filens element hör inte till BPMN: namnrymden saknas.",
    "Lägg till xmlns=”http://www.omg.org/spec/BPMN/20100524/MODEL” på definitions.",
    "The file's elements do not belong to BPMN: the namespace is missing.",
    "Add xmlns=“http://www.omg.org/spec/BPMN/20100524/MODEL” to definitions.",
)
_FRAGMENT = refused(
    "file.fragment",
    "Filen är en del av ett diagram: den börjar med {name} i stället för definitions.",
    "Spara hela diagrammet.",
    "The file is a part of a diagram: it begins with {name} instead of definitions.",
    "Save the whole diagram.",
)
_NO_PROCESS = refused(
    "file.no_process",
    "Diagrammet har ingen process som kan köras.",
    "Kryssa i Körbar (isExecutable) på processen.",
    "The diagram has no executable process.",
    "Set isExecutable on the process.",
)
_NOTHING = refused(
    "file.nothing",
    "Filen har ingen process alls.",
    "Rita en process, eller publicera en annan fil.",
    "The file has no process at all.",
    "Draw a process, or deploy another file.",
)
_CHOREOGRAPHY = refused(
    "file.choreography",
    "Filen visar bara hur deltagare samspelar (koreografi eller konversation), och det körs inte.",
    "Rita varje deltagares process.",
    "The file only shows how participants act together (choreography or conversation), which is not run.",
    "Draw each participant's process.",
)
_NOT_RUN = warned(
    "root.not_run",
    "{kind} läses inte: den ändrar inget när processen körs.",
    "Ta bort den, om du räknar med att den gör något.",
    "{kind} is not read: it changes nothing when the process runs.",
    "Remove it if you count on its doing something.",
)
_MUST_UNDERSTAND = refused(
    "extension.must_understand",
    "Filen kräver utvidgningen {name}, som inte stöds.",
    "Ta bort den, eller sätt mustUnderstand till false.",
    "The file requires the extension {name}, which is not supported.",
    "Remove it, or set mustUnderstand to false.",
)

_KNOWN_SPACES = {"/DMN/": _DMN, "/CMMN/": _CMMN}
_ACTED_TOGETHER = ("choreography", "globalChoreographyTask", "globalConversation")
_READ = frozenset(
    {
        "BPMNDiagram",
        "category",
        "collaboration",
        "correlationProperty",
        "dataStore",
        "documentation",
        "error",
        "escalation",
        "extensionElements",
        "interface",
        "itemDefinition",
        "message",
        "process",
        "resource",
        "signal",
    }
)
"""Roots that are run, are drawn, or describe what is run; and event definitions, which events share."""


def is_diagram(root: etree._Element, findings: Findings) -> bool:
    """Whether the file is BPMN 2.0; the finding says what else it is."""
    if root.tag == bpmn("definitions"):
        return True
    name, space = str(root.tag), namespace_of(str(root.tag))
    rule: Rule = next((rule for word, rule in _KNOWN_SPACES.items() if word in space), _NOT_BPMN)
    if rule is _NOT_BPMN:
        if space == BPMN:
            rule = _FRAGMENT
        elif not space and local_name(name) == "definitions":
            rule = _NO_SPACE
        elif "BPMN" in space.upper() or "XPDL" in space.upper():
            rule = _OLD_BPMN
    findings.add(rule, root, name=local_name(name)[:80], space=space[:80])
    return False


def check_roots(diagram: Diagram, findings: Findings) -> None:
    """Something in the file runs, and what stands beside it and does not is named."""
    root = diagram.root
    kinds = [local_name(str(each.tag)) for each in root]
    if not diagram.executable:
        if any(each in _ACTED_TOGETHER for each in kinds):
            findings.add(_CHOREOGRAPHY, root)
        elif diagram.processes:
            findings.add(_NO_PROCESS, diagram.processes[0].element)
        else:
            findings.add(_NOTHING, root)
    for each, kind in zip(root, kinds, strict=True):
        if kind == "extension" and each.get("mustUnderstand") in ("true", "1"):
            findings.add(_MUST_UNDERSTAND, each, name=each.get("definition", "")[:80])
        elif kind not in _READ and not kind.endswith("EventDefinition"):
            findings.add(_NOT_RUN, each, kind=kind[:80])
