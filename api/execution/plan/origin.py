"""Where in the document and the schema a field stands."""

from dataclasses import dataclass
from typing import Any

from graphql import Executor, FieldNode, GraphQLField, GraphQLObjectType, GraphQLResolveInfo
from graphql.execution.collect_fields import FieldDetails

from api.execution.plan.places import Place, as_path


@dataclass(frozen=True, slots=True, eq=False)
class Origin:
    parent: GraphQLObjectType
    definition: GraphQLField
    nodes: list[FieldNode]
    "All that one response key merges."

    @property
    def name(self) -> str:
        return self.nodes[0].name.value

    @property
    def coordinate(self) -> str:
        return f"{self.parent.name}.{self.name}"

    @property
    def details(self) -> list[FieldDetails]:
        """As graphql-core wants to be told of nodes."""
        return [FieldDetails(node, None) for node in self.nodes]

    def asked(self, executor: Executor[Any], place: Place, index: int) -> GraphQLResolveInfo[Any]:
        """What resolvers are told of the field at this place, whichever item of its list is meant."""
        path = as_path(place.paths(index)[0])
        return executor.build_resolve_info(self.definition, self.nodes, self.parent, path)
