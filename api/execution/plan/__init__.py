"""Operations compiled once and run level at a time.

A level turns the list of all source objects of one selection set into the list of their response objects: plain fields by
one generated expression, each batched field by one call, however many objects there are. graphql-core stays the reference:
it executes whatever does not compile, and both must give the same answer.
"""
