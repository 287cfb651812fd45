"""What one caller may let another do."""

from collections.abc import Collection, Iterable

from domain.access import Permission, Principal
from domain.errors import InvalidInput, Path


def parsed(names: Iterable[str], *, path: Path | None = None) -> frozenset[Permission]:
    """Raises InvalidInput with every name that is none."""
    by_name = {permission.value: permission for permission in Permission}
    wanted = [name.strip().upper().replace("-", "_") for name in names]
    unknown = sorted(set(wanted) - by_name.keys())
    if unknown:
        raise InvalidInput(f"No such permission: {', '.join(unknown)}. There are {', '.join(sorted(by_name))}.", path)
    return frozenset(by_name[name] for name in wanted)


def known(names: Iterable[str]) -> frozenset[Permission]:
    """As stored; a permission that this version no longer has counts for nothing."""
    values = {permission.value for permission in Permission}
    return frozenset(Permission(name) for name in names if name in values)


def expect_grantable(
    caller: Principal, permissions: Collection[Permission], *, location_id: int | None, path: Path, location_path: Path
) -> None:
    """Nobody gives what it does not have, nor a wider place than its own. Raises InvalidInput."""
    beyond = sorted(permission.value for permission in set(permissions) - caller.permissions)
    if beyond:
        raise InvalidInput(f"You cannot give permissions that you do not have: {', '.join(beyond)}.", path)
    if caller.location_id is not None and location_id != caller.location_id:
        raise InvalidInput("You can give access to your own location only.", location_path)
