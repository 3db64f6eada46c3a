"""The pages about a band and about a merge that stand beside their forms; the modules of this folder add theirs."""

from bands.domain_admin import RowPages

BAND_PAGES = RowPages()
MERGE_PAGES = RowPages()
