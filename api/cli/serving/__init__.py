"""`oneshelf serve`: the port, the data directory, the database and the processes that answer."""
