"""Pictures that people upload: checked, turned upright, re-encoded, stripped of metadata, renamed."""

import io
import uuid

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile, File
from PIL import ExifTags, Image

MAX_BYTES = 5 * 1024 * 1024
MAX_PIXELS = 25_000_000
MAX_SIDE_PIXELS = 1600
READABLE_FORMATS = ("JPEG", "PNG", "WEBP")
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


def prepare_picture(upload: File) -> ContentFile:
    """A JPEG of at most 1600 pixels a side under a random name, made from what was uploaded.

    Re-encoding drops position data and anything hidden behind the picture. Raises ValidationError
    for a file over 5 MiB, over 25 megapixels, or that is no JPEG, PNG or WebP picture.
    """
    if upload.size > MAX_BYTES:
        raise ValidationError(
            f"The picture has {upload.size / 1024 / 1024:.1f} MB; at most 5 MB are taken. Make it smaller.",
            code="too_large",
        )
    upload.seek(0)
    try:
        with Image.open(upload, formats=READABLE_FORMATS) as picture:
            if picture.width * picture.height > MAX_PIXELS:
                raise ValidationError(
                    f"The picture has {picture.width}×{picture.height} pixels; at most 25 megapixels are taken.",
                    code="too_many_pixels",
                )
            upright = _shrink_and_turn(picture)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        # Pillow refuses to look at far too large ones itself, and does not tell their size.
        raise ValidationError(
            "The picture has too many pixels; at most 25 megapixels are taken.", code="too_many_pixels"
        ) from error
    except (OSError, SyntaxError, ValueError) as error:
        raise ValidationError("This is no readable JPEG, PNG or WebP picture.", code="unreadable") from error
    flat = Image.new("RGB", upright.size, "white")
    flat.paste(upright, mask=upright.getchannel("A"))
    encoded = io.BytesIO()
    flat.save(encoded, "JPEG", quality=85, optimize=True)
    return ContentFile(encoded.getvalue(), name=f"{uuid.uuid4().hex}.jpg")


def _shrink_and_turn(picture: Image.Image) -> Image.Image:
    """The picture in RGBA, at most 1600 pixels a side and upright; shrunk first, so that it needs little memory."""
    orientation = picture.getexif().get(ExifTags.Base.Orientation)
    if picture.mode not in SMOOTHLY_SHRINKING_MODES or "transparency" in picture.info:
        picture = picture.convert("RGBA")
    picture.thumbnail((MAX_SIDE_PIXELS, MAX_SIDE_PIXELS))
    picture = picture.convert("RGBA")
    return picture.transpose(TURNS[orientation]) if orientation in TURNS else picture
