"""Conditions on what mentions are about: their list of themes is a JSON column."""

from __future__ import annotations

from typing import Any

from sqlalchemy import text


def has_theme(theme: str, dialect: str) -> Any:
    """The condition for a mention that is about this."""
    if dialect == "postgresql":
        return text("mention.themes @> jsonb_build_array(CAST(:theme AS text))").bindparams(theme=theme)
    return text("EXISTS (SELECT 1 FROM json_each(mention.themes) WHERE json_each.value = :theme)").bindparams(
        theme=theme
    )


def case_has_theme(theme: str, dialect: str) -> Any:
    """The condition for a case of which some mention is about this."""
    if dialect == "postgresql":
        found = "said.themes @> jsonb_build_array(CAST(:theme AS text))"
    else:
        found = "EXISTS (SELECT 1 FROM json_each(said.themes) WHERE json_each.value = :theme)"
    # the words in front are ours, the theme is bound
    return text(f"EXISTS (SELECT 1 FROM mention AS said WHERE said.case_id = case_file.id AND {found})").bindparams(  # noqa: S608
        theme=theme
    )
