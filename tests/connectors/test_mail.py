"""Letters as files and over a mail server that speaks SMTP on a port of its own."""

import email
import socketserver
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.policy import default
from pathlib import Path

import pytest

from flowsvc.connectors.mail import FolderMailer, SmtpMailer
from flowsvc.domain.errors import ConnectorFailed
from flowsvc.domain.letters import Letter

LETTER = Letter("anna@ekby.example", "flowsvc: ny uppgift i ärende 1", "Du har en uppgift i Älvsta.\n", "sv", "k1")
FROM = "flowsvc@sjoland.example"


@dataclass
class Server:
    """A mail server; `refuses` is what it answers to a recipient."""

    port: int = 0
    refuses: str = ""
    taken: list[bytes] = field(default_factory=list)

    def answer(self, line: bytes) -> str:
        verb = line[:4].upper()
        if verb == b"RCPT" and self.refuses:
            return self.refuses
        return {b"EHLO": "250 prov", b"DATA": "354 go on", b"QUIT": "221 bye"}.get(verb, "250 ok")


@pytest.fixture
def server() -> Iterator[Server]:
    known = Server()

    class Talk(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.wfile.write(b"220 prov\r\n")
            while line := self.rfile.readline():
                self.wfile.write(known.answer(line).encode() + b"\r\n")
                if line[:4].upper() == b"DATA":
                    known.taken.append(b"".join(iter(self.rfile.readline, b".\r\n")))
                    self.wfile.write(b"250 taken\r\n")

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Talk) as listening:
        known.port = listening.server_address[1]
        thread = threading.Thread(target=listening.serve_forever)
        thread.start()
        yield known
        listening.shutdown()
        thread.join()


def by_smtp(server: Server) -> SmtpMailer:
    return SmtpMailer(host="127.0.0.1", port=server.port, security="none", sender=FROM)


def test_a_letter_as_a_file_can_be_read_and_sent_again_is_the_same_file(tmp_path: Path) -> None:
    mailer = FolderMailer(tmp_path / "mail", FROM)

    mailer.send(LETTER)
    mailer.send(LETTER)

    (path,) = (tmp_path / "mail").iterdir()
    message = email.message_from_bytes(path.read_bytes(), policy=default)
    assert (message["To"], message["Subject"]) == (LETTER.to, LETTER.subject)
    assert message["Content-Language"] == "sv"
    assert message.get_content().splitlines() == LETTER.text.splitlines()
    assert path.stat().st_size < 2000


def test_a_mail_server_takes_the_letter_with_an_id_that_is_the_same_when_it_is_sent_again(server: Server) -> None:
    by_smtp(server).send(LETTER)
    by_smtp(server).send(LETTER)

    ids = {email.message_from_bytes(each, policy=default)["Message-ID"] for each in server.taken}
    assert len(server.taken) == 2
    assert ids == {"<k1@sjoland.example>"}


@pytest.mark.parametrize(("answer", "may_mend"), [("550 no such user", False), ("450 busy", True)])
def test_an_address_that_the_server_refuses_is_tried_again_only_where_that_can_help(
    server: Server, answer: str, may_mend: bool
) -> None:
    server.refuses = answer

    with pytest.raises(ConnectorFailed) as failed:
        by_smtp(server).send(LETTER)

    assert failed.value.retry is may_mend
    assert LETTER.to not in failed.value.message


def test_a_server_that_does_not_answer_is_tried_again(server: Server) -> None:
    nobody = SmtpMailer(host="127.0.0.1", port=1, security="none", sender=FROM)

    with pytest.raises(ConnectorFailed) as failed:
        nobody.send(LETTER)

    assert failed.value.retry


def test_a_server_without_encryption_gets_nothing_where_encryption_is_asked_for(server: Server) -> None:
    careful = SmtpMailer(host="127.0.0.1", port=server.port, security="starttls", sender=FROM)

    with pytest.raises(ConnectorFailed):
        careful.send(LETTER)

    assert server.taken == []
