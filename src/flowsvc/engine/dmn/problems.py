"""What may be wrong in a DMN file, in both languages, and the problems that were found in one."""

from lxml import etree

from flowsvc.domain.errors import Problem

Said = tuple[str, str]
"""What is wrong, and the cure."""


class Problems:
    """The problems of one file, in the order in which they were found."""

    def __init__(self, file_name: str) -> None:
        self.found: list[Problem] = []
        self._file_name = file_name

    def refuse(self, element: etree._Element, code: str, swedish: Said, english: Said) -> None:
        """The element cannot run as DMN says."""
        named = next((each for each in (element, *element.iterancestors()) if each.get("id")), element)
        if named.getparent() is None and named is not element:
            named = element
        self.found.append(
            Problem(
                severity="refused",
                code=code,
                element_id=named.get("id", ""),
                line=element.sourceline or 0,
                what=swedish[0],
                cure=swedish[1],
                what_en=english[0],
                cure_en=english[1],
                file_name=self._file_name,
            )
        )

    def refuse_language(self, element: etree._Element) -> None:
        """The element's expressions are in FEEL, or it is refused."""
        language = element.get("expressionLanguage", "")
        if language and "feel" not in language.lower():
            self.refuse(
                element,
                "decision.language",
                (f"Uttrycksspråket {language} körs inte.", "Skriv uttrycket i FEEL."),
                (f"The expression language {language} is not run.", "Write the expression in FEEL."),
            )

    def refuse_element(self, element: etree._Element) -> None:
        """The kind of element is not known."""
        name = etree.QName(element).localname
        self.refuse(
            element,
            "decision.unsupported",
            (f"{name} körs inte här.", "Använd en beslutstabell eller ett FEEL-uttryck."),
            (f"{name} is not run here.", "Use a decision table or a FEEL expression."),
        )
