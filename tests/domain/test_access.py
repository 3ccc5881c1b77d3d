"""Which role may ask for what is done together on a case: every role and action is stated, and nobody else may."""

import pytest

from flowsvc.domain.access import NOBODY, ActingPost, Action, Actor, ActorKind, can
from flowsvc.domain.directory import Level, Role

STAFF = {Role.STAFF}
OWNER = {Role.PROCESS_OWNER}
MAY: dict[Action, tuple[set[Role], set[str]]] = {
    Action.COMMENT_INSTANCE: (STAFF, {"instances:write"}),
    Action.FOLLOW_INSTANCE: (STAFF, set()),
    Action.HAND_OVER_TASK: (STAFF, set()),
    Action.LINK_INSTANCES: (STAFF, set()),
    Action.READ_DRAFTS: (OWNER, set()),
    Action.CHANGE_DRAFT: (OWNER, set()),
    Action.APPROVE_RELEASE: (OWNER, set()),
}
"""The roles and the scopes."""


def holder(role: Role) -> Actor:
    post = ActingPost("p", "ekby", "e", Level.UNIT, (role,), ())
    return Actor(kind=ActorKind.PERSON, person_id="anna", posts=(post,))


@pytest.mark.parametrize("action", MAY)
@pytest.mark.parametrize("role", Role)
def test_a_role_may_what_is_stated_and_nothing_else(role: Role, action: Action) -> None:
    assert can(holder(role), action) is (role in MAY[action][0])


@pytest.mark.parametrize("action", MAY)
@pytest.mark.parametrize("scope", ["instances:read", "instances:write", "tasks:write", "operations:write"])
def test_a_token_may_what_its_scope_states(scope: str, action: Action) -> None:
    client = Actor(kind=ActorKind.CLIENT, scopes=frozenset({scope}))

    assert can(client, action) is (scope in MAY[action][1])


@pytest.mark.parametrize("action", MAY)
def test_a_stranger_may_nothing(action: Action) -> None:
    assert not can(NOBODY, action)
