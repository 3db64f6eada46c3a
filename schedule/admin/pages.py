"""The pages about an event and about a set that stand beside their forms; the modules of this folder add theirs."""

from bands.domain_admin import RowPages

EVENT_PAGES = RowPages()
SET_PAGES = RowPages()
