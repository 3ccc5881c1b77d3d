"""Reads the XML of diagrams and decisions; hides what makes XML dangerous (entities, DTDs, size)."""

from lxml import etree

from flowsvc.domain.errors import DefinitionInvalid, Problem, TooLarge

MAX_BYTES = 2_000_000
"""The largest file that is read; beside it libxml2 itself stops at 256 levels of nesting."""


def parse_xml(data: bytes, *, file_name: str) -> etree._Element:
    """The root element, without comments and processing instructions, its line numbers kept.

    TooLarge past 2 MB; DefinitionInvalid for a DOCTYPE and for what is not well-formed XML."""
    if len(data) > MAX_BYTES:
        raise TooLarge(f"{file_name} är större än 2 MB. Dela upp den i flera filer.")
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        recover=False,
    )
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        line = error.lineno or 0
        raise _refusal(
            "xml.malformed",
            file_name,
            line,
            what=f"Filen går inte att läsa som XML (rad {line}).",
            cure="Öppna den i ritverktyget och spara den på nytt.",
            what_en=f"The file cannot be read as XML (line {line}).",
            cure_en="Open it in the modeler and save it again.",
        ) from error
    except ValueError as error:
        raise _refusal(
            "xml.malformed",
            file_name,
            0,
            what="Filen är tom eller anger en teckenkodning som inte stämmer.",
            cure="Spara den på nytt som UTF-8.",
            what_en="The file is empty or declares an encoding that does not hold.",
            cure_en="Save it again as UTF-8.",
        ) from error
    document = root.getroottree().docinfo
    if document.doctype or document.internalDTD is not None:
        raise _refusal(
            "xml.doctype",
            file_name,
            1,
            what="Filen har en DOCTYPE; en sådan kan läsa andra filer och tas inte emot.",
            cure="Ta bort raden som börjar med <!DOCTYPE.",
            what_en="The file has a DOCTYPE; one may read other files and is not accepted.",
            cure_en="Remove the line that begins with <!DOCTYPE.",
        )
    return root


def _refusal(
    code: str, file_name: str, line: int, *, what: str, cure: str, what_en: str, cure_en: str
) -> DefinitionInvalid:
    problem = Problem(
        severity="refused",
        code=code,
        element_id="",
        line=line,
        what=what,
        cure=cure,
        what_en=what_en,
        cure_en=cure_en,
        file_name=file_name,
    )
    return DefinitionInvalid([problem])
