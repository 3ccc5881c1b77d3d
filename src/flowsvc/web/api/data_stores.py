"""Data stores: reference data that processes share."""

from flowsvc.domain.access import Action
from flowsvc.usecases import data_stores
from flowsvc.web.api.routes import PAGING, Answer, Asked, Route
from flowsvc.web.api.shapes import Answered, Anything, Entry, Maybe, Moment, Said, Sent, Whole, listed, shown

_SAID = Said()
DATA_STORE = Answered(
    "DataStore",
    (
        shown("name", _SAID),
        shown("value", Anything()),
        shown("version", Whole()),
        shown("changedAt", Moment()),
        shown("changedBy", _SAID),
        shown("changedByInstance", Maybe(_SAID)),
    ),
)


def _listed(asked: Asked) -> Answer:
    found = data_stores.list_data_stores(asked.ctx, asked.actor, limit=asked.query["limit"], after=asked.query["after"])
    return Answer(found)


def _shown(asked: Asked) -> Answer:
    return Answer(data_stores.show_data_store(asked.ctx, asked.actor, asked.path["name"]))


def _set(asked: Asked) -> Answer:
    found = data_stores.set_data_store(
        asked.ctx,
        asked.actor,
        asked.path["name"],
        asked.body["value"],
        version=asked.body["version"],
        once=asked.once,
    )
    return Answer(found)


ROUTES = (
    Route(
        "listDataStores",
        "GET",
        "/data-stores",
        "Data stores that have a value, in the order of the alphabet.",
        Action.READ_DATA_STORES,
        _listed,
        query=PAGING,
        answers={200: listed(DATA_STORE)},
    ),
    Route(
        "getDataStore",
        "GET",
        "/data-stores/<name>",
        "A data store with its value.",
        Action.READ_DATA_STORES,
        _shown,
        answers={200: DATA_STORE},
    ),
    Route(
        "setDataStore",
        "PUT",
        "/data-stores/<name>",
        "Sets the value of a data store; null removes it. Never personal data.",
        Action.WRITE_DATA_STORES,
        _set,
        body=Sent(
            "DataStoreValue",
            (
                Entry("value", Anything(), is_needed=True, about="Dates and times are tagged."),
                Entry("version", Whole(0), about="The version that was read: refused where it has been written since."),
            ),
        ),
        answers={200: DATA_STORE},
        is_write=True,
    ),
)
