"""Comments that stay in a party, following, links for those who may read both, and what somebody has reported."""

from dataclasses import replace

import pytest

from flowsvc.domain.access import Actor
from flowsvc.domain.errors import Forbidden, InvalidInput, NotFound
from flowsvc.store import audit
from flowsvc.usecases import case_pages, comments, following, notices, reports
from flowsvc.usecases.context import Context
from flowsvc.usecases.once import Once
from tests.usecases.office import CLIENT, END, START, as_post, chain, complete, deploy, process, start, user_task

OURS, THEIRS, OUTSIDE = "bup.behandlare", "socialsekreterare.alvsta", "larare.alvsta"
"""The region's side of the case, the municipality's, and somebody who has nothing to do with it."""


@pytest.fixture
def instance_id(any_ctx: Context) -> str:
    """A case that two parties read."""
    deploy(any_ctx, process("prov", chain(START, user_task("A", f"post:{OURS},post:{THEIRS}"), END)))
    return start(any_ctx, OURS, "prov").instance_id


def said(ctx: Context, post: str, instance_id: str) -> list[str]:
    """What the holder of the post reads, on the page and by the program's way alike."""
    actor = as_post(ctx, post)
    rows = [each.text for each in comments.comments_of(ctx, actor, instance_id)]
    page = case_pages.case_page(ctx, actor, instance_id, language="sv")
    assert [each.text for each in page.comments] == rows
    return rows


def test_a_comment_is_internal_where_nothing_else_is_said_and_the_other_party_never_sees_it(
    any_ctx: Context, instance_id: str
) -> None:
    comments.add_comment(any_ctx, as_post(any_ctx, OURS), instance_id, text="Vårt.")
    comments.add_comment(any_ctx, as_post(any_ctx, THEIRS), instance_id, text="Deras.")
    comments.add_comment(any_ctx, as_post(any_ctx, THEIRS), instance_id, text="Allas.", is_shared=True)

    assert said(any_ctx, OURS, instance_id) == ["Vårt.", "Allas."]
    assert said(any_ctx, THEIRS, instance_id) == ["Deras.", "Allas."]
    assert [each.text for each in comments.comments_of(any_ctx, CLIENT, instance_id)] == ["Allas."]


def test_the_page_says_in_words_who_sees_a_comment(any_ctx: Context, instance_id: str) -> None:
    comments.add_comment(any_ctx, as_post(any_ctx, OURS), instance_id, text="Vårt.")
    comments.add_comment(any_ctx, as_post(any_ctx, OURS), instance_id, text="Allas.", is_shared=True)

    page = case_pages.case_page(any_ctx, as_post(any_ctx, OURS), instance_id, language="sv")

    assert [each.only_for for each in page.comments] == ["Region Sjöland", ""]
    assert page.own_party == "Region Sjöland"


def test_a_program_writes_shared_comments_only_and_each_once(any_ctx: Context, instance_id: str) -> None:
    with pytest.raises(InvalidInput, match="Dela den"):
        comments.add_comment(any_ctx, CLIENT, instance_id, text="Hej")
    once = Once("klient", "k", "f")

    first = comments.add_comment(any_ctx, CLIENT, instance_id, text="Hej", is_shared=True, once=once)
    again = comments.add_comment(any_ctx, CLIENT, instance_id, text="Hej", is_shared=True, once=once)

    assert first == again
    assert said(any_ctx, THEIRS, instance_id) == ["Hej"]


@pytest.mark.parametrize("text", ["", "  ", "x" * 4001])
def test_an_empty_or_endless_comment_is_refused(any_ctx: Context, instance_id: str, text: str) -> None:
    with pytest.raises(InvalidInput):
        comments.add_comment(any_ctx, as_post(any_ctx, OURS), instance_id, text=text)


def test_whoever_may_not_read_the_case_may_do_nothing_with_it(any_ctx: Context, instance_id: str) -> None:
    outside = as_post(any_ctx, OUTSIDE)

    with pytest.raises(NotFound):
        comments.comments_of(any_ctx, outside, instance_id)
    with pytest.raises(NotFound):
        comments.add_comment(any_ctx, outside, instance_id, text="Hej", is_shared=True)
    with pytest.raises(NotFound):
        following.follow_instance(any_ctx, outside, instance_id)
    with pytest.raises(NotFound):
        following.link_instances(any_ctx, outside, instance_id, business_key="SJ-PRO-2026-00001", reason="x")


