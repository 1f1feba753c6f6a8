"""People from the command line."""

from __future__ import annotations

from rich.console import Console

from commands.brands import brands_for
from config.settings import Settings
from domain.clock import SystemClock
from domain.errors import BadInput
from storage.database import Database
from storage.migrate import migrate
from storage.people import add_person, by_email, first_admin, set_role
from storage.sessions import end_all
from web.sign_in import make_sign_in_link

say = Console(highlight=False).print


async def print_link(settings: Settings, email: str) -> None:
    """Print a one-time link for this person, or for the first admin."""
    await migrate(settings.database)
    database, now = Database(settings.database), SystemClock().now()
    async with database.write() as session:
        user = await by_email(session, email) if email else await first_admin(session, now)
        if user is None or user.disabled_at is not None:
            raise BadInput(f"nobody active has the address {email}; add them: python3 run.py user {email}")
        path = await make_sign_in_link(session, user.id, now)
    say(f"Sign in as {user.name} (works once): [bold]{settings.address}{path}[/bold]")
    await database.close()


async def change_person(settings: Settings, email: str, name: str, role: str, brand: str, *, disable: bool) -> None:
    """Add a person or change a role; `disable` ends their access everywhere at once."""
    await migrate(settings.database)
    database, now = Database(settings.database), SystemClock().now()
    async with database.write() as session:
        user = await by_email(session, email)
        if disable:
            if user is None:
                raise BadInput(f"nobody has the address {email}")
            user.disabled_at = now
            session.add(user)
            await end_all(session, user.id)
        else:
            user = user or await add_person(session, email, name, "UTC", now)
            for watched in await brands_for(session, brand):
                await set_role(session, user.id, watched.id, "" if role == "none" else role)
    await database.close()
    say(f"{user.name}: access ended" if disable else f"{user.name} is {role}")
    if not disable:
        await print_link(settings, user.email)
