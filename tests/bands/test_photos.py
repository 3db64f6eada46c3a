"""Uploaded pictures: what is refused, and what becomes of the others."""

import io
import re

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import ExifTags, Image, PngImagePlugin

from bands.photos import PhotoSources, discard_picture, keep_sizes, photo_sources, prepare_picture
from bands.templatetags.pictures import picture
from schedule.publishing import publish_event
from tests.factories import MADE, make_band, make_event, make_public_event, make_set

WHITE, GREY, BLACK, RED, BLUE = (255, 255, 255), (128, 128, 128), (0, 0, 0), (255, 0, 0), (0, 0, 255)
FIVE_MEBIBYTES = 5 * 1024 * 1024
LATITUDE = b"LATITUDE OF THE REHEARSAL ROOM"
UNREADABLE = ("unreadable", "This is no readable JPEG, PNG or WebP picture.")


def encoded(picture, file_format="JPEG", **options):
    """A picture as an upload."""
    content = io.BytesIO()
    picture.save(content, file_format, **options)
    return ContentFile(content.getvalue(), name=f"IMG_0815 (Guelph).{file_format.lower()}")


def prepared(upload):
    """The picture that is made of an upload."""
    return Image.open(prepare_picture(upload))


def refusal_of(upload):
    with pytest.raises(ValidationError) as refusal:
        prepare_picture(upload)
    return refusal.value.code, refusal.value.messages[0]


def nearest(colour, *candidates):
    """JPEG changes colours a little: the candidate that was meant."""
    return min(candidates, key=lambda each: sum(abs(a - b) for a, b in zip(colour, each, strict=True)))


def padded_to(size):
    """A JPEG of exactly so many bytes, filled up behind its end."""
    content = encoded(Image.new("RGB", (8, 8), RED)).read()
    return ContentFile(content + b"\0" * (size - len(content)), name="band.jpg")


def phone_exif(orientation=1):
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    exif[ExifTags.Base.Make] = "Phone of the drummer"
    exif[ExifTags.IFD.GPSInfo] = {1: "N", 2: (43.0, 27.0, 52.0), 3: "W", 4: (80.0, 31.0, 12.0), 29: LATITUDE.decode()}
    return exif


@pytest.mark.parametrize("file_format", ["JPEG", "PNG", "WEBP"])
def test_prepare_picture_makes_a_jpeg_under_a_random_name(file_format):
    picture = Image.new("RGB", (60, 40), RED)

    first, second = (prepare_picture(encoded(picture, file_format)) for _ in range(2))

    assert re.fullmatch(r"[0-9a-f]{32}\.jpg", first.name)
    assert first.name != second.name
    made = Image.open(first)
    assert (made.format, made.mode, made.size) == ("JPEG", "RGB", (60, 40))
    assert nearest(made.getpixel((30, 20)), RED, BLUE, WHITE, BLACK) == RED


@pytest.mark.parametrize("file_format", ["JPEG", "PNG", "WEBP"])
def test_prepare_picture_drops_position_and_all_other_metadata(file_format):
    upload = encoded(Image.new("RGB", (60, 40), RED), file_format, exif=phone_exif())
    assert LATITUDE in upload.read()

    result = prepare_picture(upload)

    assert LATITUDE not in result.read()
    assert dict(Image.open(result).getexif()) == {}


def test_prepare_picture_drops_comments_and_what_is_hidden_behind_the_picture():
    text = PngImagePlugin.PngInfo()
    text.add_text("Comment", "drummer@band.example")
    upload = ContentFile(
        encoded(Image.new("RGB", (8, 8), RED), "PNG", pnginfo=text).read() + b"<script>alert(1)</script>"
    )

    content = prepare_picture(upload).read()

    assert b"drummer" not in content
    assert b"<script>" not in content


# The colour of the upper left corner that a camera stored, and where it belongs, by the standard's eight values.
@pytest.mark.parametrize(
    ("orientation", "corner"),
    [
        (1, "upper left"),
        (2, "upper right"),
        (3, "lower right"),
        (4, "lower left"),
        (5, "upper left"),
        (6, "upper right"),
        (7, "lower right"),
        (8, "lower left"),
        (0, "upper left"),
        (9, "upper left"),
    ],
)
@pytest.mark.parametrize("file_format", ["JPEG", "PNG", "WEBP"])
def test_prepare_picture_turns_it_upright(orientation, corner, file_format):
    picture = Image.new("RGB", (64, 32), BLUE)
    picture.paste(RED, (0, 0, 16, 16))

    made = prepared(encoded(picture, file_format, exif=phone_exif(orientation)))

    width, height = made.size
    corners = {"upper left": (4, 4), "upper right": (width - 4, 4)}
    corners |= {"lower left": (4, height - 4), "lower right": (width - 4, height - 4)}
    assert made.size == ((32, 64) if orientation in (5, 6, 7, 8) else (64, 32))
    assert [name for name, at in corners.items() if nearest(made.getpixel(at), RED, BLUE) == RED] == [corner]


