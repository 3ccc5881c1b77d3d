"""A task goes to somebody else of the same party, with a reason that stays there."""

from dataclasses import replace

import pytest

from flowsvc.domain.access import Actor
from flowsvc.domain.directory import Absence
from flowsvc.domain.errors import AlreadyClaimed, AlreadyCompleted, InstanceSuspended, InvalidInput, NotFound
from flowsvc.store import audit, directory
from flowsvc.usecases import case_pages, handing_over, instances, notices
from flowsvc.usecases import tasks as desk
from flowsvc.usecases.context import Context
from flowsvc.usecases.filling import Sent
from tests.usecases.office import (
    CLIENT,
    END,
    START,
    as_post,
    chain,
    complete,
    deploy,
    open_tasks,
    process,
    properties,
    start,
    user_task,
)

OURS, COLLEAGUE, BOSS = "bup.behandlare", "bup.lakare", "enhetschef.bup"
THEIRS = "socialsekreterare.alvsta"


def begin(ctx: Context, groups: str = f"post:{OURS}", inside: str = "") -> tuple[str, str]:
    """A case of two parties with one task; the ids of both."""
    other = user_task("B", f"post:{THEIRS}")
    deploy(ctx, process("prov", chain(START, user_task("A", groups, inside), other, END)))
    instance_id = start(ctx, OURS, "prov").instance_id
    (task,) = open_tasks(ctx, instance_id)
    return instance_id, task.id


def person(ctx: Context, post: str) -> str:
    return f"person:{as_post(ctx, post).person_id}"


def told(ctx: Context, actor: Actor, instance_id: str) -> list[tuple[str, tuple[tuple[str, str], ...]]]:
    page = case_pages.case_page(ctx, actor, instance_id, language="sv")
    return [(each.what, each.own_answers) for each in page.timeline if "överlämnad" in each.what]


def test_a_task_handed_to_a_person_is_held_by_them_and_they_are_told(any_ctx: Context) -> None:
    instance_id, task_id = begin(any_ctx)

    handing_over.hand_over_task(
        any_ctx, as_post(any_ctx, OURS), task_id, to=person(any_ctx, COLLEAGUE), reason="Jag slutar på fredag."
    )

    (task,) = open_tasks(any_ctx, instance_id)
    colleague = as_post(any_ctx, COLLEAGUE)
    assert (task.assignee, task.candidate_posts) == (colleague.person_id, (COLLEAGUE,))
    assert [each.what for each in notices.my_notices(any_ctx, colleague, language="sv")] == ["Ny uppgift"]
    desk.complete_task(any_ctx, colleague, task_id, Sent(variables={}))


def test_a_task_handed_to_a_post_waits_for_its_holders_and_no_longer_for_others(any_ctx: Context) -> None:
    instance_id, task_id = begin(any_ctx)
    ours = as_post(any_ctx, OURS)

    handing_over.hand_over_task(any_ctx, ours, task_id, to=f"post:{COLLEAGUE}", reason="Gäller läkaren.")

    (task,) = open_tasks(any_ctx, instance_id)
    assert (task.assignee, task.candidate_posts) == (None, (COLLEAGUE,))
    with pytest.raises(NotFound):
        desk.claim_task(any_ctx, ours, task_id)
    desk.claim_task(any_ctx, as_post(any_ctx, COLLEAGUE), task_id)


def test_who_had_it_why_and_to_whom_stand_in_the_history_of_their_own_party(any_ctx: Context) -> None:
    instance_id, task_id = begin(any_ctx)
    handing_over.hand_over_task(
        any_ctx, as_post(any_ctx, OURS), task_id, to=person(any_ctx, COLLEAGUE), reason="Min syster.", is_conflict=True
    )
    complete(any_ctx, instance_id, "A")

    ((what, answers),) = told(any_ctx, as_post(any_ctx, COLLEAGUE), instance_id)

    assert what == "Jäv anmält, uppgiften överlämnad: A"
    assert dict(answers)["Skäl"] == "Min syster."
    assert told(any_ctx, as_post(any_ctx, THEIRS), instance_id) == []
    with any_ctx.store.read() as tx:
        assert audit.first_broken_link(tx, instance_id) is None


def test_a_manager_hands_over_what_somebody_below_holds(any_ctx: Context) -> None:
    instance_id, task_id = begin(any_ctx)
    desk.claim_task(any_ctx, as_post(any_ctx, OURS), task_id)

    handing_over.hand_over_task(any_ctx, as_post(any_ctx, BOSS), task_id, to=f"post:{COLLEAGUE}", reason="Hen är sjuk.")

    (task,) = open_tasks(any_ctx, instance_id)
    assert (task.assignee, task.candidate_posts) == (None, (COLLEAGUE,))


