"""What the version that marked a question anew gives for the variants that students were given.

The question stays as it was asked. Its key and its worked solution are those that the mark rests
on: of the newest regrade that is applied and not undone.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, select

from problems.core import Variant as Frozen
from quizapp.db.models import Regrade, RegradeVariant, Sitting
from quizapp.services.scores import APPLIED

Document = dict[str, Any]


def of_variants(connection: Connection, documents: Mapping[int, Document]) -> dict[int, Document]:
    """Return, by id, what stands in place of these variants, which are as they were given.

    One whose keys and solution stayed as they were is left out.
    """
    rows = connection.execute(
        select(RegradeVariant.variant_id, RegradeVariant.document)
        .join(Regrade, Regrade.id == RegradeVariant.regrade_id)
        .where(RegradeVariant.variant_id.in_(documents), APPLIED)
        .order_by(Regrade.applied_at, Regrade.id)
    )
    newest = dict(rows.all())
    return {key: new for key, new in newest.items() if _differs(new, documents[key])}


def of_sitting(connection: Connection, sitting: Sitting) -> dict[int, Frozen]:
    """Return what stands in place of a sitting's variants, by the variant's id."""
    given = {item.variant.id: item.variant.document for item in sitting.items if item.variant}
    return {
        key: Frozen.from_json(document) for key, document in of_variants(connection, given).items()
    }


def _differs(one: Document, other: Document) -> bool:
    return one["solution"] != other["solution"] or _keys(one) != _keys(other)


def _keys(document: Document) -> dict[str, Any]:
    return {part: spec["key"] for part, spec in document["parts"].items()}
