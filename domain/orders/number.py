"""Order numbers: random, so that they can be neither counted nor guessed, and easy to read out over a telephone."""

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Without 0, 1, I and O, which look like each other."""

LENGTH = 10
"""32 to the power of 10 numbers."""


def order_number(random_bytes: bytes) -> str:
    """Ten characters in two groups, from ten random bytes: each of 32 letters is equally likely."""
    letters = "".join(ALPHABET[byte % len(ALPHABET)] for byte in random_bytes[:LENGTH])
    return f"{letters[:5]}-{letters[5:]}"
