"""What the tests of conformance share with those of the engine."""

from tests.engine.conftest import shared_feel as shared_feel
