import pytest

from flowsvc.domain.errors import DefinitionInvalid, TooLarge
from flowsvc.engine.xml import MAX_BYTES, parse_xml

BOMB = (
    b'<!DOCTYPE a [<!ENTITY b "bbbbbbbbbb"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">'
    b'<!ENTITY d "&c;&c;&c;&c;&c;&c;"><!ENTITY e "&d;&d;&d;&d;&d;&d;&d;&d;">'
    b'<!ENTITY f "&e;&e;&e;&e;&e;&e;"><!ENTITY g "&f;&f;&f;&f;&f;&f;">]><a x="&g;">&g;</a>'
)


def test_text_is_whole_and_lines_are_kept_when_comments_stand_in_it() -> None:
    root = parse_xml('<a>\n<text id="t">"å"<!-- why -->, "ä"</text></a>'.encode(), file_name="a.dmn")

    assert root[0].text == '"å", "ä"'
    assert root[0].sourceline == 2


@pytest.mark.parametrize(
    "data",
    [
        b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>',
        b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
        b"<!DOCTYPE a><a/>",
        BOMB,
        '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>'.encode("utf-16"),
    ],
)
def test_a_doctype_is_refused_in_every_shape(data: bytes) -> None:
    with pytest.raises(DefinitionInvalid) as caught:
        parse_xml(data, file_name="a.bpmn")

    assert caught.value.problems[0].code in {"xml.doctype", "xml.malformed"}
    assert "root:" not in str(caught.value)


def test_the_word_doctype_in_a_text_is_only_text() -> None:
    root = parse_xml(b"<a><![CDATA[<!DOCTYPE x>]]></a>", file_name="a.bpmn")

    assert root.text == "<!DOCTYPE x>"


@pytest.mark.parametrize(
    "data", [b"", b"   ", b"<a>", b"<a/><b/>", b"not xml", b'<?xml version="1.0" encoding="x"?><a/>']
)
def test_what_is_not_xml_is_refused_with_its_line(data: bytes) -> None:
    with pytest.raises(DefinitionInvalid) as caught:
        parse_xml(data, file_name="a.bpmn")

    problem = caught.value.problems[0]
    assert (problem.code, problem.file_name) == ("xml.malformed", "a.bpmn")
    assert problem.what_en
    assert problem.cure


def test_nesting_that_would_eat_the_stack_is_refused() -> None:
    with pytest.raises(DefinitionInvalid):
        parse_xml(b"<a>" * 5000 + b"</a>" * 5000, file_name="a.bpmn")


def test_more_than_two_megabytes_is_refused() -> None:
    with pytest.raises(TooLarge):
        parse_xml(b"<a>" + b" " * MAX_BYTES + b"</a>", file_name="a.bpmn")
