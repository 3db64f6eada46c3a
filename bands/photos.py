"""Pictures that people upload: checked, turned upright, re-encoded in several sizes, stripped of metadata, renamed.

Of a stored picture `bands/<hex>.jpg` the row keeps the name alone. Beside it lie the same picture as
`<hex>.webp` and, where it is larger than that, smaller ones: `<hex>-320.webp`, `<hex>-320.jpg` and so on.
"""

import io
import re
import uuid
from dataclasses import dataclass

from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage
from django.utils.translation import gettext as _
from PIL import ExifTags, Image

MAX_BYTES = 5 * 1024 * 1024
MAX_PIXELS = 25_000_000
MAX_SIDE_PIXELS = 1600
SMALLER_SIDES = (320, 800)
READABLE_FORMATS = ("JPEG", "PNG", "WEBP")
MOVING_FORMATS = ("PNG", "WEBP")  # a JPEG with several pictures comes from a phone, and shows the first
ACCEPTED_TYPES = "image/jpeg,image/png,image/webp"
ENCODINGS = {"jpg": ("JPEG", {"quality": 85, "optimize": True}), "webp": ("WEBP", {"quality": 82, "method": 4})}
CONTENT_TYPES = {"jpg": "image/jpeg", "webp": "image/webp"}
FILE_NAME = re.compile(r"(?P<hex>[0-9a-f]{32})(?:-(?:320|800))?\.(?P<type>jpg|webp)")
REMEMBERED_SECONDS = 24 * 60 * 60  # what lies under a random name never changes
SMOOTHLY_SHRINKING_MODES = ("L", "LA", "RGB", "RGBA", "CMYK")  # of a palette only every so many-th pixel would be kept
# What makes a picture upright, by the orientation in its EXIF data. Pillow's exif_transpose also rewrites
# that data and breaks when it is damaged.
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


class Picture(ContentFile):
    """A JPEG to be stored under its name, with the other sizes and encodings of it by the ending of theirs."""

    def __init__(self, content: bytes, *, name: str, others: dict[str, bytes]) -> None:
        super().__init__(content, name=name)
        self.others = others


@dataclass(frozen=True)
class PhotoSources:
    """What there is of a stored picture, as a page names it; widths in pixels, smallest first."""

    address: str
    width: int
    height: int
    jpeg: tuple[tuple[str, int], ...]
    webp: tuple[tuple[str, int], ...]

    @property
    def jpeg_set(self) -> str:
        return _srcset(self.jpeg)

    @property
    def webp_set(self) -> str:
        return _srcset(self.webp)


def prepare_picture(upload: File) -> Picture:
    """A JPEG of at most 1600 pixels a side under a random name, made from what was uploaded, with smaller ones.

    Re-encoding drops position data and anything hidden behind the picture. Raises ValidationError
    for a file over 5 MiB, over 25 megapixels, that moves, or that is no JPEG, PNG or WebP picture.
    """
    if upload.size > MAX_BYTES:
        raise ValidationError(
            _("The picture has %(size)s MB; at most 5 MB are taken. Make it smaller.")
            % {"size": f"{upload.size / 1024 / 1024:.1f}"},
            code="too_large",
        )
    upload.seek(0)
    try:
        with Image.open(upload, formats=READABLE_FORMATS) as picture:
            if picture.width * picture.height > MAX_PIXELS:
                raise ValidationError(
                    _("The picture has %(width)d×%(height)d pixels; at most 25 megapixels are taken.")
                    % {"width": picture.width, "height": picture.height},
                    code="too_many_pixels",
                )
            if picture.format in MOVING_FORMATS and getattr(picture, "is_animated", False):
                raise ValidationError(_("The picture moves. Upload one that stands still."), code="animated")
            upright = _shrink_and_turn(picture)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        # Pillow refuses to look at far too large ones itself, and does not tell their size.
        raise ValidationError(
            _("The picture has too many pixels; at most 25 megapixels are taken."), code="too_many_pixels"
        ) from error
    except (OSError, SyntaxError, ValueError) as error:
        raise ValidationError(_("This is no readable JPEG, PNG or WebP picture."), code="unreadable") from error
    flat = Image.new("RGB", upright.size, "white")
    flat.paste(upright, mask=upright.getchannel("A"))
    others = {".webp": _encoded(flat, "webp")}
    for side in _smaller_sides(flat.size):
        smaller = flat.copy()
        smaller.thumbnail((side, side))
        others |= {f"-{side}.{ending}": _encoded(smaller, ending) for ending in ENCODINGS}
    return Picture(_encoded(flat, "jpg"), name=f"{uuid.uuid4().hex}.jpg", others=others)


