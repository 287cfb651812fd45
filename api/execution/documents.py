"""Documents by their text: parsed, measured, validated and appraised once, and kept as long as room allows."""

from collections import OrderedDict
from dataclasses import dataclass
from typing import Generic, TypeVar

from graphql import (
    ASTValidationRule,
    DocumentNode,
    GraphQLError,
    GraphQLFormattedError,
    GraphQLSchema,
    GraphQLSyntaxError,
    NoSchemaIntrospectionCustomRule,
    OperationDefinitionNode,
    OverlappingFieldsCanBeMergedRule,
    parse,
    specified_rules,
    validate,
)
from graphql.validation.validate import ValidationAbortedError
from graphql.validation.validation_context import ValidationContext

from api.execution.cost import Appraisal, appraise
from api.execution.errors import MAX_REQUEST_ERRORS, ErrorCode, refused, request_errors
from api.execution.limits import Limits, excesses
from api.execution.text import NoNullCharacter

V = TypeVar("V")


@dataclass(frozen=True, slots=True, eq=False)
class Document:
    node: DocumentNode
    operations: tuple[OperationDefinitionNode, ...]
    _appraisals: dict[int, Appraisal]

    @classmethod
    def of(cls, schema: GraphQLSchema, node: DocumentNode) -> "Document":
        """A valid one. Raises GraphQLError when it takes too long to appraise."""
        operations = tuple(part for part in node.definitions if isinstance(part, OperationDefinitionNode))
        # By identity: equality of nodes compares all that is in them.
        return cls(node, operations, {id(operation): appraise(schema, node, operation) for operation in operations})

    def appraisal(self, operation: OperationDefinitionNode) -> Appraisal:
        return self._appraisals[id(operation)]

    def operation(self, name: str | None) -> OperationDefinitionNode:
        """Raises GraphQLError when `name` names none, or is missing where there are several."""
        if name is None:
            if len(self.operations) == 1:
                return self.operations[0]
            raise refused("The document has several operations: operationName must name one.", ErrorCode.BAD_USER_INPUT)
        for operation in self.operations:
            if operation.name is not None and operation.name.value == name:
                return operation
        raise refused("The document has no operation with this operationName.", ErrorCode.BAD_USER_INPUT)


Refusal = tuple[GraphQLFormattedError, ...]


class RecentlyUsed(Generic[V]):
    """Bounded by the number of texts and by their length in sum; the least recently used go first."""

    def __init__(self, *, texts: int, characters: int) -> None:
        self._texts = texts
        self._characters = characters
        self._held = 0
        self._values: OrderedDict[str, V] = OrderedDict()

    def __len__(self) -> int:
        return len(self._values)

    def get(self, text: str) -> V | None:
        value = self._values.get(text)
        if value is not None:
            self._values.move_to_end(text)
        return value

    def put(self, text: str, value: V) -> None:
        if len(text) > self._characters or text in self._values:
            return
        self._values[text] = value
        self._held += len(text)
        while len(self._values) > self._texts or self._held > self._characters:
            evicted, _ = self._values.popitem(last=False)
            self._held -= len(evicted)


class DocumentCache:
    """Refused texts are kept apart from good ones, so that garbage cannot push out what clients really use."""

    def __init__(self, schema: GraphQLSchema, limits: Limits, *, introspection: bool = True) -> None:
        self._schema = schema
        self._limits = limits
        self._rules = _rules(limits, introspection=introspection)
        # A parsed document takes some hundred times its text.
        self._documents: RecentlyUsed[Document] = RecentlyUsed(texts=1_000, characters=500_000)
        self._refusals: RecentlyUsed[Refusal] = RecentlyUsed(texts=200, characters=200_000)

    def look_up(self, text: str) -> Document | Refusal:
        known = self._documents.get(text) or self._refusals.get(text)
        if known is not None:
            return known
        checked = self._check(text)
        if isinstance(checked, Document):
            self._documents.put(text, checked)
        else:
            self._refusals.put(text, checked)
        return checked

    def _check(self, text: str) -> Document | Refusal:
        try:
            node = self._parse(text)
        except GraphQLError as error:
            return request_errors([error], ErrorCode.GRAPHQL_PARSE_FAILED)
        # Measuring is linear and comes first: validation may be asked to do far more than the text is long.
        too_large = excesses(node, self._limits)
        if too_large:
            return request_errors(too_large, ErrorCode.LIMIT_EXCEEDED)
        errors = validate(self._schema, node, self._rules, MAX_REQUEST_ERRORS, hide_suggestions=True)
        if errors:
            return request_errors(map(_with_limit_code, errors), ErrorCode.GRAPHQL_VALIDATION_FAILED)
        try:
            return Document.of(self._schema, node)
        except GraphQLError as error:
            return request_errors([error], ErrorCode.LIMIT_EXCEEDED)

    def _parse(self, text: str) -> DocumentNode:
        if len(text) > self._limits.characters:
            message = f"The document has more than {self._limits.characters} characters."
            raise refused(message, ErrorCode.LIMIT_EXCEEDED)
        tokens = self._limits.tokens
        try:
            return parse(text, max_lexical_tokens=tokens, max_comments=tokens)
        except GraphQLSyntaxError as error:
            # The parser has no class of its own for the limits that it enforces.
            if error.message.endswith(" Parsing aborted."):
                message = error.message.removeprefix("Syntax Error: ").removesuffix(" Parsing aborted.")
                raise refused(message, ErrorCode.LIMIT_EXCEEDED) from None
            raise


def _rules(limits: Limits, *, introspection: bool) -> list[type[ASTValidationRule]]:
    class FieldsMergeWithinBudget(OverlappingFieldsCanBeMergedRule):
        def __init__(self, context: ValidationContext) -> None:
            super().__init__(context)
            self.rule_context.remaining_complexity_budget = limits.field_comparisons

    rules: list[type[ASTValidationRule]] = [
        FieldsMergeWithinBudget if rule is OverlappingFieldsCanBeMergedRule else rule for rule in specified_rules
    ]
    rules.append(NoNullCharacter)
    return rules if introspection else [*rules, NoSchemaIntrospectionCustomRule]


def _with_limit_code(error: GraphQLError) -> GraphQLError:
    if isinstance(error, ValidationAbortedError):
        return refused("The document takes too long to validate.", ErrorCode.LIMIT_EXCEEDED)
    return error
