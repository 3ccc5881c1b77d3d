"""*Mina anmälningar*: what I reported and where it stands."""

from flask import Blueprint, render_template, request

from flowsvc.usecases import reports
from flowsvc.web import here

pages = Blueprint("reports", __name__)


@pages.get("/reports")
def mine() -> str:
    """The page."""
    after = request.args.get("after") or None
    page = reports.my_reports(here.context(), here.actor(), language=here.language(), after=after)
    return render_template("reports.html", page=page, is_first=after is None)
