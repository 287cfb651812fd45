"""Properties of pure functions, which may take as long as a busy machine lets them."""

from hypothesis import settings

settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")
