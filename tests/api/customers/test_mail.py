"""Mail becomes a file or goes to an SMTP server, and nobody waits for it."""

import asyncio
import stat
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from pydantic import SecretStr

from api.identity.mail import FileMailer, Outbox, SmtpMailer, compose, mailer_of

pytestmark = pytest.mark.anyio


async def test_each_mail_is_one_private_file(tmp_path: Path) -> None:
    outbox = Outbox(FileMailer(tmp_path / "mail"), "Shop <shop@example.com>", pauses=())
    link = "https://shop.example/verify-email?token=" + "x" * 200

    outbox.post("ada@example.com", "Grüße", f"Follow this:\n\n{link}\n")
    await outbox.drain()

    (file,) = (tmp_path / "mail").iterdir()
    message = message_from_bytes(file.read_bytes(), policy=policy.default)
    assert file.suffix == ".eml"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert (message["From"], message["To"], message["Subject"]) == (
        "Shop <shop@example.com>",
        "ada@example.com",
        "Grüße",
    )
    assert message["Date"] is not None
    assert message["Message-ID"].endswith("@example.com>")
    assert link.encode() in file.read_bytes()


class _Server:
    """An SMTP server that takes one message, or refuses the first `refused` of them."""

    def __init__(self, refused: int = 0) -> None:
        self.lines: list[str] = []
        self.refused = refused
        self.sessions = 0

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.sessions += 1
        writer.write(b"220 test\r\n")
        while line := (await reader.readline()).decode().rstrip():
            verb = line.split()[0].upper()
            if verb == "MAIL" and self.sessions <= self.refused:
                writer.write(b"451 later\r\n")
                continue
            if verb == "DATA":
                writer.write(b"354 go on\r\n")
                body = await reader.readuntil(b"\r\n.\r\n")
                self.lines += body.decode().splitlines()
            else:
                self.lines.append(line)
            writer.write(b"221 bye\r\n" if verb == "QUIT" else b"250 ok\r\n")
            await writer.drain()
            if verb == "QUIT":
                break
        writer.close()


async def _post_to(server: _Server, *, pauses: tuple[float, ...] = ()) -> None:
    listening = await asyncio.start_server(server, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    outbox = Outbox(SmtpMailer(f"smtp://127.0.0.1:{port}", timeout=5), "shop@example.com", pauses=pauses)
    async with listening:
        outbox.post("ada@example.com", "Hello", "Hello Ada")
        await outbox.drain()


async def test_mail_is_handed_to_an_smtp_server() -> None:
    server = _Server()

    await _post_to(server)

    assert "MAIL FROM:<shop@example.com>" in " ".join(server.lines)
    assert any(line.startswith("RCPT TO:<ada@example.com>") for line in server.lines)
    assert "Subject: Hello" in server.lines
    assert "Hello Ada" in server.lines


async def test_a_server_that_is_busy_is_asked_again() -> None:
    server = _Server(refused=1)

    await _post_to(server, pauses=(0.0,))

    assert server.sessions == 2
    assert "Hello Ada" in server.lines


async def test_a_server_that_is_down_harms_nobody() -> None:
    outbox = Outbox(SmtpMailer("smtp://127.0.0.1:1", timeout=1), "shop@example.com", pauses=())

    outbox.post("ada@example.com", "Hello", "Hello Ada")
    await outbox.drain()

    assert not outbox._under_way


@pytest.mark.parametrize("url", ["http://localhost", "smtp://", "localhost:25"])
def test_what_is_no_smtp_server_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="SMTP"):
        mailer_of(SecretStr(url), Path())


def test_an_smtp_server_is_read_from_its_url() -> None:
    mailer = SmtpMailer("smtps://user%40shop:p%3Ass@mail.example")

    assert (mailer._host, mailer._port, mailer._user, mailer._password) == ("mail.example", 465, "user@shop", "p:ss")


def test_nobody_smuggles_a_header_into_a_mail() -> None:
    with pytest.raises(ValueError, match="linefeed"):
        compose("shop@example.com", "ada@example.com\r\nBcc: all@example.com", "Hello", "Hello")
