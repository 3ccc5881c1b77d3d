"""The forms of a placement and its SIP in a real browser, wide and on a phone: each can be read and filled in."""

import re

import pytest

from flowsvc.domain.values import Variables
from flowsvc.store import tasks
from tests.conftest import ROOT, OpenPage, TakePicture
from tests.processes.placement import CASE
from tests.usecases import office
from tests.web.conftest import REPORTER, Installed, sign_in
from tests.web.test_browser import faults

SPLIT = '<bpmn:parallelGateway id="alla"/>'


def forms_of(root: str) -> list[str]:
    """The keys of the forms of a process and of all that it calls inside itself."""
    found: dict[str, None] = {}
    waiting, seen = [root], {root, "avvikelse"}
    while waiting:
        text = (ROOT / "processes" / f"{waiting.pop()}.bpmn").read_text(encoding="utf-8")
        found |= dict.fromkeys(re.findall(r'(?:formKey="|offerForm" value=")([\w-]+)"', text))
        called = set(re.findall(r'calledElement="([\w-]+)"', text)) - seen
        seen |= called
        waiting.extend(sorted(called))
    return list(found)


def asking(keys: list[str]) -> str:
    """A process that asks everything at once."""
    asked = "".join(
        f'<bpmn:userTask id="t{n}" name="{key}" camunda:formKey="{key}" camunda:candidateGroups="post:{REPORTER}"/>'
        f'<bpmn:endEvent id="e{n}"/>{office.flow("alla", f"t{n}")}{office.flow(f"t{n}", f"e{n}")}'
        for n, key in enumerate(keys)
    )
    return f"{office.START[1]}{SPLIT}{office.flow('start', 'alla')}{asked}"


@pytest.mark.slow
def test_every_form_of_a_placement_can_be_read_and_has_no_fault(
    pages: Installed, open_page: OpenPage, address: str, take_picture: TakePicture
) -> None:
    keys = forms_of("placering")
    office.deploy(pages.ctx, office.process("blanketter", asking(keys)))
    known: Variables = {**CASE, "eligibility": [], "answers": [], "plan_lines": [], "principles": [], "cost_lines": []}
    instance_id = office.start(pages.ctx, REPORTER, "blanketter", **known).instance_id
    with pages.ctx.store.read() as tx:
        asked = {task.form_key: task.id for task in tasks.of_instance(tx, instance_id, open_only=True)}
    page = open_page(width=1280)
    sign_in(page, address, REPORTER)

    sideways, wrong = [], {}
    for key, task_id in asked.items():
        page.goto(f"{address}/tasks/{task_id}")
        for width in (1280, 360):
            page.set_viewport_size({"width": width, "height": 900})
            take_picture(page, f"blankett-{key}-{width}")
            if not page.evaluate("document.documentElement.scrollWidth <= innerWidth"):
                sideways.append((key, width))
            if found := faults(page):
                wrong[key, width] = found

    assert set(asked) == set(keys)
    assert (sideways, wrong) == ([], {})
