"""Documents that are kept: a decision record, a dossier. What a document says is a plain value; here it becomes
accessible HTML or tagged PDF/A, with the same content. Hides the templates, typst and the fonts."""

from typing import Literal

from flowsvc.documents import html, pdf
from flowsvc.documents.model import Document

Form = Literal["html", "pdf"]


def render(template: str, document: Document, *, form: Form, language: str) -> bytes:
    """The document in the form asked for: an HTML fragment in UTF-8 (one `article`, its title as h1), or a PDF that
    is both PDF/A-2a and PDF/UA-1. `template` is `dossier`, `decision`, `report` or `record`; texts of the data
    appear as they are."""
    if form == "html":
        return html.rendered(template, document, language=language)
    return pdf.rendered(template, document, language=language)
