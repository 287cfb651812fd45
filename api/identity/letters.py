"""What the mails say. They carry no names, which the sender may have made up for somebody else's address."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Letter:
    subject: str
    body: str


def verify_email(token: str, public_url: str | None) -> Letter:
    return Letter(
        "Confirm your e-mail address",
        "Somebody, hopefully you, registered with this address.\n\n"
        f"{_way_on('Confirm it within 24 hours', token, public_url, 'verify-email')}\n"
        "If it was not you, ignore this message: without a confirmation nobody can sign in.\n",
    )


def already_registered(public_url: str | None) -> Letter:
    where = f" at {public_url}" if public_url else ""
    return Letter(
        "You already have an account",
        "Somebody, hopefully you, tried to register with this address, which already has an account.\n\n"
        f"Sign in{where}, or ask for a new password if you have forgotten it.\n"
        "If it was not you, ignore this message: nothing has changed.\n",
    )


def reset_password(token: str, public_url: str | None) -> Letter:
    return Letter(
        "Choose a new password",
        "Somebody, hopefully you, asked for a new password.\n\n"
        f"{_way_on('Choose it within one hour', token, public_url, 'reset-password')}\n"
        "If it was not you, ignore this message: your password stays as it is.\n",
    )


def _way_on(what: str, token: str, public_url: str | None, page: str) -> str:
    """A link to the shop's page where the shop's address is known, else the token for whoever calls the API."""
    if public_url is None:
        return f"{what} with this token:\n\n{token}\n"
    return f"{what}:\n\n{public_url.rstrip('/')}/{page}?token={token}\n"