def test_prepare_picture_takes_a_picture_whose_exif_data_are_damaged():
    """A latitude that is text instead of numbers can be read, but not be written again."""
    rational_latitude, text_latitude = b"\x00\x02\x00\x05", b"\x00\x02\x00\x02"
    damaged = phone_exif(6).tobytes().replace(rational_latitude, text_latitude)
    assert damaged != phone_exif(6).tobytes()

    assert prepared(encoded(Image.new("RGB", (64, 32), RED), exif=damaged)).size == (32, 64)


@pytest.mark.parametrize(
    ("size", "shown"),
    [
        ((1600, 1200), (1600, 1200)),
        ((1601, 1200), (1600, 1199)),
        ((1200, 3200), (600, 1600)),
        ((800, 600), (800, 600)),
        ((20000, 10), (1600, 1)),
    ],
)
def test_prepare_picture_shrinks_to_1600_pixels_a_side(size, shown):
    assert prepared(encoded(Image.new("L", size), "PNG")).size == shown


def test_prepare_picture_shrinks_the_turned_picture_too():
    assert prepared(encoded(Image.new("L", (3200, 1600)), exif=phone_exif(6))).size == (800, 1600)


def striped(mode):
    """Columns of one pixel, white and black by turns; what is half as wide must be grey."""
    stripes = Image.new("L", (3200, 2), 255)
    stripes.putdata([255, 0] * 3200)
    return stripes.convert("RGB").convert(mode)


@pytest.mark.parametrize(("mode", "file_format"), [("1", "PNG"), ("P", "PNG"), ("L", "PNG"), ("RGB", "JPEG")])
def test_prepare_picture_shrinks_smoothly(mode, file_format):
    made = prepared(encoded(striped(mode), file_format))

    assert nearest(made.getpixel((800, 0)), WHITE, GREY, BLACK) == GREY


@pytest.mark.parametrize("mode", ["P", "L", "RGB"])
def test_prepare_picture_shrinks_what_can_be_seen_of_a_transparent_picture(mode):
    stripes = striped(mode)

    made = prepared(encoded(stripes, "PNG", transparency=stripes.getpixel((1, 0))))

    assert nearest(made.getpixel((800, 0)), WHITE, GREY, BLACK) == WHITE


@pytest.mark.parametrize("file_format", ["PNG", "WEBP"])
def test_prepare_picture_puts_a_transparent_picture_on_white(file_format):
    logo = Image.new("RGBA", (64, 64), (0, 0, 0, 0))
    logo.paste((*BLUE, 255), (0, 0, 32, 64))

    made = prepared(encoded(logo, file_format))

    assert [nearest(made.getpixel(at), WHITE, BLACK, BLUE) for at in ((8, 32), (56, 32))] == [BLUE, WHITE]


@pytest.mark.parametrize("mode", ["L", "P", "RGB"])
def test_prepare_picture_knows_a_transparent_colour(mode):
    """PNG may name one colour of a picture without alpha transparent."""
    logo = Image.new("RGB", (64, 64), BLACK)
    logo.paste(WHITE, (0, 0, 32, 64))
    logo = logo.convert(mode)
    transparent = logo.getpixel((56, 32))

    made = prepared(encoded(logo, "PNG", transparency=transparent))

    assert [nearest(made.getpixel(at), WHITE, BLACK) for at in ((8, 32), (56, 32))] == [WHITE, WHITE]


@pytest.mark.parametrize(
    ("mode", "file_format"), [("CMYK", "JPEG"), ("L", "JPEG"), ("1", "PNG"), ("P", "PNG"), ("LA", "PNG")]
)
def test_prepare_picture_takes_every_kind_of_colours(mode, file_format):
    picture = Image.new("RGB", (64, 64), BLACK)
    picture.paste(WHITE, (0, 0, 32, 64))

    made = prepared(encoded(picture.convert("L").convert(mode) if mode == "LA" else picture.convert(mode), file_format))

    assert [nearest(made.getpixel(at), WHITE, BLACK) for at in ((8, 32), (56, 32))] == [WHITE, BLACK]


