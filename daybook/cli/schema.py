"""daybook schema: the shapes others rely on."""

from __future__ import annotations

from typing import Any

import click


@click.command(epilog="Example: daybook schema config > daybook.schema.json")
@click.argument("what", type=click.Choice(["config", "activity", "draft"]))
def schema(what: str) -> None:
    """Print a JSON Schema: of the configuration, of an Activity line, of a draft."""
    import json

    click.echo(json.dumps(_schema(what), indent=2))


def _schema(what: str) -> dict[str, Any]:
    from config.schema import Configuration
    from core.model import Activity, Suggestion

    match what:
        case "activity":
            shape = Activity.model_json_schema()
            shape["properties"]["person"] = {"type": "string", "description": "Whose it is: their e-mail."}
            shape["required"] = [*shape["required"], "person"]
        case "draft":
            shape = Suggestion.model_json_schema(mode="serialization")
            del shape["properties"]["day"]
            shape["required"] = [name for name in shape["required"] if name != "day"]
        case _:
            shape = Configuration.model_json_schema()
    return shape
