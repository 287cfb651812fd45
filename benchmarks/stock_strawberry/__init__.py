"""The listing as most people would write it: Strawberry, DataLoaders and SQLAlchemy's ORM, over the same tables."""
