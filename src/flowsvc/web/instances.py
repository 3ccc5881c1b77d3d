"""A case: what has happened, who owes what until when, its picture and documents, and what I may do in it now."""

import re
from collections.abc import Mapping
from urllib.parse import quote

from flask import Blueprint, Response, make_response, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response as AnyResponse

from flowsvc.domain.forms import Submitted
from flowsvc.usecases import attachments, case_documents, case_pages, messages, task_pages
from flowsvc.web import addresses, filling, here
from flowsvc.web.filling import Blank

pages = Blueprint("instances", __name__)


_MOST_EVENTS = 2**62
"""No case has as many; a larger number no database would take."""


@pages.get("/instances")
def listed() -> AnyResponse | str:
    """My cases; a search that finds a single one opens it."""
    ctx, actor, language = here.context(), here.actor(), here.language()
    search, after = request.args.get("search", "").strip()[:80], request.args.get("after") or None
    if search:
        found = case_pages.find_case(ctx, actor, search, language=language)
        if len(found) == 1:
            return addresses.see(url_for("instances.show", instance_id=found[0].id))
        return render_template("instances.html", rows=found, search=search, next_after=None, is_first=True)
    page = case_pages.my_cases(ctx, actor, language=language, after=after)
    return render_template(
        "instances.html", rows=page.items, search="", next_after=page.next_after, is_first=after is None
    )


@pages.get("/instances/<instance_id>")
def show(instance_id: str) -> str:
    """The whole case, as far as I may see it; `before` asks for what happened before that event."""
    before = request.args.get("before", type=int)
    if before is not None and not 0 < before < _MOST_EVENTS:
        before = None
    page = case_pages.case_page(here.context(), here.actor(), instance_id, language=here.language(), before=before)
    return render_template("instance.html", page=page, typed={}, refused={})


@pages.get("/instances/<instance_id>/diagrams/<key>")
def diagram(instance_id: str, key: str) -> Response:
    """The diagram's XML, for the picture."""
    answer = make_response(case_pages.diagram_source(here.context(), here.actor(), instance_id, key))
    answer.mimetype = "application/xml"
    return answer


@pages.get("/instances/<instance_id>/documents/<template>")
def document(instance_id: str, template: str) -> str:
    """A document of the case, to read on the screen."""
    ctx, actor = here.context(), here.actor()
    made = case_documents.document(ctx, actor, instance_id, template, form="html", language=here.language())
    # Made by flowsvc's own templates, which escape what people have written.
    text = Markup(made.decode())  # noqa: S704
    return render_template("document.html", text=text, instance_id=instance_id, template=template)


@pages.get("/instances/<instance_id>/documents/<template>.pdf")
def document_pdf(instance_id: str, template: str) -> Response:
    """The same document, to keep."""
    ctx, actor = here.context(), here.actor()
    made = case_documents.document(ctx, actor, instance_id, template, form="pdf", language=here.language())
    answer = make_response(made)
    answer.mimetype = "application/pdf"
    answer.headers["Content-Disposition"] = f'inline; filename="{_plain(template)}.pdf"'
    return answer


@pages.get("/attachments/<attachment_id>")
def attachment(attachment_id: str) -> Response:
    """An uploaded file; saved, never run in the page."""
    found, content = attachments.read_attachment(here.context(), here.actor(), attachment_id)
    answer = make_response(content)
    answer.mimetype = found.content_type
    answer.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(found.name)}"
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return answer


@pages.get("/instances/<instance_id>/messages/<token>")
def offer(instance_id: str, token: str) -> str:
    """The form of something that I may do in the case now."""
    return filling.shown(_blank(instance_id, token))


@pages.post("/instances/<instance_id>/messages/<token>")
def answer_offer(instance_id: str, token: str) -> Response:
    """What was filled in is kept, or done."""
    here.actor()
    return filling.answered(_blank(instance_id, token))


def _blank(instance_id: str, token: str) -> Blank:
    ctx, actor, language = here.context(), here.actor(), here.language()

    def page(sent: Submitted | None, errors: Mapping[str, str], key: str) -> str:
        found = task_pages.offer_page(ctx, actor, instance_id, token, language=language, sent=sent, errors=errors)
        return render_template(
            "offer.html",
            page=found,
            form=found.form,
            key=key,
            instance_id=instance_id,
            file_mark=lambda file_id, name: filling.file_mark(actor, file_id, name),
        )

    return Blank(
        place=f"offer:{instance_id}:{token}",
        show=page,
        send=lambda sent: messages.send_offered(ctx, actor, instance_id, token, sent),
        done=lambda receipt: url_for("tasks.receipt", submission_id=receipt.submission_id),
    )


def _plain(template: str) -> str:
    """A name for the file: what was sent with a form is named by the form."""
    return re.sub(r"[^A-Za-z0-9_-]+", "-", template.rpartition(":")[2])
