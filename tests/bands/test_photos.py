"""Uploaded pictures: what is refused, and what becomes of the others."""

import io
import re

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import ExifTags, Image, PngImagePlugin

from bands.photos import prepare_picture

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
    red, blue = Image.new("RGB", (64, 32), RED), Image.new("RGB", (64, 32), BLUE)

    for file_format in ("WEBP", "PNG", "MPO"):  # MPO is what some phones call JPEG
        made = prepared(encoded(red, file_format, save_all=True, append_images=[blue]))
        assert nearest(made.getpixel((32, 16)), RED, BLUE) == RED


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
