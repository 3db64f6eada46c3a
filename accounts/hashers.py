"""Password hashing sized for small machines."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class SizedArgon2PasswordHasher(Argon2PasswordHasher):
    """Argon2id with 19 MiB, two passes and one lane, OWASP's figures.

    Django's default takes 100 MiB and eight lanes a sign-in: eight people at once would exhaust a
    512 MB container.
    """

    time_cost = 2
    memory_cost = 19 * 1024
    parallelism = 1
