"""Forms: form-js schemas as the server understands them. Parsed once, asked about on every page and every submission;
the same file gives the page, the validation and the words of a receipt."""

from flowsvc.domain.forms.model import Choice, Choices, Evaluate, FieldSpec, Form, Submitted
from flowsvc.domain.forms.parsing import form_conditions, parse_form
from flowsvc.domain.forms.reading import Read, read, unreadable, validate, validate_variables
from flowsvc.domain.forms.viewing import FormView, RowsInWords, display, display_rows, view

__all__ = [
    "Choice",
    "Choices",
    "Evaluate",
    "FieldSpec",
    "Form",
    "FormView",
    "Read",
    "RowsInWords",
    "Submitted",
    "display",
    "display_rows",
    "form_conditions",
    "parse_form",
    "read",
    "unreadable",
    "validate",
    "validate_variables",
    "view",
]
