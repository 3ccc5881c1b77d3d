"""*Överenskommelser*: the register, open to everybody signed in; it holds nothing of any case."""

from flask import Blueprint, render_template

from flowsvc.usecases import register
from flowsvc.web import here

pages = Blueprint("agreements", __name__)


@pages.get("/agreements")
def listed() -> str:
    """Every agreement: what counts, until when, and what is missing."""
    rows = register.list_agreements(here.context(), here.actor(), language=here.language())
    return render_template("agreements.html", rows=rows)


@pages.get("/agreements/<agreement_id>")
def show(agreement_id: str) -> str:
    """One agreement with versions, clauses, bodies and change history."""
    page = register.show_agreement(here.context(), here.actor(), agreement_id, language=here.language())
    return render_template("agreement.html", page=page)
