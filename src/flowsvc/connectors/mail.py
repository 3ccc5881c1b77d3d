"""Sends letters: by SMTP, or as files in a folder where nothing shall leave the machine. Hides the mail format and
which of a server's refusals may mend themselves."""

import re
import smtplib
import ssl
from dataclasses import dataclass
from datetime import timedelta
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import Literal, Protocol

from flowsvc.domain.errors import ConnectorFailed
from flowsvc.domain.letters import Letter

Security = Literal["starttls", "tls", "none"]

AGAIN = timedelta(minutes=15)
_TIMEOUT = 20.0


class Mailer(Protocol):
    """What takes letters out of the house."""

    def send(self, letter: Letter) -> None:
        """The letter is on its way; ConnectorFailed says whether trying again can help."""


@dataclass(frozen=True)
class FolderMailer:
    """Writes each letter as a file that mail programs open. Sent again, it is the same file."""

    folder: Path
    sender: str

    def send(self, letter: Letter) -> None:
        """The letter lies in the folder."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            path = self.folder / f"{re.sub(r'[^0-9A-Za-z-]', '_', letter.key)}.eml"
            path.write_bytes(message_of(letter, sender=self.sender).as_bytes())
        except OSError as error:
            raise ConnectorFailed(
                "Mejlet gick inte att spara i mappen. Se mappens rättigheter.", after=AGAIN
            ) from error


@dataclass(frozen=True)
class SmtpMailer:
    """Hands each letter to a mail server."""

    host: str
    port: int
    security: Security
    sender: str
    user: str = ""
    password: str = ""

    def send(self, letter: Letter) -> None:
        """The server has taken the letter over."""
        try:
            with self._connected() as server:
                if self.security == "starttls":
                    server.starttls(context=ssl.create_default_context())
                if self.user:
                    server.login(self.user, self.password)
                server.send_message(message_of(letter, sender=self.sender))
        except smtplib.SMTPRecipientsRefused as error:
            # What the server said may hold the address.
            codes = [code for code, _ in error.recipients.values()]
            raise ConnectorFailed(
                "Mejlservern tar inte emot mejl till personens adress. Rätta adressen i katalogen.",
                retry=all(code < 500 for code in codes),
                after=AGAIN,
            ) from None
        except (OSError, smtplib.SMTPException) as error:
            raise ConnectorFailed(
                f"Mejlservern {self.host} tog inte emot mejlet ({type(error).__name__}). "
                "Se att den svarar och att FLOWSVC_SMTP_… stämmer.",
                after=AGAIN,
            ) from None

    def _connected(self) -> smtplib.SMTP:
        if self.security == "tls":
            return smtplib.SMTP_SSL(self.host, self.port, timeout=_TIMEOUT, context=ssl.create_default_context())
        return smtplib.SMTP(self.host, self.port, timeout=_TIMEOUT)


def message_of(letter: Letter, *, sender: str) -> EmailMessage:
    """The letter in the format of mail. Its id is that of the letter, so that one sent twice can be seen for that."""
    message = EmailMessage(policy=SMTP)
    message["From"] = sender
    message["To"] = letter.to
    message["Subject"] = letter.subject
    message["Message-ID"] = f"<{letter.key}@{sender.rpartition('@')[2].strip('> ') or 'flowsvc'}>"
    # No program answers a machine with a holiday greeting.
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.text)
    # Only now: setting the text takes away every header of it.
    message["Content-Language"] = letter.language
    return message