def test_prepare_picture_takes_the_first_of_several_pictures():
    """MPO is what some phones call JPEG."""
    red, blue = Image.new("RGB", (64, 32), RED), Image.new("RGB", (64, 32), BLUE)

    made = prepared(encoded(red, "MPO", save_all=True, append_images=[blue]))

    assert nearest(made.getpixel((32, 16)), RED, BLUE) == RED


@pytest.mark.parametrize("file_format", ["WEBP", "PNG"])
def test_prepare_picture_refuses_one_that_moves(file_format):
    red, blue = Image.new("RGB", (64, 32), RED), Image.new("RGB", (64, 32), BLUE)
    still, moving = encoded(red, file_format), encoded(red, file_format, save_all=True, append_images=[blue])

    assert prepared(still).size == (64, 32)
    assert refusal_of(moving) == ("animated", "The picture moves. Upload one that stands still.")


@pytest.mark.parametrize(
    ("size", "others"),
    [
        ((320, 100), {".webp": (320, 100)}),
        ((321, 100), {".webp": (321, 100), "-320": (320, 100)}),
        ((100, 800), {".webp": (100, 800), "-320": (40, 320)}),
        ((1602, 801), {".webp": (1600, 800), "-320": (320, 160), "-800": (800, 400)}),
    ],
)
def test_prepare_picture_makes_smaller_ones_in_both_encodings(size, others):
    made = prepare_picture(encoded(Image.new("RGB", size, RED), exif=phone_exif()))

    opened = {ending: Image.open(io.BytesIO(content)) for ending, content in made.others.items()}
    expected = {".webp": ("WEBP", others.pop(".webp"))}
    for ending, each in others.items():
        expected |= {f"{ending}.jpg": ("JPEG", each), f"{ending}.webp": ("WEBP", each)}
    assert {ending: (each.format, each.size) for ending, each in opened.items()} == expected
    assert [content for content in made.others.values() if LATITUDE in content] == []


@pytest.fixture
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def stored(size, *, with_sizes=True):
    picture = prepare_picture(encoded(Image.new("RGB", size, RED)))
    name = default_storage.save(f"bands/{picture.name}", picture)
    if with_sizes:
        keep_sizes(name, picture)
    return name


def test_photo_sources_names_what_there_is(media):
    name = stored((1000, 500))
    stem = f"/media/{name.removesuffix('.jpg')}"

    assert photo_sources(name) == PhotoSources(
        address=f"{stem}.jpg",
        width=1000,
        height=500,
        jpeg=((f"{stem}-320.jpg", 320), (f"{stem}-800.jpg", 800), (f"{stem}.jpg", 1000)),
        webp=((f"{stem}-320.webp", 320), (f"{stem}-800.webp", 800), (f"{stem}.webp", 1000)),
    )


def test_photo_sources_of_one_that_is_older_than_the_sizes(media):
    name = stored((1000, 500), with_sizes=False)

    sources = photo_sources(name)

    assert (sources.jpeg, sources.webp) == (((f"/media/{name}", 1000),), ())


def test_photo_sources_of_nothing(media):
    name = stored((1000, 500))
    discard_picture(name)

    assert [photo_sources(each) for each in ("", "bands/gone.jpg", name)] == [None, None, None]
    assert list((media / "bands").iterdir()) == []


def test_picture_as_html_names_sizes_and_text(media):
    name = stored((400, 200))
    stem = f"/media/{name.removesuffix('.jpg')}"

    assert picture(name, "A <boat>", sizes="50vw", **{"class": "sheet"}) == (
        f'<picture><source type="image/webp" srcset="{stem}-320.webp 320w, {stem}.webp 400w" sizes="50vw">'
        f'<img class="sheet" src="{stem}.jpg" srcset="{stem}-320.jpg 320w, {stem}.jpg 400w" sizes="50vw"'
        ' width="400" height="200" alt="A &lt;boat&gt;"></picture>'
    )


def test_picture_as_html_of_an_old_one_and_of_none(media):
    name = stored((400, 200), with_sizes=False)

    assert picture(name, "") == (
        f'<picture><img class="" src="/media/{name}" width="400" height="200" alt=""></picture>'
    )
    assert picture("", "") == ""


