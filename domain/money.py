"""Amounts of money: integers in minor units, with the currency that says how many of them make one."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

# ISO 4217: digits after the point, where they are not two.
_DIGITS = {
    **dict.fromkeys(
        (
            "BIF",
            "CLP",
            "DJF",
            "GNF",
            "ISK",
            "JPY",
            "KMF",
            "KRW",
            "PYG",
            "RWF",
            "UGX",
            "UYI",
            "VND",
            "VUV",
            "XAF",
            "XOF",
            "XPF",
        ),
        0,
    ),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
    **dict.fromkeys(("CLF", "UYW"), 4),
}


def digits(currency_code: str) -> int:
    """How many digits an amount of this currency has after the point: EUR 2, JPY 0, KWD 3."""
    return _DIGITS.get(currency_code, 2)


@dataclass(frozen=True, slots=True, order=True)
class Money:
    """`minor_units` of the currency: 1995 EUR is 19.95 euro, 1995 JPY is 1995 yen."""

    minor_units: int
    currency_code: str

    @classmethod
    def of(cls, amount: Decimal, currency_code: str) -> "Money":
        """Raises ValueError when the amount has more digits than the currency, or is not finite."""
        if not amount.is_finite():
            raise ValueError(f"{amount} is no amount")
        # Integers, because Decimal's own arithmetic silently rounds to 28 digits.
        numerator, denominator = amount.as_integer_ratio()
        minor_units, rest = divmod(numerator * 10 ** digits(currency_code), denominator)
        if rest:
            raise ValueError(f"{amount} has more than {digits(currency_code)} digits after the point")
        return cls(minor_units, currency_code)

    @property
    def amount(self) -> Decimal:
        """With as many digits after the point as the currency has."""
        return amount_of(self.minor_units, self.currency_code)

    def __add__(self, other: "Money") -> "Money":
        self._expect_same_currency(other)
        return Money(self.minor_units + other.minor_units, self.currency_code)

    def __sub__(self, other: "Money") -> "Money":
        self._expect_same_currency(other)
        return Money(self.minor_units - other.minor_units, self.currency_code)

    def __mul__(self, count: int) -> "Money":
        return Money(self.minor_units * count, self.currency_code)

    def _expect_same_currency(self, other: "Money") -> None:
        if self.currency_code != other.currency_code:
            raise ValueError(f"{self.currency_code} and {other.currency_code} cannot be added")


# A page shows the same few prices again and again.
@lru_cache(maxsize=8192)
def amount_of(minor_units: int, currency_code: str) -> Decimal:
    """With as many digits after the point as the currency has."""
    return Decimal(minor_units).scaleb(-digits(currency_code))


def total(amounts: Iterable[Money], currency_code: str) -> Money:
    """Zero for nothing."""
    return sum(amounts, start=Money(0, currency_code))
