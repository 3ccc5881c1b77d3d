"""What BPMN lets a file leave out or say in two ways is said in one way, so that the check and the run time read the
same: names of messages, ids of flows, shared event definitions, prefixed references, tasks that are called."""

from copy import deepcopy

from lxml import etree

from flowsvc.engine.dialect import bpmn, local_name

GLOBAL_TASKS = {
    "globalTask": "task",
    "globalUserTask": "userTask",
    "globalScriptTask": "scriptTask",
    "globalBusinessRuleTask": "businessRuleTask",
    "globalManualTask": "manualTask",
}
REFERENCES = (
    "attachedToRef",
    "calledElement",
    "dataStoreRef",
    "errorRef",
    "escalationRef",
    "messageRef",
    "operationRef",
    "processRef",
    "signalRef",
    "sourceRef",
    "targetRef",
)
_CODES = {"message": "name", "signal": "name", "error": "errorCode", "escalation": "escalationCode"}


def complete(root: etree._Element) -> None:
    """The file says what it leaves out. What is wrong stays as it is, for the check to find."""
    _without_prefixes(root)
    _with_codes(root)
    _with_definitions(root)
    _with_processes(root)
    _with_flow_ids(root)


def _without_prefixes(root: etree._Element) -> None:
    """References are qualified names (BPMN 2.0.2, 8.2.1); a prefix of the file's own namespace says nothing."""
    own = root.get("targetNamespace")
    for element in root.iter(etree.Element):
        for name in REFERENCES:
            prefix, colon, local = element.get(name, "").partition(":")
            if colon and own and element.nsmap.get(prefix) == own:
                element.set(name, local)


def _with_codes(root: etree._Element) -> None:
    """What is thrown and caught by reference alone has its name, else its id, as its code."""
    for kind, code in _CODES.items():
        for shared in root.iterfind(bpmn(kind)):
            said = shared.get(code) or shared.get("name") or shared.get("id")
            if said and not shared.get(code):
                shared.set(code, said)


def _with_definitions(root: etree._Element) -> None:
    """An event definition that several events share stands in each of them (BPMN 2.0.2, table 10.83)."""
    shared = {each.get("id"): each for each in root if local_name(str(each.tag)).endswith("EventDefinition")}
    for reference in list(root.iter(bpmn("eventDefinitionRef"))):
        found = shared.get((reference.text or "").strip().rpartition(":")[2])
        holder = reference.getparent()
        if found is not None and holder is not None:
            copied = deepcopy(found)
            # Two elements with one id would be refused.
            copied.attrib.pop("id", None)
            copied.sourceline = reference.sourceline  # type: ignore[misc]  # lxml lets it be set
            copied.tail = reference.tail
            holder.replace(reference, copied)


def _with_processes(root: etree._Element) -> None:
    """A global task is called as a process that does that task (BPMN 2.0.2, 10.3.3 and 13.3.4)."""
    for kind, inside in GLOBAL_TASKS.items():
        for task in list(root.iterfind(bpmn(kind))):
            key = task.get("id", "")
            process = etree.SubElement(root, bpmn("process"), {"id": key, "isExecutable": "true"})
            process.set("name", task.get("name") or key)
            process.sourceline = task.sourceline  # type: ignore[misc]  # lxml lets it be set
            root.replace(task, process)
            task.tag = bpmn(inside)
            task.set("id", f"{key}.task")
            if task.get("scriptLanguage") and not task.get("scriptFormat"):
                task.set("scriptFormat", task.get("scriptLanguage", ""))
            begin = etree.SubElement(process, bpmn("startEvent"), {"id": f"{key}.start"})
            # What is called has the inputs and outputs, and the task inside sees them (BPMN 2.0.2, 10.3.4).
            for held in task.findall(bpmn("ioSpecification")):
                process.append(held)
            process.append(task)
            end = etree.SubElement(process, bpmn("endEvent"), {"id": f"{key}.end"})
            for source, target in ((begin, task), (task, end)):
                ends = {"sourceRef": source.get("id", ""), "targetRef": target.get("id", "")}
                etree.SubElement(process, bpmn("sequenceFlow"), ends)
            for added in process.iter(bpmn("startEvent"), bpmn("endEvent"), bpmn("sequenceFlow")):
                added.sourceline = task.sourceline  # type: ignore[misc]  # lxml lets it be set


def _with_flow_ids(root: etree._Element) -> None:
    """Nothing refers to a flow without id, so it may have any."""
    taken = {each.get("id") for each in root.iter(etree.Element)}
    number = 0
    for flow in root.iter(bpmn("sequenceFlow")):
        while not flow.get("id"):
            number += 1
            if f"flow.{number}" not in taken:
                flow.set("id", f"flow.{number}")
