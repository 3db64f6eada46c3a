"""Uploaded pictures as HTML, in the sizes that there are."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from bands.photos import photo_sources

register = template.Library()


@register.simple_tag
def picture(name: str, alt: str, sizes: str = "100vw", **attributes: str) -> SafeString:
    """A stored picture in all its sizes, as WebP for browsers that take it, else as JPEG; nothing without its file."""
    found = photo_sources(name)
    if found is None:
        return SafeString("")
    source = format_html('<source type="image/webp" srcset="{}" sizes="{}">', found.webp_set, sizes)
    smaller = format_html(' srcset="{}" sizes="{}"', found.jpeg_set, sizes)
    return format_html(
        '<picture>{}<img class="{}" src="{}"{} width="{}" height="{}" alt="{}"></picture>',
        source if found.webp else "",
        attributes.get("class", ""),
        found.address,
        smaller if len(found.jpeg) > 1 else "",
        found.width,
        found.height,
        alt,
    )