def keep_sizes(name: str, picture: Picture) -> None:
    """Store the other sizes of a picture beside the one that is stored under a name."""
    for ending, content in picture.others.items():
        default_storage.save(f"{_stem(name)}{ending}", ContentFile(content))


def discard_picture(name: str) -> None:
    """Remove a stored picture in all its sizes. Safe to repeat."""
    for each in (name, *(f"{_stem(name)}{ending}" for ending in _all_endings())):
        default_storage.delete(each)
    cache.delete(_memory_key(name))


def is_stored(name: str) -> bool:
    return default_storage.exists(name)


def photo_sources(name: str) -> PhotoSources | None:
    """What there is of a stored picture, also of one that is older than the sizes; None when its file is gone."""
    if not name:
        return None
    sources: PhotoSources | None = cache.get(_memory_key(name))
    if sources is None and (sources := _read_sources(name)):
        cache.set(_memory_key(name), sources, REMEMBERED_SECONDS)
    return sources


def main_name(file_name: str) -> str:
    """The name that the row keeps of a picture, by that of any of its files."""
    match = FILE_NAME.fullmatch(file_name)
    return f"{match['hex']}.jpg" if match else file_name


def content_type_of(file_name: str) -> str:
    return CONTENT_TYPES[file_name.rpartition(".")[2]]


def _read_sources(name: str) -> PhotoSources | None:
    try:
        with default_storage.open(name) as file, Image.open(file, formats=READABLE_FORMATS) as picture:
            size = picture.size
    except (OSError, SyntaxError, ValueError):
        return None
    found: dict[str, list[tuple[str, int]]] = {ending: [] for ending in ENCODINGS}
    for side in (*_smaller_sides(size), None):
        width = round(size[0] * side / max(size)) if side else size[0]
        for ending, listed in found.items():
            each = f"{_stem(name)}-{side}.{ending}" if side else f"{_stem(name)}.{ending}"
            if each == name or default_storage.exists(each):
                listed.append((default_storage.url(each), max(1, width)))
    return PhotoSources(default_storage.url(name), *size, jpeg=tuple(found["jpg"]), webp=tuple(found["webp"]))


def _smaller_sides(size: tuple[int, int]) -> list[int]:
    return [side for side in SMALLER_SIDES if side < max(size)]


def _encoded(picture: Image.Image, ending: str) -> bytes:
    encoding, options = ENCODINGS[ending]
    file = io.BytesIO()
    picture.save(file, encoding, **options)
    return file.getvalue()


def _srcset(files: tuple[tuple[str, int], ...]) -> str:
    return ", ".join(f"{address} {width}w" for address, width in files)


def _stem(name: str) -> str:
    return name.rpartition(".")[0]


def _all_endings() -> list[str]:
    return [".webp", *(f"-{side}.{ending}" for side in SMALLER_SIDES for ending in ENCODINGS)]


def _memory_key(name: str) -> str:
    return f"photo-sources:{name}"


def _shrink_and_turn(picture: Image.Image) -> Image.Image:
    """The picture in RGBA, at most 1600 pixels a side and upright; shrunk first, so that it needs little memory."""
    orientation = picture.getexif().get(ExifTags.Base.Orientation)
    if picture.mode not in SMOOTHLY_SHRINKING_MODES or "transparency" in picture.info:
        picture = picture.convert("RGBA")
    picture.thumbnail((MAX_SIDE_PIXELS, MAX_SIDE_PIXELS))
    picture = picture.convert("RGBA")
    return picture.transpose(TURNS[orientation]) if orientation in TURNS else picture