def test_nobody_but_the_holder_or_a_manager_hands_over_a_task_that_is_held(any_ctx: Context) -> None:
    _, task_id = begin(any_ctx, f"post:{OURS},post:{COLLEAGUE}")
    desk.claim_task(any_ctx, as_post(any_ctx, OURS), task_id)

    with pytest.raises(AlreadyClaimed):
        handing_over.hand_over_task(
            any_ctx, as_post(any_ctx, COLLEAGUE), task_id, to=f"post:{BOSS}", reason="Jag vill."
        )


@pytest.mark.parametrize("post", [THEIRS, "enhetschef.barn.granfors", "larare.alvsta"])
def test_others_do_not_see_that_there_is_anything_to_hand_over(any_ctx: Context, post: str) -> None:
    _, task_id = begin(any_ctx)
    actor = as_post(any_ctx, post)

    with pytest.raises(NotFound):
        handing_over.hand_over_page(any_ctx, actor, task_id, language="sv")
    with pytest.raises(NotFound):
        handing_over.hand_over_task(any_ctx, actor, task_id, to=f"post:{COLLEAGUE}", reason="Jag vill.")


@pytest.mark.parametrize(
    ("to", "reason", "wrong"),
    [
        (f"post:{COLLEAGUE}", " ", "varför"),
        (f"post:{COLLEAGUE}", "x" * 501, "varför"),
        (f"post:{THEIRS}", "Fel part", "egen part"),
        ("post:finns-inte", "Ingen", "egen part"),
        ("person:finns-inte", "Ingen", "egen part"),
        ("", "Ingen", "egen part"),
    ],
)
def test_a_reason_is_needed_and_somebody_of_ones_own_party(any_ctx: Context, to: str, reason: str, wrong: str) -> None:
    instance_id, task_id = begin(any_ctx)

    with pytest.raises(InvalidInput, match=wrong):
        handing_over.hand_over_task(any_ctx, as_post(any_ctx, OURS), task_id, to=to, reason=reason)

    assert [task.candidate_posts for task in open_tasks(any_ctx, instance_id)] == [(OURS,)]


def test_nobody_hands_over_to_themselves(any_ctx: Context) -> None:
    _, task_id = begin(any_ctx)

    with pytest.raises(InvalidInput, match="dig själv"):
        handing_over.hand_over_task(
            any_ctx, as_post(any_ctx, OURS), task_id, to=person(any_ctx, OURS), reason="Tillbaka"
        )


def test_what_is_done_or_paused_is_not_handed_over_unless_it_delivers_support(any_ctx: Context) -> None:
    actor, to = as_post(any_ctx, OURS), f"post:{COLLEAGUE}"
    instance_id, task_id = begin(any_ctx)
    instances.suspend_instance(any_ctx, CLIENT, instance_id)
    with pytest.raises(InstanceSuspended):
        handing_over.hand_over_task(any_ctx, actor, task_id, to=to, reason="Sjuk")
    instances.resume_instance(any_ctx, CLIENT, instance_id)
    complete(any_ctx, instance_id, "A")
    with pytest.raises(AlreadyCompleted):
        handing_over.hand_over_task(any_ctx, actor, task_id, to=to, reason="Sjuk")

    instance_id, task_id = begin(any_ctx, inside=properties(deliversSupport="true"))
    instances.suspend_instance(any_ctx, CLIENT, instance_id)
    handing_over.hand_over_task(any_ctx, actor, task_id, to=to, reason="Sjuk")

    assert [task.candidate_posts for task in open_tasks(any_ctx, instance_id)] == [(COLLEAGUE,)]


def test_the_page_offers_the_people_and_posts_of_ones_own_party_alone(any_ctx: Context) -> None:
    _, task_id = begin(any_ctx)
    with any_ctx.store.begin() as tx:
        known = tx.directory()
        gone = Absence("folke-oxel", any_ctx.today(), any_ctx.today())
        directory.replace(tx, replace(known, absences=(*known.absences, gone)))

    page = handing_over.hand_over_page(any_ctx, as_post(any_ctx, OURS), task_id, language="sv")

    assert f"post:{COLLEAGUE}" in dict(page.posts)
    assert person(any_ctx, COLLEAGUE) in dict(page.people)
    assert person(any_ctx, OURS) not in dict(page.people)
    assert "person:folke-oxel" not in dict(page.people)
    assert f"post:{THEIRS}" not in dict(page.posts)
