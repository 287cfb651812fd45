"""Mail: as files by default, by SMTP when configured; sent in the background, never inside a transaction."""

import asyncio
import os
from collections.abc import Sequence
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid, parseaddr
from pathlib import Path
from tempfile import mkstemp
from typing import Protocol
from urllib.parse import unquote, urlsplit

import aiosmtplib
import structlog
from pydantic import SecretStr
from uuid_utils.compat import uuid7

_LOG = structlog.get_logger(__name__)

# Links stay in one piece: RFC 5322, 2.1.1 allows 998 characters a line.
_POLICY = policy.SMTP.clone(max_line_length=998)

MOST_WAITING = 1000
SMTP_TIMEOUT = 15.0


class Mailer(Protocol):
    """Hands a message over to whatever delivers it."""

    async def send(self, message: EmailMessage) -> None: ...


class FileMailer:
    """One file for each message, oldest first by name, complete as soon as it is seen."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    async def send(self, message: EmailMessage) -> None:
        await asyncio.to_thread(self._write, message)

    def _write(self, message: EmailMessage) -> None:
        self._directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor, name = mkstemp(dir=self._directory, prefix=".unfinished-")  # mkstemp gives mode 0600.
        with os.fdopen(descriptor, "wb") as file:
            file.write(message.as_bytes())
        Path(name).rename(self._directory / f"{uuid7()}.eml")


class SmtpMailer:
    """`smtp://` upgrades to TLS where the server offers it, `smtps://` begins with it."""

    def __init__(self, url: str, *, timeout: float = SMTP_TIMEOUT) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
            raise ValueError("An SMTP server is written smtp://user:password@host:587 or smtps://…")
        self._is_tls = parts.scheme == "smtps"
        self._host = parts.hostname
        self._port = parts.port or (465 if self._is_tls else 25)
        self._user = unquote(parts.username) if parts.username else None
        self._password = unquote(parts.password) if parts.password else None
        self._timeout = timeout

    async def send(self, message: EmailMessage) -> None:
        await aiosmtplib.send(
            message,
            hostname=self._host,
            port=self._port,
            username=self._user,
            password=self._password,
            use_tls=self._is_tls,
            timeout=self._timeout,
        )


def mailer_of(smtp_url: SecretStr | None, directory: Path) -> Mailer:
    if smtp_url is None:
        return FileMailer(directory)
    return SmtpMailer(smtp_url.get_secret_value())


class Outbox:
    """Messages on their way. Whoever posts one does not wait, and does not learn what became of it."""

    def __init__(self, mailer: Mailer, sender: str, *, pauses: Sequence[float] = (1.0, 10.0)) -> None:
        self._mailer = mailer
        self._sender = sender
        self._pauses = pauses
        self._under_way: set[asyncio.Task[None]] = set()

    def post(self, recipient: str, subject: str, body: str) -> None:
        if len(self._under_way) >= MOST_WAITING:
            _LOG.error("mail dropped", reason="too many are waiting")
            return
        message = compose(self._sender, recipient, subject, body)
        task = asyncio.get_running_loop().create_task(self._deliver(message))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def drain(self, *, timeout: float | None = None) -> None:  # noqa: ASYNC109 - What is late goes on.
        """Wait for what is under way."""
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=timeout)

    async def _deliver(self, message: EmailMessage) -> None:
        for pause in (*self._pauses, None):
            try:
                await self._mailer.send(message)
            except Exception as error:  # noqa: BLE001 - Whatever went wrong, nobody waits for this task.
                _LOG.warning("mail not sent", message_id=message["Message-ID"], error=type(error).__name__)
            else:
                return
            if pause is not None:
                await asyncio.sleep(pause)


def compose(sender: str, recipient: str, subject: str, body: str) -> EmailMessage:
    message = EmailMessage(policy=_POLICY)
    message["From"] = sender
    message["To"] = recipient
    message["Subject"] = subject
    message["Date"] = format_datetime(datetime.now(UTC))
    message["Message-ID"] = make_msgid(domain=parseaddr(sender)[1].rpartition("@")[2] or "localhost")
    # No out-of-office reply, please: RFC 3834, 5.
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(body)
    return message
