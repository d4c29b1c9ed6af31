"""The table of a vault. A migration makes it; a test compares the two."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import BYTEA, TIMESTAMP

vault = sa.MetaData(schema="vault")

keys = sa.Table(
    "keys",
    vault,
    sa.Column("name", sa.Text, primary_key=True),
    # null once it is erased; the row stays, so that nobody makes the key anew
    sa.Column("wrapped", BYTEA),
    sa.Column("created_at", TIMESTAMP(timezone=True), nullable=False),
    sa.Column("erased_at", TIMESTAMP(timezone=True)),
    sa.CheckConstraint("(wrapped is null) = (erased_at is not null)"),
)
