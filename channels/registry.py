"""Finds the channels by their manifests: every folder beside this file that has one."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

import channels
from channels.manifest import Manifest


@cache
def manifests() -> dict[str, Manifest]:
    """All channels by name, in alphabetical order."""
    found = {}
    for folder in pkgutil.iter_modules(channels.__path__):
        if folder.ispkg:
            module = importlib.import_module(f"channels.{folder.name}")
            found[module.MANIFEST.name] = module.MANIFEST
    return found


def manifest(name: str) -> Manifest:
    """The channel called `name`; KeyError when there is none."""
    return manifests()[name]
