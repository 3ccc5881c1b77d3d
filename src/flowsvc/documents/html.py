"""A document as an accessible HTML fragment; hides Jinja. Every text is escaped by the template engine."""

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined

from flowsvc.documents.model import Document
from flowsvc.documents.plain import plain


def rendered(template: str, document: Document, *, language: str) -> bytes:
    """The document as one `article` with its language, headings in order and table headers, in UTF-8."""
    return _environment().get_template(f"{template}.html").render(plain(document, language=language)).encode()


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("flowsvc.documents"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
