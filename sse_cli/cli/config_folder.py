"""Where the user's own settings lie: dialects and profiles. Owns platformdirs."""

import os
from pathlib import Path


def find() -> Path | None:
    """Return the user's config folder, or None if there is none."""
    if not os.environ.get("SSE_CONFIG_DIR") and not any(os.path.isdir(place) for place in _likely_places()):
        return None
    return place()


def place() -> Path:
    """Return where the config folder is, or would be."""
    set_by_user = os.environ.get("SSE_CONFIG_DIR")
    if set_by_user:
        return Path(set_by_user)
    from platformdirs import user_config_path

    return user_config_path("sse")


def _likely_places() -> list[str]:
    """Return where the folder may be on any system: asking platformdirs costs 10 ms, and few have one."""
    roots = [os.environ.get("XDG_CONFIG_HOME"), os.environ.get("LOCALAPPDATA")]
    roots += [os.path.expanduser(root) for root in ("~/.config", "~/Library/Application Support")]
    return [os.path.join(root, "sse") for root in roots if root]
