"""Puts a canary into every private column of A, over what the mutations have written there."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from uuid_utils.compat import uuid7

from api.ids import decode
from domain.access import Principal
from tests.access.canaries import CUSTOMER, GUEST, MARKETPLACE, SHOP, STOCK_NUMBERS, canary
from tests.shop import Shop

_ADDRESS_FIELDS = (
    "name", "company", "line1", "line2", "city", "region", "postal_code", "country_code", "phone",
)  # fmt: skip


def _address(owner: str, column: str) -> dict[str, str]:
    return dict.fromkeys(_ADDRESS_FIELDS, canary(owner, column))


def _key(global_id: str) -> Any:
    found = decode(global_id)
    assert found is not None
    return found[1]


async def seed(shop: Shop, customer: Principal, orders: Mapping[str, str], carts: Mapping[str, str]) -> None:
    """Orders and carts are ids by owner."""
    await _seed_customer(shop, customer)
    for owner, id_ in carts.items():
        await _seed_cart(shop, owner, _key(id_))
    for owner, id_ in orders.items():
        await _seed_order(shop, owner, _key(id_))
    await _seed_stock(shop)
    await _seed_secrets(shop, customer.id)


async def _seed_customer(shop: Shop, customer: Principal) -> None:
    await shop.run(
        """
        UPDATE customer SET email = CAST(:email AS text), name = CAST(:name AS text), phone = CAST(:phone AS text),
            password_hash = CAST(:password_hash AS text), addresses = CAST(:addresses AS jsonb)
        WHERE id = :id
        """,
        id=customer.id,
        email=canary(CUSTOMER, "customer.email"),
        name=canary(CUSTOMER, "customer.name"),
        phone=canary(CUSTOMER, "customer.phone"),
        password_hash=canary(CUSTOMER, "customer.password_hash"),
        addresses=[_address(CUSTOMER, "customer.addresses")],
    )


async def _seed_cart(shop: Shop, owner: str, id_: UUID) -> None:
    await shop.run(
        """
        UPDATE cart SET email = CAST(:email AS text), phone = CAST(:phone AS text),
            billing_address = CAST(:address AS jsonb), parked_note = CAST(:note AS text),
            merge_report = CAST(:report AS jsonb)
        WHERE id = :id
        """,
        id=id_,
        note=canary(owner, "cart.parked_note"),
        report=[canary(owner, "cart.merge_report")],
        email=canary(owner, "cart.email"),
        phone=canary(owner, "cart.phone"),
        address=_address(owner, "cart.billing_address"),
    )
    await shop.run(
        "UPDATE cart_delivery_group SET address = CAST(:address AS jsonb) WHERE cart_id = :id",
        id=id_,
        address=_address(owner, "cart_delivery_group.address"),
    )
    await shop.run(
        """
        INSERT INTO cart_handoff (id, cart_id, code_hash, expires_at)
        VALUES (:id, :cart_id, :hash, now() + interval '1 day')
        """,
        id=uuid7(),
        cart_id=id_,
        hash=canary(owner, "cart_handoff.code_hash").encode(),
    )
    if owner == MARKETPLACE:
        # Nobody here uses this cart, so its hash may be one that no token has.
        await shop.run(
            "UPDATE cart SET token_hash = :hash WHERE id = :id", id=id_, hash=canary(owner, "cart.token_hash").encode()
        )


async def _seed_order(shop: Shop, owner: str, id_: UUID) -> None:
    await shop.run(
        """
        UPDATE sales_order SET number = upper(CAST(:number AS text)), email = CAST(:email AS text),
            phone = CAST(:phone AS text), billing_address = CAST(:address AS jsonb)
        WHERE id = :id
        """,
        id=id_,
        number=canary(owner, "sales_order.number"),
        email=canary(owner, "sales_order.email"),
        phone=canary(owner, "sales_order.phone"),
        address=_address(owner, "sales_order.billing_address"),
    )
    await shop.run(
        "UPDATE order_delivery_group SET address = CAST(:address AS jsonb) WHERE order_id = :id",
        id=id_,
        address=_address(owner, "order_delivery_group.address"),
    )
    await shop.run(
        "UPDATE order_event SET actor = CAST(:actor AS text), message = CAST(:message AS text) WHERE order_id = :id",
        id=id_,
        actor=canary(owner, "order_event.actor"),
        message=canary(owner, "order_event.message"),
    )


async def _seed_stock(shop: Shop) -> None:
    level_id = await shop.value(
        "SELECT level.id FROM stock_level level JOIN variant ON variant.id = variant_id WHERE sku = 'secret'"
    )
    columns = {name.partition(".")[2]: number for name, number in STOCK_NUMBERS.items()}
    await shop.run(
        f"UPDATE stock_level SET {', '.join(f'{name} = :{name}' for name in columns)} WHERE id = :id",
        id=level_id,
        **columns,
    )
    await shop.run(
        """
        INSERT INTO stock_movement (stock_level_id, version, reason, on_hand_delta, reference, actor, source, source_reference)
        SELECT id, version + 1, 'RECEIPT', :delta, CAST(:reference AS text), CAST(:actor AS text), CAST(:source AS text),
               CAST(:source_reference AS text)
        FROM stock_level WHERE id = :id
        """,
        id=level_id,
        delta=STOCK_NUMBERS["stock_level.on_hand"],
        **{
            name: canary(SHOP, f"stock_movement.{name}")
            for name in ("reference", "actor", "source", "source_reference")
        },
    )
    await shop.run(
        """
        INSERT INTO discrepancy (stock_level_id, version, kind, quantity, resolved_at, resolved_by, resolution)
        VALUES (:id, 1, 'OVERSOLD', 1, now(), CAST(:by AS text), CAST(:resolution AS text))
        """,
        id=level_id,
        by=canary(SHOP, "discrepancy.resolved_by"),
        resolution=canary(SHOP, "discrepancy.resolution"),
    )
    await _seed_operations_on_stock(shop, level_id)


async def _seed_operations_on_stock(shop: Shop, level_id: int) -> None:
    """A count of the level, a transfer to its location, and what another system says of it."""
    count_id = uuid7()
    await shop.run(
        """
        INSERT INTO stock_count (id, location_id, reference, started_by)
        SELECT :id, location_id, CAST(:reference AS text), CAST(:started_by AS text) FROM stock_level WHERE id = :level_id
        """,
        id=count_id,
        level_id=level_id,
        reference=canary(SHOP, "stock_count.reference"),
        started_by=canary(SHOP, "stock_count.started_by"),
    )
    await shop.run(
        """
        INSERT INTO stock_count_line (count_id, stock_level_id, version, expected, counted, counted_at, counted_by)
        VALUES (:id, :level_id, 1, 1, 1, now(), CAST(:counted_by AS text))
        """,
        id=count_id,
        level_id=level_id,
        counted_by=canary(SHOP, "stock_count_line.counted_by"),
    )
    await shop.run(
        """
        INSERT INTO transfer (id, origin_id, destination_id)
        SELECT :id, origin.id, level.location_id
        FROM stock_level level, location origin WHERE level.id = :level_id AND origin.code = 'warehouse'
        """,
        id=uuid7(),
        level_id=level_id,
    )
    await shop.run(
        "INSERT INTO stock_sync (source, stock_level_id, as_of, on_hand) VALUES (CAST(:source AS text), :id, now(), 1)",
        id=level_id,
        source=canary(SHOP, "stock_sync.source"),
    )


async def _seed_secrets(shop: Shop, customer_id: UUID | None) -> None:
    """Rows of their own, since callers use the real ones."""
    session_id = UUID(bytes=b"canary(sessions)")
    await shop.run(
        """
        INSERT INTO session (id, customer_id, expires_at, revoked_at, revoked_because)
        VALUES (:id, :customer_id, now(), now(), CAST(:because AS text))
        """,
        id=session_id,
        customer_id=customer_id,
        because=canary(CUSTOMER, "session.revoked_because"),
    )
    await shop.run(
        "INSERT INTO refresh_token (token_hash, session_id) VALUES (:hash, :id)",
        id=session_id,
        hash=canary(CUSTOMER, "refresh_token.token_hash").encode(),
    )
    await shop.run(
        """
        INSERT INTO one_time_token (token_hash, purpose, customer_id, expires_at)
        VALUES (:hash, 'RESET_PASSWORD', :customer_id, now() + interval '1 day')
        """,
        customer_id=customer_id,
        hash=canary(CUSTOMER, "one_time_token.token_hash").encode(),
    )
    await shop.run(
        """
        INSERT INTO app (id, name, channel_id, location_id, permissions, token_hash)
        SELECT :id, CAST(:name AS text), channel.id, location.id, '{}', :hash
        FROM channel, location WHERE channel.code = 'till-berlin' AND location.code = 'berlin'
        """,
        id=uuid7(),
        name=canary(SHOP, "app.name"),
        hash=canary(SHOP, "app.token_hash").encode(),
    )
    await shop.run(
        """
        INSERT INTO idempotency (scope, key, operation, fingerprint, state, result, expires_at)
        VALUES (CAST(:scope AS text), CAST(:key AS text), 'orderPlace', '', 'DONE',
                CAST(:result AS jsonb), now() + interval '1 day')
        """,
        scope=canary(GUEST, "idempotency.scope"),
        key=canary(GUEST, "idempotency.key"),
        result={"order": canary(GUEST, "idempotency.result")},
    )
