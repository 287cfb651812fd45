"""GraphiQL as this server hands it out: no other host is asked for anything."""

from api.graphiql.page import graphiql_response, graphiql_routes

__all__ = ["graphiql_response", "graphiql_routes"]
