"""Messages to webhooks: what has not arrived, and another try."""

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from monitor.cli.options import ConfigOption, StoreOption

if TYPE_CHECKING:
    from monitor.store import Delivery

app = typer.Typer(help="Messages to webhooks about moments in live calls.", no_args_is_help=True, rich_markup_mode=None)

State = Literal["waiting", "delivered", "dead"]


@app.command("list")
def list_messages(
    state: Annotated[
        State | None, typer.Option("--state", help="Only those that wait, arrived, or were given up.")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, metavar="N", help="Print only the newest N.")] = 50,
    json: Annotated[bool, typer.Option("--json", help="Print JSON Lines, one message a line.")] = False,
    store: StoreOption = None,
    config: ConfigOption = None,
) -> None:
    """List messages: what about, to whom, and what came of it."""
    from monitor.settings import load_settings
    from monitor.store import Store, deliveries

    with Store.open(load_settings(config, store=store).store, create=False) as calls:
        found = deliveries(calls, state=state, most=limit)
    if json:
        for one in found:
            typer.echo(one.model_dump_json())
        return
    if not found:
        typer.echo("There are no such messages.")
    for one in found:
        typer.echo(_line(one))


@app.command()
def resend(
    message_ids: Annotated[
        list[str] | None,
        typer.Argument(metavar="[MESSAGE_ID]...", help="The messages, as `heard webhooks list` names them."),
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="All that wait or were given up.")] = False,
    store: StoreOption = None,
    config: ConfigOption = None,
) -> None:
    """Send messages that have not arrived once more, at once."""
    from importlib.util import find_spec

    from audio.errors import BadSettings, HeardError
    from monitor.live.outlets.webhooks import Sender
    from monitor.settings import load_settings
    from monitor.store import Store, deliveries, revive

    if bool(message_ids) == everything:
        raise BadSettings("Name the messages to send once more, or give --all.")
    if find_spec("httpx") is None:
        raise HeardError("Webhooks need the library httpx; install it with: pip install 'heard[live]'")
    settings = load_settings(config, store=store)
    webhooks = {webhook.name: webhook for webhook in settings.live.webhooks}
    with Store.open(settings.store, create=False) as calls:
        revived = revive(calls, None if everything else message_ids)
        unknown = {one.endpoint for one in revived} - set(webhooks)
        if unknown:
            raise HeardError(
                f"The webhook {sorted(unknown)[0]} is not in the settings any more; name it in [[live.webhooks]] to reach it."
            )
        for name in dict.fromkeys(one.endpoint for one in revived):
            Sender(calls, webhooks[name]).send_due()
        ids = {one.message_id for one in revived}
        outcome = [one for one in deliveries(calls, most=10_000) if one.message_id in ids]
    for one in outcome:
        typer.echo(_line(one))
    if any(one.state != "delivered" for one in outcome):
        raise HeardError(
            "Not every message has arrived; a running `heard listen` tries again, and so does this command."
        )
    if not outcome:
        typer.echo("There is nothing to send: every message has arrived.")


def _line(one: "Delivery") -> str:
    attempts = f"{one.attempts} {'attempt' if one.attempts == 1 else 'attempts'}"
    about = f"{one.kind} at {one.start_s:.0f} s of {one.call_id}"
    return f"{one.message_id}  {one.endpoint}  {one.state} ({attempts})  {about}{f'  {one.error}' if one.error else ''}"
