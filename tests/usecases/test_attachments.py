"""Uploaded files: which are taken in, and who may read them."""

import pytest

from flowsvc.domain.access import SYSTEM
from flowsvc.domain.errors import InvalidInput, NotFound, TooLarge
from flowsvc.store import audit
from flowsvc.store.attachments import Attachment
from flowsvc.store.tables import attachment
from flowsvc.usecases import attachments
from flowsvc.usecases.context import Context
from tests.usecases.office import REPORT, as_post, start

PDF = b"%PDF-1.7 innehall"


def upload(ctx: Context, name: str = "intyg.pdf", content: bytes = PDF, content_type: str = "") -> Attachment:
    actor = as_post(ctx, "bup.behandlare")
    return attachments.store_upload(ctx, actor, name=name, content_type=content_type, content=content)


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("intyg.pdf", "intyg.pdf"),
        ("C:\\Mina dokument\\intyg.pdf", "intyg.pdf"),
        ("../../etc/intyg.PDF", "intyg.PDF"),
        ('a"b\r\n<c>.pdf', "abc.pdf"),
        ("  .pdf", "fil.pdf"),
        ("å" * 300 + ".pdf", "å" * 116 + ".pdf"),
    ],
)
def test_a_name_is_made_harmless(ctx: Context, name: str, kept: str) -> None:
    assert upload(ctx, name).name == kept


@pytest.mark.parametrize(
    ("name", "content", "content_type"),
    [
        ("virus.exe", b"MZ", ""),
        ("sida.html", b"<script>", "text/html"),
        ("bild.svg", b"<svg/>", "image/svg+xml"),
        ("intyg.pdf", b"<script>", "application/pdf"),
        ("intyg.pdf", PDF, "text/html"),
        ("tom.pdf", b"", ""),
        ("utan", PDF, ""),
        ("text.txt", b"a\x00b", ""),
    ],
)
def test_what_is_not_an_allowed_kind_is_refused(ctx: Context, name: str, content: bytes, content_type: str) -> None:
    with pytest.raises(InvalidInput):
        upload(ctx, name, content, content_type)


def test_a_file_past_the_limit_is_refused(ctx: Context) -> None:
    with pytest.raises(TooLarge):
        upload(ctx, content=PDF + b" " * ctx.upload_limit)


def test_a_file_is_handed_out_as_what_it_is_whatever_the_browser_said(ctx: Context) -> None:
    assert upload(ctx, content_type="application/octet-stream").content_type == "application/pdf"
    assert upload(ctx, "a.txt", "hallå".encode()).content_type == "text/plain"


def test_an_unsent_file_is_its_uploaders_alone(ctx: Context) -> None:
    found = upload(ctx)

    assert attachments.read_attachment(ctx, as_post(ctx, "bup.behandlare"), found.id) == (found, PDF)
    with pytest.raises(NotFound):
        attachments.read_attachment(ctx, as_post(ctx, "bup.lakare"), found.id)


def test_a_sent_file_is_the_cases_and_reading_it_is_on_record(shipped: Context) -> None:
    found = upload(shipped)
    file = {"file": found.id, "name": found.name}
    instance_id = start(shipped, "bup.behandlare", "avvikelse", **{**REPORT, "attachments": [file]}).instance_id
    reader = as_post(shipped, "socialsekreterare.alvsta")

    read, content = attachments.read_attachment(shipped, reader, found.id)

    assert (read.instance_id, read.submission_id is not None, content) == (instance_id, True, PDF)
    with pytest.raises(NotFound):
        attachments.read_attachment(shipped, as_post(shipped, "larare.alvsta"), found.id)
    with shipped.store.read() as tx:
        (reading,) = audit.readings_of(tx, instance_id)
    assert (reading.person_id, reading.items, reading.ground) == (reader.person_id, (found.id,), "candidate")


def test_a_file_of_the_other_party_is_not_shown(shipped: Context) -> None:
    found = upload(shipped)
    file = {"file": found.id, "name": found.name}
    start(shipped, "bup.behandlare", "avvikelse", **{**REPORT, "attachments": [file]})
    with shipped.store.begin() as tx:
        tx.conn.execute(attachment.update().values(owner_party="region"))

    with pytest.raises(NotFound):
        attachments.read_attachment(shipped, as_post(shipped, "socialsekreterare.alvsta"), found.id)
    assert attachments.read_attachment(shipped, as_post(shipped, "bup.behandlare"), found.id)[1] == PDF
    assert attachments.read_attachment(shipped, SYSTEM, found.id)[1] == PDF


def test_a_file_of_somebody_else_cannot_be_sent(shipped: Context) -> None:
    actor = as_post(shipped, "bup.lakare")
    other = attachments.store_upload(shipped, actor, name="a.pdf", content_type="", content=PDF)
    file = {"file": other.id, "name": other.name}

    with pytest.raises(InvalidInput):
        start(shipped, "bup.behandlare", "avvikelse", **{**REPORT, "attachments": [file]})
