"""Why a selection is not fused."""


class NotFusable(Exception):
    """Something in the selection is not said in SQL, or must not be."""
