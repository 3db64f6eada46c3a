"""Pictures that people upload: checked, turned upright, re-encoded, stripped of metadata, renamed."""

import io
import uuid

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile, File
from PIL import Image, ImageOps

MAX_BYTES = 5 * 1024 * 1024
MAX_PIXELS = 25_000_000
MAX_SIDE_PIXELS = 1600
READABLE_FORMATS = ("JPEG", "PNG", "WEBP")


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
            upright = ImageOps.exif_transpose(picture).convert("RGBA")
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise ValidationError("This is no readable JPEG, PNG or WebP picture.", code="unreadable") from error
    upright.thumbnail((MAX_SIDE_PIXELS, MAX_SIDE_PIXELS))
    flat = Image.new("RGB", upright.size, "white")
    flat.paste(upright, mask=upright.getchannel("A"))
    encoded = io.BytesIO()
    flat.save(encoded, "JPEG", quality=85, optimize=True)
    return ContentFile(encoded.getvalue(), name=f"{uuid.uuid4().hex}.jpg")
