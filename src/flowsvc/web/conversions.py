"""*Omvandlad*: what became of each thing in a diagram that was drawn for another engine."""

from flask import Blueprint, render_template

from flowsvc.usecases import conversions
from flowsvc.web import here

pages = Blueprint("conversions", __name__)


@pages.get("/drafts/<draft_id>/files/<name>/conversion")
def show(draft_id: str, name: str) -> str:
    """The report of the file's last conversion: what has to be drawn anew first."""
    report = conversions.conversion_report(here.context(), here.actor(), draft_id, name)
    return render_template("conversion.html", report=report)
