"""Markdown of people as HTML that a page can trust."""

from html.parser import HTMLParser
from urllib.parse import urlsplit

import pytest
from django.utils.safestring import SafeString

from bands.templatetags.prose import TAGS, markdown

LINK = '<a href="{}" rel="nofollow noopener">{}</a>'


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("", ""),
        ("Blues *duo* from **Guelph**.", "<p>Blues <em>duo</em> from <strong>Guelph</strong>.</p>\n"),
        ("One\ntwo\n\nthree", "<p>One\ntwo</p>\n<p>three</p>\n"),
        ("Line  \nbreak", "<p>Line<br>\nbreak</p>\n"),
        ("- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n"),
        ("1. a\n2. b", "<ol>\n<li>a</li>\n<li>b</li>\n</ol>\n"),
        ("> Loud.", "<blockquote>\n<p>Loud.</p>\n</blockquote>\n"),
        ("`code`", "<p><code>code</code></p>\n"),
        ("AC/DC & Björk 東京 <3", "<p>AC/DC &amp; Björk 東京 &lt;3</p>\n"),
    ],
)
def test_markdown_becomes_html(text, html):
    assert markdown(text) == html
    assert isinstance(markdown(text), SafeString)


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("[us](https://a.example)", LINK.format("https://a.example", "us")),
        ("[us](http://a.example)", LINK.format("http://a.example", "us")),
        ("[us](mailto:us@a.example)", LINK.format("mailto:us@a.example", "us")),
        ("<https://a.example>", LINK.format("https://a.example", "https://a.example")),
        (
            "https://a.example/?a=1&b=2",
            LINK.format("https://a.example/?a=1&amp;b=2", "https://a.example/?a=1&amp;b=2"),
        ),
        ("www.example.com", LINK.format("http://www.example.com", "www.example.com")),
        ("[us](ftp://a.example)", '<a rel="nofollow noopener">us</a>'),
        ("[us](tel:123)", '<a rel="nofollow noopener">us</a>'),
    ],
)
def test_links_go_to_web_and_mail_only_and_pass_on_no_rank(text, html):
    assert markdown(text) == f"<p>{html}</p>\n"


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("<script>alert(1)</script>", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>\n"),
        ("<b>bold</b>", "<p>&lt;b&gt;bold&lt;/b&gt;</p>\n"),
        ('a<img src=x onerror="alert(1)">', '<p>a&lt;img src=x onerror="alert(1)"&gt;</p>\n'),
        ("&lt;script&gt;", "<p>&lt;script&gt;</p>\n"),
        ("[us](javascript:alert(1))", "<p>[us](javascript:alert(1))</p>\n"),
        ("<javascript:alert(1)>", "<p>&lt;javascript:alert(1)&gt;</p>\n"),
        ("![spy](https://a.example/pixel.png)", "<p></p>\n"),
        ("# Big", "Big\n"),
    ],
)
def test_html_and_pictures_are_shown_as_text_or_dropped(text, html):
    assert markdown(text) == html


class Tripwire(HTMLParser):
    """Collects every tag that is not on the list, every attribute but those of a link, every address elsewhere."""

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attrs):
        if tag not in TAGS:
            self.found.append(tag)
        for name, value in attrs:
            if name not in ("href", "rel", "title"):
                self.found.append(name)
            if name == "href" and urlsplit(value).scheme not in ("", "https", "http", "mailto"):
                self.found.append(value)

    def handle_comment(self, data):
        self.found.append(data)


@pytest.mark.parametrize(
    "text",
    [
        "[x](JaVaScRiPt:alert(1))",
        "[x](&#106;avascript:alert(1))",
        "[x](java\nscript:alert(1))",
        "[x](\x01javascript:alert(1))",
        "[x](<java script:alert(1)>)",
        "[x](vbscript:x)",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        "[x](data:image/png;base64,AAAA)",
        "[x](file:///etc/passwd)",
        "[a]\n\n[a]: javascript:alert(1)",
        '[x](https://a.example "title\\" onclick=alert(1)")',
        '[x](https://a.example" onmouseover="alert(1))',
        "<a href=javascript:alert(1)>x</a>",
        "<svg/onload=alert(1)>",
        "<iframe srcdoc='<script>alert(1)</script>'>",
        "<math><mtext></p><style><!--</style><img title='--&gt;<img src=x onerror=alert(1)>'>",
        "<!-- comment --><style>@import 'x'</style>",
        "<form action=/admin/logout/><input type=submit>",
        "```html\n<script>alert(1)</script>\n```",
        "    <script>alert(1)</script>",
        "`<script>alert(1)</script>`",
        "https://a.example/<script>alert(1)</script>",
        "x" * 3000 + "<script>",
        "[" * 2500,
        "*a _b " * 800,
        "> " * 1000 + "<script>",
    ],
)
def test_nothing_that_runs_gets_through(text):
    tripwire = Tripwire()

    tripwire.feed(markdown(text))
    tripwire.close()

    assert tripwire.found == []


def test_tripwire_sees_what_it_looks_for():
    tripwire = Tripwire()

    tripwire.feed('<script></script><a href="javascript:x" onclick="y">z</a><!-- c -->')

    assert tripwire.found == ["script", "javascript:x", "onclick", " c "]
