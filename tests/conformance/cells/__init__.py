"""Every cell with its story, by what it is about."""

from tests.conformance.cells import (
    activities,
    boundaries,
    compensation,
    data,
    event_subprocesses,
    flow_events,
    gateways,
    nesting,
    patterns,
    scopes,
    starts,
)
from tests.conformance.stories import Cell

CELLS: tuple[Cell, ...] = (
    *starts.CELLS,
    *flow_events.CELLS,
    *boundaries.CELLS,
    *event_subprocesses.CELLS,
    *gateways.CELLS,
    *activities.CELLS,
    *scopes.CELLS,
    *compensation.CELLS,
    *data.CELLS,
    *nesting.CELLS,
    *patterns.CELLS,
)
