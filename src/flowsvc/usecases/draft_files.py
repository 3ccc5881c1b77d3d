"""What goes into drafts of models and comes out of them: live definitions, new and imported files, an archive; and the
check of a draft. Hides how a new file begins."""

import io
import re
import unicodedata
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from html import escape

import orjson

from flowsvc.domain import model_drafts as rules
from flowsvc.domain.access import Action, Actor, require
from flowsvc.domain.definitions import DefinitionKind
from flowsvc.domain.errors import Conflict, InvalidInput
from flowsvc.domain.model_drafts import DraftMove
from flowsvc.engine.parsing import Report, SourceFile
from flowsvc.store import definitions, model_drafts
from flowsvc.usecases import conversions, deployments, drafting
from flowsvc.usecases.context import Context

_EMPTY = Report((), (), (), (), {})
_BPMN = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" \
xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" \
xmlns:di="http://www.omg.org/spec/DD/20100524/DI" xmlns:camunda="http://camunda.org/schema/1.0/bpmn" \
id="definitions_{key}" targetNamespace="http://flowsvc/processes">
  <bpmn:process id="{key}" name="{name}" isExecutable="true">
    <bpmn:startEvent id="start" name="Start">
      <bpmn:outgoing>start_end</bpmn:outgoing>
    </bpmn:startEvent>
    <bpmn:endEvent id="end" name="Klart">
      <bpmn:incoming>start_end</bpmn:incoming>
    </bpmn:endEvent>
    <bpmn:sequenceFlow id="start_end" sourceRef="start" targetRef="end" />
  </bpmn:process>
  <bpmndi:BPMNDiagram id="diagram">
    <bpmndi:BPMNPlane id="plane" bpmnElement="{key}">
      <bpmndi:BPMNShape id="start_di" bpmnElement="start">
        <dc:Bounds x="160" y="160" width="36" height="36" />
        <bpmndi:BPMNLabel><dc:Bounds x="166" y="203" width="25" height="14" /></bpmndi:BPMNLabel>
      </bpmndi:BPMNShape>
      <bpmndi:BPMNShape id="end_di" bpmnElement="end">
        <dc:Bounds x="460" y="160" width="36" height="36" />
        <bpmndi:BPMNLabel><dc:Bounds x="465" y="203" width="27" height="14" /></bpmndi:BPMNLabel>
      </bpmndi:BPMNShape>
      <bpmndi:BPMNEdge id="start_end_di" bpmnElement="start_end">
        <di:waypoint x="196" y="178" />
        <di:waypoint x="460" y="178" />
      </bpmndi:BPMNEdge>
    </bpmndi:BPMNPlane>
  </bpmndi:BPMNDiagram>
</bpmn:definitions>
"""
_DMN = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" \
xmlns:dmndi="https://www.omg.org/spec/DMN/20191111/DMNDI/" xmlns:dc="http://www.omg.org/spec/DMN/20180521/DC/" \
id="definitions_{key}" name="{name}" namespace="http://flowsvc/decisions/{key}">
  <decision id="{key}" name="{name}">
    <decisionTable id="table" hitPolicy="UNIQUE">
      <input id="input_1" label="Indata">
        <inputExpression id="expression_1" typeRef="string">
          <text>indata</text>
        </inputExpression>
      </input>
      <output id="output_1" label="Svar" name="svar" typeRef="string" />
      <rule id="rule_1">
        <inputEntry id="cell_1">
          <text>-</text>
        </inputEntry>
        <outputEntry id="value_1">
          <text>"svar"</text>
        </outputEntry>
      </rule>
    </decisionTable>
  </decision>
  <dmndi:DMNDI>
    <dmndi:DMNDiagram id="diagram">
      <dmndi:DMNShape id="shape" dmnElementRef="{key}">
        <dc:Bounds height="80" width="180" x="160" y="100" />
      </dmndi:DMNShape>
    </dmndi:DMNDiagram>
  </dmndi:DMNDI>
</definitions>
"""


def add_definition(ctx: Context, actor: Actor, draft_id: str, *, kind: DefinitionKind, key: str) -> str:
    """The name of the file: the draft has the newest live version of the definition. NotFound; Conflict where the file
    is there already."""
    require(actor, Action.CHANGE_DRAFT)
    with ctx.store.begin() as tx:
        draft = model_drafts.locked(tx, draft_id)
        rules.require_open(draft)
        drafting.add_live(ctx, tx, draft, kind, key, by=actor.person_id)
        newest = definitions.latest(tx, kind, key)
        return newest.file_name if newest is not None else ""


