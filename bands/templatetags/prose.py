"""Text that people write in Markdown, as safe HTML."""

import nh3
from django import template
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

register = template.Library()

MARKDOWN = MarkdownIt("commonmark", {"html": False, "linkify": True}).enable("linkify")
TAGS = {"p", "br", "strong", "em", "ul", "ol", "li", "a", "blockquote", "code"}


@register.filter
def markdown(text: str) -> SafeString:
    """CommonMark with a short list of tags; links go to http, https and mail only and pass on no rank."""
    html = nh3.clean(
        MARKDOWN.render(text),
        tags=TAGS,
        attributes={"a": {"href"}},
        url_schemes={"http", "https", "mailto"},
        link_rel="nofollow noopener",
    )
    return mark_safe(html)  # noqa: S308 (nh3 has cleaned it)