def test_reading_comments_is_on_record(any_ctx: Context, instance_id: str) -> None:
    comments.comments_of(any_ctx, as_post(any_ctx, THEIRS), instance_id)

    with any_ctx.store.read() as tx:
        (reading,) = [each for each in audit.readings_of(tx, instance_id) if each.items == ("comments",)]
    assert reading.person_id == as_post(any_ctx, THEIRS).person_id


def told(ctx: Context, actor: Actor) -> list[str]:
    return [each.what for each in notices.my_notices(ctx, actor, language="sv") if not each.task_id]


def test_who_follows_a_case_is_told_when_it_is_over_and_who_stopped_is_not(any_ctx: Context, instance_id: str) -> None:
    stays, stops = as_post(any_ctx, THEIRS), as_post(any_ctx, OURS)
    for actor in (stays, stops):
        following.follow_instance(any_ctx, actor, instance_id)
    assert case_pages.case_page(any_ctx, stops, instance_id, language="sv").is_followed
    following.stop_following(any_ctx, stops, instance_id)

    complete(any_ctx, instance_id, "A")

    assert told(any_ctx, stays) == ["Ett ärende du bevakar har gått vidare"]
    assert told(any_ctx, stops) == ["Det du anmälde är avslutat"]


def test_who_follows_a_case_but_may_read_it_no_more_is_told_nothing(any_ctx: Context, instance_id: str) -> None:
    stays = as_post(any_ctx, THEIRS)
    following.follow_instance(any_ctx, stays, instance_id)
    complete(any_ctx, instance_id, "A")

    assert told(any_ctx, replace(stays, posts=as_post(any_ctx, OUTSIDE).posts)) == []


def test_a_link_is_seen_from_both_cases_by_those_who_may_read_both(any_ctx: Context, instance_id: str) -> None:
    deploy(any_ctx, process("eget", chain(START, user_task("B", f"post:{OURS}"), END)))
    other = start(any_ctx, OURS, "eget")
    ours, theirs = as_post(any_ctx, OURS), as_post(any_ctx, THEIRS)

    following.link_instances(any_ctx, ours, instance_id, business_key=other.business_key.lower(), reason="Samma fråga")

    def linked(actor: Actor, where: str) -> list[tuple[str, str]]:
        page = case_pages.case_page(any_ctx, actor, where, language="sv")
        return [(each.row.id, each.reason) for each in page.linked]

    assert linked(ours, instance_id) == [(other.instance_id, "Samma fråga")]
    assert linked(ours, other.instance_id) == [(instance_id, "Samma fråga")]
    assert linked(theirs, instance_id) == []


def test_a_link_needs_a_reason_and_another_case_that_one_may_read(any_ctx: Context, instance_id: str) -> None:
    deploy(any_ctx, process("eget", chain(START, user_task("B", f"post:{OURS}"), END)))
    other = start(any_ctx, OURS, "eget").business_key
    own = case_pages.case_page(any_ctx, as_post(any_ctx, OURS), instance_id, language="sv").row.business_key

    with pytest.raises(InvalidInput, match="varför"):
        following.link_instances(any_ctx, as_post(any_ctx, OURS), instance_id, business_key=other, reason=" ")
    with pytest.raises(InvalidInput, match="sig självt"):
        following.link_instances(any_ctx, as_post(any_ctx, OURS), instance_id, business_key=own, reason="x")
    with pytest.raises(NotFound):
        following.link_instances(any_ctx, as_post(any_ctx, THEIRS), instance_id, business_key=other, reason="x")


def test_a_pure_operator_neither_comments_nor_follows(any_ctx: Context, instance_id: str) -> None:
    stranger = replace(as_post(any_ctx, OURS), posts=())

    with pytest.raises(Forbidden):
        comments.add_comment(any_ctx, stranger, instance_id, text="Hej")
    with pytest.raises(Forbidden):
        following.follow_instance(any_ctx, stranger, instance_id)


def test_my_reports_say_what_happens_next_and_how_it_ended(any_ctx: Context, instance_id: str) -> None:
    (row,) = reports.my_reports(any_ctx, as_post(any_ctx, OURS), language="sv").items
    assert (row.id, [each.name for each in row.next_tasks], row.ended_at) == (instance_id, ["A"], None)

    complete(any_ctx, instance_id, "A")

    (row,) = reports.my_reports(any_ctx, as_post(any_ctx, OURS), language="en").items
    assert (row.next_tasks, row.ended_at is None) == ((), False)
    assert reports.my_reports(any_ctx, as_post(any_ctx, THEIRS), language="sv").items == ()
