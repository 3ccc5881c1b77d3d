"""The register of agreements; it holds nothing of any case."""

from flowsvc.domain.access import Action
from flowsvc.usecases import register
from flowsvc.web.api.routes import Answer, Asked, Route
from flowsvc.web.api.shapes import Answered, Day, Each, Maybe, Said, Whole, shown

_SAID = Said()
WARNING = Answered("AgreementWarning", (shown("code", _SAID), shown("text", _SAID), shown("cure", _SAID)))
_ROW = (
    shown("id", _SAID),
    shown("name", _SAID),
    shown("county", _SAID),
    shown("version", Maybe(Whole())),
    shown("standing", _SAID),
    shown("validFrom", Maybe(Day())),
    shown("validUntil", Maybe(Day())),
    shown("nextReviewOn", Maybe(Day())),
    shown("warnings", Each(WARNING)),
)
ROW = Answered("Agreement", _ROW)
PARTY = Answered(
    "AgreementParty",
    (
        shown("partyId", _SAID),
        shown("name", _SAID),
        shown("sectors", Each(_SAID)),
        shown("state", _SAID),
        shown("decidedOn", Maybe(Day())),
        shown("registrationNumber", _SAID),
    ),
)
CLAUSE = Answered("Clause", (shown("number", _SAID), shown("title", _SAID), shown("topic", _SAID)))
VERSION = Answered(
    "AgreementVersion",
    (
        shown("id", _SAID),
        shown("number", Whole()),
        shown("standing", _SAID),
        shown("validFrom", Maybe(Day())),
        shown("validUntil", Maybe(Day())),
        shown("targetGroup", _SAID),
        shown("youngest", Maybe(Whole())),
        shown("oldest", Maybe(Whole())),
        shown("clauses", Each(CLAUSE)),
        shown("parties", Each(PARTY)),
    ),
)
BODY = Answered(
    "AgreementBody",
    (
        shown("id", _SAID),
        shown("roles", Each(_SAID)),
        shown("name", _SAID),
        shown("chair", _SAID),
        shown("members", Each(_SAID)),
        shown("meetings", Each(Day())),
    ),
)
CHANGE = Answered(
    "AgreementChange",
    (
        shown("on", Day()),
        shown("text", _SAID),
        shown("madeBy", _SAID),
        shown("changeClass", _SAID),
        shown("version", Maybe(Whole())),
        shown("decision", _SAID),
    ),
)
PAGE = Answered(
    "AgreementDetails",
    (
        shown("agreement", ROW, "row"),
        shown("versions", Each(VERSION)),
        shown("bodies", Each(BODY)),
        shown("changes", Each(CHANGE)),
        shown("processes", Each(_SAID)),
    ),
)
LISTED = Answered("Agreements", (shown("items", Each(ROW), lambda found: found),))


def _listed(asked: Asked) -> Answer:
    return Answer(register.list_agreements(asked.ctx, asked.actor))


def _shown(asked: Asked) -> Answer:
    return Answer(register.show_agreement(asked.ctx, asked.actor, asked.path["id"]))


ROUTES = (
    Route(
        "listAgreements",
        "GET",
        "/agreements",
        "Agreements in the register, with what they lack and when they run out.",
        Action.READ_DIRECTORY,
        _listed,
        answers={200: LISTED},
    ),
    Route(
        "getAgreement",
        "GET",
        "/agreements/<id>",
        "An agreement with versions, clauses, parties, bodies and change history.",
        Action.READ_DIRECTORY,
        _shown,
        answers={200: PAGE},
    ),
)
