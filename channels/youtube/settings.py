"""What a source of YouTube listens to: its settings, and what follows from them. Pure."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from channels.manifest import SourceSettings
from channels.youtube.convert import video_id
from channels.youtube.place import VIDEOS, Place
from domain.errors import Refused

_DAY_S = 86_400


class YouTubeSettings(SourceSettings, frozen=True, kw_only=True):
    """`kind` "channel" hears all comments under the videos of a channel, by default our account's; "videos" hears
    those of `videos` (ids or addresses) and of videos that searches find. A search asks for `query`, or for the
    topics' phrases in turn. `daily_units`: how much of the project's quota this source may spend a day; a twentieth of
    it is kept for looking at stored comments again."""

    kind: Literal["channel", "videos"] = "channel"
    channel: str = ""
    videos: tuple[str, ...] = ()
    query: str = ""
    searches_per_day: Annotated[int, msgspec.Meta(ge=0, le=100)] = 4
    daily_units: Annotated[int, msgspec.Meta(ge=1)] = 4000

    @property
    def reading_units(self) -> int:
        """What rounds may spend a day."""
        return self.daily_units - self.daily_units // 20

    @property
    def looks_units(self) -> int:
        """What looks may spend a day: one at least, whatever the budget."""
        return max(1, self.daily_units // 20)


def targets(settings: YouTubeSettings, own_channel: str, place: Place) -> tuple[str, ...]:
    """The channel to read, or the videos: those given and those found, without what has no comments today.

    Raises Refused for settings that name nothing.
    """
    if settings.kind == "channel":
        if not (channel := settings.channel or own_channel):
            raise Refused("no channel: give the channel's id, or an account that has one")
        return (channel,)
    given = tuple(video_id(text) for text in settings.videos)
    if "" in given:
        raise Refused("one of the videos is neither an id nor an address of a video: add this source anew")
    watched = tuple(dict.fromkeys([*given, *place.found]))[:VIDEOS]
    return tuple(video for video in watched if video not in place.closed)


def is_search_due(settings: YouTubeSettings, place: Place, words: tuple[str, ...], now_s: int) -> bool:
    """Whether to look for videos now: searches are spread evenly over the day."""
    wanted = settings.searches_per_day
    if settings.kind == "channel" or not wanted or not words or place.meter.searches >= wanted:
        return False
    return now_s - place.searched_s >= _DAY_S / wanted
