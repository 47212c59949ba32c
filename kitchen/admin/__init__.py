"""The kitchen's pages: menu, zones and settings to be changed, states to be looked at."""

from kitchen.admin import house, menu, options, work

__all__ = ["house", "menu", "options", "work"]
