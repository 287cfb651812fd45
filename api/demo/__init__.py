"""A small chain of stores to try everything with: what is in it, and how it gets into an empty database."""
