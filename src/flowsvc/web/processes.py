"""*Processer*: what is deployed, for everybody to read: diagrams, steps in words, decision tables, forms."""

from flask import Blueprint, Response, make_response, render_template, request

from flowsvc.usecases import definition_lists, process_pages, rule_pages
from flowsvc.web import here

pages = Blueprint("processes", __name__)

_LONGEST_SEARCH = 80


@pages.context_processor
def _for_owners() -> dict[str, object]:
    """What each button that changes what is read sends along, so that two presses are one."""
    return {"once_key": here.context().clock.new_id}


def _version() -> int | None:
    """The version asked for; a number that no version can have is one that is not found."""
    text = request.args.get("version", "")
    if not text:
        return None
    return int(text) if text.isdecimal() and len(text) < 7 else 0


@pages.get("/processes")
def listed() -> str:
    """The processes by what starts them, then tables and forms."""
    search = request.args.get("search", "").strip()[:_LONGEST_SEARCH]
    found = definition_lists.definition_lists(here.context(), here.actor(), language=here.language(), search=search)
    return render_template("processes.html", lists=found, search=search)


@pages.get("/processes/<key>")
def show(key: str) -> str:
    """One process to read."""
    page = process_pages.process_page(
        here.context(),
        here.actor(),
        key,
        language=here.language(),
        version=_version(),
        only_this_version=request.args.get("cases") == "this",
    )
    return render_template("process.html", page=page)


@pages.get("/processes/<key>/versions/<int:version>/diagram")
def diagram(key: str, version: int) -> Response:
    """The diagram's XML, for the picture."""
    source = process_pages.process_diagram(here.context(), here.actor(), key, min(version, 10**6))
    answer = make_response(source)
    answer.mimetype = "application/xml"
    return answer


@pages.get("/processes/decisions/<key>")
def decision(key: str) -> str:
    """One decision table to read."""
    page = rule_pages.decision_page(here.context(), here.actor(), key, language=here.language(), version=_version())
    return render_template("decision.html", page=page)


@pages.get("/processes/forms/<key>")
def form(key: str) -> str:
    """One form to read, as staff get it, without anything to send."""
    page = rule_pages.form_page(here.context(), here.actor(), key, language=here.language(), version=_version())
    return render_template("form_sheet.html", page=page)
