"""Links of bands: what people type, what is stored, what leads somewhere safe."""

import pytest
from django.core.exceptions import ValidationError

from bands.links import PLATFORMS, addresses_of, links_from, read_link, typed_links

NOTHING = dict.fromkeys(PLATFORMS, "")


@pytest.mark.parametrize(
    ("key", "typed", "stored"),
    [
        ("website", "", ""),
        ("website", " https://moth.example/a?b=c ", "https://moth.example/a?b=c"),
        ("website", "http://moth.example", "http://moth.example"),
        ("website", "moth.example", "https://moth.example"),
        ("website", "www.moth.example/shows", "https://www.moth.example/shows"),
        ("instagram", "@moth.choir", "moth.choir"),
        ("instagram", "moth_choir", "moth_choir"),
        ("instagram", "instagram.com/moths", "https://instagram.com/moths"),
        ("facebook", "moths", "moths"),
        ("bandcamp", "moths", "https://moths.bandcamp.com/"),
        ("bandcamp", "moths.bandcamp.com/album/x", "https://moths.bandcamp.com/album/x"),
        ("youtube", "@moths", "https://www.youtube.com/@moths"),
        ("tiktok", "@moths", "https://www.tiktok.com/@moths"),
        ("soundcloud", "moths", "https://soundcloud.com/moths"),
        ("x", "@moths", "https://x.com/moths"),
        ("spotify", "https://open.spotify.com/artist/1", "https://open.spotify.com/artist/1"),
    ],
)
def test_read_link_takes_addresses_and_handles(key, typed, stored):
    assert read_link(key, typed) == stored


@pytest.mark.parametrize(
    ("key", "typed"),
    [
        ("website", "javascript:alert(1)"),
        ("website", "JavaScript://moth.example/%0aalert(1)"),
        ("website", "data:text/html,x"),
        ("website", "moths"),
        ("website", "https://"),
        ("website", "https://moth.example/a b"),
        ("website", "ftp://moth.example"),
        ("website", "https://[moth"),
        ("instagram", "moth choir"),
        ("instagram", "javascript:alert(1)"),
        ("spotify", "moths"),
    ],
)
def test_read_link_refuses_what_leads_nowhere_safe(key, typed):
    with pytest.raises(ValidationError) as refusal:
        read_link(key, typed)

    assert refusal.value.code == "link"
    assert refusal.value.messages[0].startswith(f"“{typed}” is no ")


@pytest.mark.parametrize(
    ("links", "addresses"),
    [
        (None, {}),
        (["https://moth.example"], {}),
        ({"website": "javascript:alert(1)", "instagram": 7, "spotify": "moths", "myspace": "moths", "x": ""}, {}),
        ({"instagram": "@moths"}, {"instagram": "https://www.instagram.com/moths"}),
        ({"myspace": "https://myspace.example/moths"}, {"myspace": "https://myspace.example/moths"}),
    ],
)
def test_addresses_are_those_that_lead_somewhere_safe(links, addresses):
    assert addresses_of(links) == addresses


def test_links_from_what_was_typed_keep_what_nobody_asks_for():
    kept = {"myspace": "moths", "x": "https://x.com/a", "website": "https://a.example", "spotify": ["odd"]}

    typed = {**typed_links(kept), "x": "", "website": "https://b.example"}

    assert typed_links(kept) == {**NOTHING, "x": "https://x.com/a", "website": "https://a.example"}
    assert links_from(typed, kept=kept) == {"myspace": "moths", "spotify": ["odd"], "website": "https://b.example"}
    assert links_from({**NOTHING, "x": "https://x.com/a"}, kept=None) == {"x": "https://x.com/a"}