def test_prepare_picture_takes_five_mebibytes_and_refuses_a_byte_more():
    assert prepared(padded_to(FIVE_MEBIBYTES)).size == (8, 8)
    assert refusal_of(padded_to(FIVE_MEBIBYTES + 1))[0] == "too_large"
    assert refusal_of(padded_to(6 * 1024 * 1024)) == (
        "too_large",
        "The picture has 6.0 MB; at most 5 MB are taken. Make it smaller.",
    )


def test_prepare_picture_takes_25_megapixels_and_refuses_a_row_more():
    assert prepared(encoded(Image.new("L", (5000, 5000)), "PNG")).size == (1600, 1600)
    assert refusal_of(encoded(Image.new("L", (5000, 5001)), "PNG")) == (
        "too_many_pixels",
        "The picture has 5000×5001 pixels; at most 25 megapixels are taken.",
    )


# Above 89 megapixels Pillow warns, above 179 it refuses by itself.
@pytest.mark.parametrize("side", [10_000, 13_500])
def test_prepare_picture_refuses_a_bomb_as_too_large(side):
    upload = encoded(Image.new("1", (side, side)), "PNG")
    assert upload.size < 100_000

    code, message = refusal_of(upload)
    assert code == "too_many_pixels"
    assert message.endswith(" pixels; at most 25 megapixels are taken.")


@pytest.mark.parametrize("file_format", ["GIF", "BMP", "TIFF", "ICO", "PPM"])
def test_prepare_picture_refuses_other_formats_whatever_they_are_called(file_format):
    content = encoded(Image.new("L", (16, 16)), file_format).read()

    assert refusal_of(SimpleUploadedFile("band.jpg", content, content_type="image/jpeg")) == UNREADABLE


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no picture",
        b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        b"<!doctype html><script>alert(1)</script>",
        b"\xff\xd8\xff\xe0",
        b"\x89PNG\r\n\x1a\n",
        b"RIFF\x00\x00\x00\x00WEBP",
        b"%!PS-Adobe-3.0 EPSF-3.0\n",
    ],
)
def test_prepare_picture_refuses_what_is_no_picture(content):
    assert refusal_of(SimpleUploadedFile("band.jpg", content, content_type="image/jpeg")) == UNREADABLE


@pytest.mark.parametrize("file_format", ["JPEG", "PNG", "WEBP"])
def test_prepare_picture_refuses_half_a_picture(file_format):
    content = encoded(Image.effect_noise((64, 64), 90).convert("RGB"), file_format).read()

    assert refusal_of(ContentFile(content[: len(content) // 2])) == UNREADABLE


def test_prepare_picture_reads_an_upload_from_its_beginning():
    upload = encoded(Image.new("RGB", (60, 40), RED))
    upload.read()

    assert prepared(upload).size == (60, 40)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("ending", "content_type", "file_format", "width"),
    [
        (".jpg", "image/jpeg", "JPEG", 1000),
        (".webp", "image/webp", "WEBP", 1000),
        ("-320.jpg", "image/jpeg", "JPEG", 320),
        ("-800.webp", "image/webp", "WEBP", 800),
    ],
)
def test_every_size_is_served_to_who_may_see_the_band(client, media, ending, content_type, file_format, width):
    name = stored((1000, 500))
    make_band("The Harpoonist", photo=name)
    performance = make_set(make_event())
    address = f"/media/{name.removesuffix('.jpg')}{ending}"
    assert client.get(address).status_code == 404

    publish_event(performance.event, **MADE)
    response = client.get(address)

    assert response["Content-Type"] == content_type
    with Image.open(io.BytesIO(b"".join(response))) as shown:
        assert (shown.format, shown.width) == (file_format, width)
    for wrong in ("-321.jpg", "-800.png", "-800-320.jpg", ".gif"):
        assert client.get(address.removesuffix(ending) + wrong).status_code == 404


@pytest.mark.django_db
def test_public_page_of_a_band_shows_its_photo_in_all_sizes(client, media):
    name = stored((1000, 500))
    band = make_band("The Harpoonist", photo=name, photo_alt_text="A boat & a dog.")
    make_set(make_public_event())

    page = client.get("/bands/the-harpoonist/").content.decode()
    assert f"/media/{name.removesuffix('.jpg')}-320.webp 320w" in page
    assert 'width="1000" height="500" alt="A boat &amp; a dog."' in page

    discard_picture(band.photo.name)
    assert "<picture>" not in client.get("/bands/the-harpoonist/").content.decode()