def add_new_file(ctx: Context, actor: Actor, draft_id: str, *, kind: DefinitionKind, name: str) -> str:
    """The name of the file: the draft has a new one of the kind, with as little in it as can be checked. Conflict where
    its key is live already."""
    require(actor, Action.CHANGE_DRAFT)
    plain = " ".join(name.split())
    key = _key_of(plain)
    if not key:
        raise InvalidInput("Ge den nya filen ett namn med minst en bokstav.")
    file = SourceFile(rules.file_name_for(kind, key), _blank(kind, key, plain))
    with ctx.store.begin() as tx:
        draft = model_drafts.locked(tx, draft_id)
        rules.require_open(draft)
        if definitions.latest(tx, kind, key) is not None:
            raise Conflict(
                f"Nyckeln {key} finns redan publicerad. Lägg till den som den är, eller välj ett annat namn."
            )
        drafting.add_file(ctx, tx, draft, file, by=actor.person_id, based_on={})
    return file.name


def import_files(ctx: Context, actor: Actor, draft_id: str, *, files: Sequence[SourceFile]) -> tuple[str, ...]:
    """The draft has the files as they were sent, or none of them. One of a name that it has is saved over as the next
    revision. A diagram of another engine is saved as it was sent, then converted; the names of such are returned."""
    require(actor, Action.CHANGE_DRAFT)
    if not files:
        raise InvalidInput("Välj minst en fil som slutar på .bpmn, .dmn eller .form.")
    for each in files:
        rules.kind_of(each.name)
        rules.require_file(each.data, each.name)
    ours = conversions.converted(files)
    sent = {each.name: each for each in files}
    found = deployments.checked(ctx, [each.file for each in ours])
    with ctx.store.begin() as tx:
        draft = model_drafts.locked(tx, draft_id)
        rules.require_open(draft)
        there = {each.file_name: each for each in model_drafts.files_of(tx, draft_id)}
        for conversion in ours:
            file = sent.get(conversion.file.name, conversion.file)
            if file.name in there:
                drafting.save_file(ctx, tx, draft, there[file.name], file.data, by=actor.person_id, why="Import")
            else:
                ground = deployments.ground_of(tx, found, file.name)
                drafting.add_file(ctx, tx, draft, file, by=actor.person_id, based_on=ground)
            if conversion.came_from:
                saved = model_drafts.file_of(tx, draft_id, file.name)
                why = f"{conversions.WHY}{conversion.came_from}"
                data, move = conversion.file.data, DraftMove.CONVERTED
                drafting.save_file(ctx, tx, draft, saved, data, by=actor.person_id, why=why, move=move)
    return tuple(each.file.name for each in ours if each.came_from)


def export_draft(ctx: Context, actor: Actor, draft_id: str) -> tuple[str, bytes]:
    """The name of the draft, and all its files in one archive."""
    require(actor, Action.READ_DRAFTS)
    with ctx.store.read() as tx:
        draft, files = model_drafts.by_id(tx, draft_id), model_drafts.files_of(tx, draft_id)
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for each in files:
            archive.writestr(zipfile.ZipInfo(each.file_name), each.source, zipfile.ZIP_DEFLATED)
    return draft.name, written.getvalue()


def check_draft(ctx: Context, actor: Actor, draft_id: str, *, unsaved: SourceFile | None = None) -> Report:
    """What a release of the draft would say; the unsaved file stands for the saved one of its name. Nothing changes."""
    require(actor, Action.READ_DRAFTS)
    with ctx.store.read() as tx:
        model_drafts.by_id(tx, draft_id)
        files = [SourceFile(each.file_name, each.source) for each in model_drafts.files_of(tx, draft_id)]
    if unsaved is not None:
        rules.kind_of(unsaved.name)
        files = [each for each in files if each.name != unsaved.name] + [unsaved]
    if not files:
        return _EMPTY
    report = deployments.checked(ctx, sorted(files, key=lambda each: each.name)).report
    return replace(report, problems=tuple(each for each in report.problems if each.severity != "used"))


def _key_of(name: str) -> str:
    """The name as a key: of small letters a-z, digits and hyphens, beginning with a letter."""
    bare = re.sub(r"\.(?:bpmn|dmn|form)$", "", name.strip().lower())
    plain = unicodedata.normalize("NFKD", bare).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-").lstrip("0123456789-")[:60]


def _blank(kind: DefinitionKind, key: str, name: str) -> bytes:
    if kind is DefinitionKind.FORM:
        form = {
            "type": "default",
            "id": key,
            "schemaVersion": 19,
            "exporter": {"name": "flowsvc", "version": "1"},
            "properties": {"flowsvc:name": name},
            "components": [],
        }
        return orjson.dumps(form, option=orjson.OPT_INDENT_2) + b"\n"
    text = _BPMN if kind is DefinitionKind.PROCESS else _DMN
    return text.format(key=key, name=escape(name)).encode()
