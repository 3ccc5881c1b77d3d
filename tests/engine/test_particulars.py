"""What an element says of itself is read from its attributes; FEEL and plain text are told apart."""

import pytest

from flowsvc.domain.errors import NotFound
from flowsvc.engine.particulars import Said, read_particulars
from tests.usecases.office import END, START, chain, process, user_task


def test_a_task_says_who_may_do_it() -> None:
    source = process("prov", chain(START, user_task("A", "samordning,post:bup.lakare"), END)).data

    (found,) = [each for each in read_particulars(source, "prov").values() if each.candidates]

    assert found.candidates == (Said("samordning"), Said("post:bup.lakare"))


def test_an_expression_is_feel() -> None:
    source = process("prov", chain(START, user_task("A", "=posts"), END)).data

    (found,) = [each for each in read_particulars(source, "prov").values() if each.candidates]

    assert found.candidates == (Said("posts", is_feel=True),)


def test_a_file_without_the_process_is_refused() -> None:
    source = process("prov", chain(START, user_task("A"), END)).data

    with pytest.raises(NotFound):
        read_particulars(source, "annan")
