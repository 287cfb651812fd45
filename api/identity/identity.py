"""What a process needs to know who is asking: keys, password hashing, counted attempts, outgoing mail."""

from dataclasses import dataclass, field
from typing import Self

from api.identity.letters import Letter
from api.identity.mail import Outbox, mailer_of
from api.identity.passwords import Attempts, Passwords
from api.identity.tokens import AccessTokens, signing_key
from api.settings import Settings
from domain.carts.handoff import MOST_GUESSES

_PATIENCE_WITH_MAIL = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """One for a process, for as long as it serves."""

    passwords: Passwords
    access_tokens: AccessTokens
    outbox: Outbox
    public_url: str | None = None
    # Guesses at one account, or from one address.
    attempts: Attempts = field(default_factory=Attempts)
    # What strangers make us hash and write, from one address.
    strangers: Attempts = field(default_factory=lambda: Attempts(most=60))
    # Carts that guests at one address hold stock for; generous, since a shop's own server may speak for all of them.
    guest_holds: Attempts = field(default_factory=lambda: Attempts(most=1000, seconds=600.0))
    # Wrong hand-off codes, from one address or by one caller.
    handoff_guesses: Attempts = field(default_factory=lambda: Attempts(most=MOST_GUESSES))
    # Nobody's mailbox is filled by strangers.
    mails: Attempts = field(default_factory=lambda: Attempts(most=5, seconds=600.0))

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Reads or makes the signing key. Raises ValueError when a setting cannot be used."""
        configured = settings.signing_key.get_secret_value() if settings.signing_key else None
        return cls(
            passwords=Passwords(),
            access_tokens=AccessTokens(signing_key(configured, settings.data)),
            outbox=Outbox(mailer_of(settings.smtp_url, settings.data / "mail"), settings.mail_from),
            public_url=settings.public_url,
        )

    def write(self, recipient: str, letter: Letter) -> None:
        """Post a letter, unless this mailbox was sent enough of late."""
        if self.mails.admit(recipient):
            self.outbox.post(recipient, letter.subject, letter.body)

    async def close(self) -> None:
        """Send what is under way, if that is soon done, and let go of the threads."""
        await self.outbox.drain(timeout=_PATIENCE_WITH_MAIL)
        self.passwords.close()
