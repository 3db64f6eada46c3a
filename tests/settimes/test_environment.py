"""How each kind of variable is read: what is taken, what is refused, and the exact sentence that says so."""

import os
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from settimes.environment import Environment, MailServer

HOW_TO = "Make one with: a dice."
NOT_A_DATABASE = (
    "DATABASE_URL is not a database address. Write sqlite:////path/to/file or "
    "postgres://user:password@host:5432/name, special characters in the password percent-encoded."
)
NOT_A_MAIL_SERVER = (
    "EMAIL_URL is not a mail server. Write smtp+tls://user:password@mail.example:587, "
    "special characters in the password percent-encoded."
)
NOT_REDIS = "REDIS_URL is not a Redis address. Write redis://host:6379/0, or leave it empty."


def refusal_of(read, *args, **kwargs):
    """The sentence with which a variable is refused, and nothing chained to it that may quote a secret."""
    with pytest.raises(ImproperlyConfigured) as refusal:
        read(*args, **kwargs)
    assert refusal.value.__context__ is None or refusal.value.__suppress_context__
    return str(refusal.value)


# --- text --------------------------------------------------------------------------------------


def test_text_is_given_without_blanks_around_it():
    assert Environment({"CITY": "  Port Invented "}).text("CITY") == "Port Invented"


@pytest.mark.parametrize("variables", [{}, {"CITY": ""}, {"CITY": "  "}])
def test_text_that_is_missing_or_empty_has_its_default(variables):
    assert Environment(variables).text("CITY", "Guelph") == "Guelph"


@pytest.mark.parametrize("variables", [{}, {"CITY": ""}, {"CITY": " \t"}])
def test_text_without_a_default_is_required(variables):
    assert refusal_of(Environment(variables).text, "CITY") == (
        "CITY is not set. Put it into the environment or .env; see .env.example."
    )


# --- secret ------------------------------------------------------------------------------------


def test_secret_is_read_from_its_variable():
    assert Environment({"SECRET_KEY": "s3cret"}).secret("SECRET_KEY", HOW_TO) == "s3cret"


def test_secret_is_read_from_a_file_that_stands_above_the_variable(tmp_path):
    file = tmp_path / "key"
    file.write_text("from the file\n", encoding="utf-8")

    env = Environment({"SECRET_KEY": "from the variable", "SECRET_KEY_FILE": str(file)})

    assert env.secret("SECRET_KEY", HOW_TO) == "from the file"


@pytest.mark.parametrize("variables", [{}, {"SECRET_KEY": " ", "SECRET_KEY_FILE": ""}])
def test_secret_that_is_missing_says_how_to_make_one(variables):
    assert refusal_of(Environment(variables).secret, "SECRET_KEY", HOW_TO) == (
        "SECRET_KEY is not set. Make one with: a dice."
    )


def test_secret_file_that_is_missing_is_named(tmp_path):
    file = tmp_path / "key"

    assert refusal_of(Environment({"SECRET_KEY_FILE": str(file)}).secret, "SECRET_KEY", HOW_TO) == (
        f"SECRET_KEY_FILE='{file}' cannot be read: No such file or directory."
    )


def test_secret_file_that_is_a_folder_is_named(tmp_path):
    assert refusal_of(Environment({"SECRET_KEY_FILE": str(tmp_path)}).secret, "SECRET_KEY", HOW_TO) == (
        f"SECRET_KEY_FILE='{tmp_path}' cannot be read: Is a directory."
    )


def test_secret_file_that_is_empty_is_named(tmp_path):
    file = tmp_path / "key"
    file.write_text("\n")

    assert refusal_of(Environment({"SECRET_KEY_FILE": str(file)}).secret, "SECRET_KEY", HOW_TO) == (
        f"SECRET_KEY_FILE='{file}' is empty. Make one with: a dice."
    )


def test_secret_file_that_is_not_text_is_named_and_not_quoted(tmp_path):
    file = tmp_path / "key"
    file.write_bytes(b"s3cret\xff")

    assert refusal_of(Environment({"SECRET_KEY_FILE": str(file)}).secret, "SECRET_KEY", HOW_TO) == (
        f"SECRET_KEY_FILE='{file}' cannot be read: it is not text in UTF-8."
    )


# --- boolean, whole_number, choice, listing ----------------------------------------------------


@pytest.mark.parametrize("value", ["true", "True", "TRUE", "1", "yes", "on", " true "])
def test_boolean_is_true(value):
    assert Environment({"DEBUG": value}).boolean("DEBUG", default=False) is True


@pytest.mark.parametrize("value", ["false", "False", "0", "no", "off"])
def test_boolean_is_false(value):
    assert Environment({"DEBUG": value}).boolean("DEBUG", default=True) is False


@pytest.mark.parametrize("default", [True, False])
@pytest.mark.parametrize("variables", [{}, {"DEBUG": ""}])
def test_boolean_that_is_missing_or_empty_has_its_default(variables, default):
    assert Environment(variables).boolean("DEBUG", default=default) is default


@pytest.mark.parametrize("value", ["ture", "2", "y", "none", "true false"])
def test_boolean_that_is_malformed_is_refused(value):
    assert refusal_of(Environment({"DEBUG": value}).boolean, "DEBUG", default=False) == (
        f"DEBUG='{value.lower()}' is neither true nor false. Write DEBUG=true or DEBUG=false."
    )


@pytest.mark.parametrize(("value", "number"), [("0", 0), ("4", 4), (" 16 ", 16), ("007", 7), ("1000000000000", 10**12)])
def test_whole_number_is_read(value, number):
    assert Environment({"SIZE": value}).whole_number("SIZE", default=1) == number


@pytest.mark.parametrize("variables", [{}, {"SIZE": ""}])
def test_whole_number_that_is_missing_or_empty_has_its_default(variables):
    assert Environment(variables).whole_number("SIZE", default=3) == 3


@pytest.mark.parametrize("value", ["-1", "1.5", "4k", "four", "1e3", "+4", "1_000", "²", "٤", "9" * 13, "9" * 5000])
def test_whole_number_that_is_malformed_is_refused(value):
    assert refusal_of(Environment({"SIZE": value}).whole_number, "SIZE", default=0) == (
        f"SIZE='{value}' is not a whole number of at least 0."
    )


@pytest.mark.parametrize(("value", "number"), [("1", 1), ("65535", 65535)])
def test_whole_number_may_be_at_its_limits(value, number):
    assert Environment({"PORT": value}).whole_number("PORT", default=8000, at_least=1, at_most=65535) == number


@pytest.mark.parametrize("value", ["0", "65536"])
def test_whole_number_outside_its_limits_is_refused(value):
    read = Environment({"PORT": value}).whole_number

    assert refusal_of(read, "PORT", default=8000, at_least=1, at_most=65535) == (
        f"PORT='{value}' is not a whole number from 1 to 65535."
    )


def test_choice_is_one_of_those_offered():
    assert Environment({"LEVEL": "ERROR"}).choice("LEVEL", ("INFO", "ERROR"), default="INFO") == "ERROR"


@pytest.mark.parametrize("variables", [{}, {"LEVEL": ""}])
def test_choice_that_is_missing_or_empty_has_its_default(variables):
    assert Environment(variables).choice("LEVEL", ("INFO", "ERROR"), default="INFO") == "INFO"


@pytest.mark.parametrize("value", ["LOUD", "error", "INFO ERROR"])
def test_choice_that_is_not_offered_is_refused(value):
    assert refusal_of(Environment({"LEVEL": value}).choice, "LEVEL", ("INFO", "ERROR"), default="INFO") == (
        f"LEVEL='{value}' is not one of INFO, ERROR."
    )


@pytest.mark.parametrize(
    ("variables", "listed"),
    [
        ({}, []),
        ({"KEYS": ""}, []),
        ({"KEYS": " , ,"}, []),
        ({"KEYS": "one"}, ["one"]),
        ({"KEYS": "one, two,,three ,"}, ["one", "two", "three"]),
    ],
)
def test_listing_is_split_at_commas(variables, listed):
    assert Environment(variables).listing("KEYS") == listed


# --- hosts, address, origins -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "hosts"),
    [
        ("settimes.example", ["settimes.example"]),
        ("SetTimes.Example, localhost", ["settimes.example", "localhost"]),
        (".settimes.example,127.0.0.1,web_1,*", [".settimes.example", "127.0.0.1", "web_1", "*"]),
        ("[::1]", ["[::1]"]),
        ("", []),
    ],
)
def test_hosts_are_read(value, hosts):
    assert Environment({"ALLOWED_HOSTS": value}).hosts("ALLOWED_HOSTS") == hosts


@pytest.mark.parametrize(
    "host",
    [
        "https://settimes.example",
        "settimes.example:8000",
        "settimes.example/",
        "set times.example",
        "a..b",
        "*.a.b",
        "::1",
    ],
)
def test_hosts_that_are_malformed_are_refused(host):
    assert refusal_of(Environment({"ALLOWED_HOSTS": f"localhost,{host}"}).hosts, "ALLOWED_HOSTS") == (
        f"ALLOWED_HOSTS='{host}' is not a host name. Write settimes.example, without scheme, port and path."
    )


@pytest.mark.parametrize(
    ("value", "address"),
    [
        ("https://settimes.example", "https://settimes.example"),
        ("https://settimes.example/", "https://settimes.example"),
        ("http://localhost:8000", "http://localhost:8000"),
        ("HTTPS://SetTimes.Example", "https://settimes.example"),
        ("http://192.0.2.7:65535", "http://192.0.2.7:65535"),
        ("http://[2001:db8::7]:8000", "http://[2001:db8::7]:8000"),
        ("https://größe.example", "https://größe.example"),
    ],
)
def test_address_is_read_in_small_letters_without_a_slash_at_its_end(value, address):
    assert Environment({"SITE_URL": value}).address("SITE_URL") == address


@pytest.mark.parametrize("variables", [{}, {"SITE_URL": ""}])
def test_address_that_is_missing_or_empty_has_its_default(variables):
    assert Environment(variables).address("SITE_URL", "http://localhost:8000") == "http://localhost:8000"


def test_address_without_a_default_is_required():
    assert refusal_of(Environment({}).address, "SITE_URL") == (
        "SITE_URL is not set. Put it into the environment or .env; see .env.example."
    )


NOT_ADDRESSES = [
    "settimes.example",
    "settimes.example:8000",
    "//settimes.example",
    "ftp://settimes.example",
    "https:settimes.example",
    "https://",
    "https://settimes.example/crawl",
    "https://settimes.example?a=b",
    "https://settimes.example#top",
    "https://settimes.example?",
    "https://ana:secret@settimes.example",
    "https://set times.example",
    "https://settimes.example:port",
    "https://settimes.example:",
    "https://settimes.example:0",
    "https://settimes.example:65536",
    "https://[::1",
    "https://..",
]


@pytest.mark.parametrize("value", [*NOT_ADDRESSES, "https://*.settimes.example"])
def test_address_that_is_malformed_is_refused(value):
    assert refusal_of(Environment({"SITE_URL": value}).address, "SITE_URL") == (
        f"SITE_URL='{value}' is not an address such as https://settimes.example: "
        "http or https, a host, no path behind it."
    )


@pytest.mark.parametrize(
    ("value", "origins"),
    [
        ("", []),
        ("https://settimes.example/ , http://localhost:8000", ["https://settimes.example", "http://localhost:8000"]),
        ("https://*.settimes.example", ["https://*.settimes.example"]),
    ],
)
def test_origins_are_addresses_that_may_stand_for_all_hosts_below(value, origins):
    assert Environment({"CSRF_TRUSTED_ORIGINS": value}).origins("CSRF_TRUSTED_ORIGINS") == origins


@pytest.mark.parametrize("value", [*NOT_ADDRESSES, "https://*", "https://a.*.example"])
def test_origins_that_are_malformed_are_refused(value):
    env = Environment({"CSRF_TRUSTED_ORIGINS": f"https://settimes.example, {value}"})

    assert refusal_of(env.origins, "CSRF_TRUSTED_ORIGINS") == (
        f"CSRF_TRUSTED_ORIGINS='{value}' is not an address such as https://settimes.example: "
        "http or https, a host, no path behind it."
    )


# --- folder ------------------------------------------------------------------------------------


def test_folder_is_made_when_it_is_not_there(tmp_path):
    wanted = tmp_path / "a # folder" / "data"

    assert Environment({"DATA_DIR": str(wanted)}).folder("DATA_DIR", default=tmp_path / "other") == wanted

    assert wanted.is_dir()
    assert sorted(tmp_path.iterdir()) == [tmp_path / "a # folder"]
    assert list(wanted.iterdir()) == []


def test_folder_that_is_there_is_used(tmp_path):
    assert Environment({"DATA_DIR": str(tmp_path)}).folder("DATA_DIR", default=tmp_path / "other") == tmp_path


@pytest.mark.parametrize("variables", [{}, {"DATA_DIR": ""}])
def test_folder_that_is_missing_or_empty_has_its_default(variables, tmp_path):
    assert Environment(variables).folder("DATA_DIR", default=tmp_path / "data") == tmp_path / "data"

    assert (tmp_path / "data").is_dir()


def test_folder_is_absolute(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    assert Environment({"DATA_DIR": "data"}).folder("DATA_DIR", default=tmp_path) == tmp_path / "data"


def test_folder_that_is_a_file_is_refused(tmp_path):
    file = tmp_path / "data"
    file.write_text("")

    assert refusal_of(Environment({"DATA_DIR": str(file)}).folder, "DATA_DIR", default=tmp_path) == (
        f"DATA_DIR='{file}' is no folder that can be written to: File exists."
    )


def test_folder_below_a_file_is_refused(tmp_path):
    file = tmp_path / "file"
    file.write_text("")

    assert refusal_of(Environment({"DATA_DIR": f"{file}/data"}).folder, "DATA_DIR", default=tmp_path) == (
        f"DATA_DIR='{file}/data' is no folder that can be written to: Not a directory."
    )


def test_folder_that_cannot_be_written_to_is_refused(tmp_path):
    read = Environment({"DATA_DIR": "/proc/self"}).folder

    assert refusal_of(read, "DATA_DIR", default=tmp_path).startswith(
        "DATA_DIR='/proc/self' is no folder that can be written to: "
    )


# --- time_zone ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["America/Toronto", "Europe/London", "UTC", "America/Argentina/Ushuaia"])
def test_time_zone_is_an_iana_name(name):
    assert Environment({"TIME_ZONE": name}).time_zone("TIME_ZONE", default="UTC") == name


@pytest.mark.parametrize("variables", [{}, {"TIME_ZONE": ""}])
def test_time_zone_that_is_missing_or_empty_has_its_default(variables):
    assert Environment(variables).time_zone("TIME_ZONE", default="America/Toronto") == "America/Toronto"


@pytest.mark.parametrize("value", ["Toronto", "EDT5", "+05:00", "../../etc/passwd", "/etc/localtime", "America", "a b"])
def test_time_zone_that_is_malformed_is_refused(value):
    assert refusal_of(Environment({"TIME_ZONE": value}).time_zone, "TIME_ZONE", default="UTC") == (
        f"TIME_ZONE='{value}' is not a time zone. Write an IANA name such as America/Toronto."
    )


# --- database ----------------------------------------------------------------------------------


@pytest.mark.parametrize("variables", [{}, {"DATABASE_URL": ""}])
def test_database_that_is_missing_or_empty_is_the_default_file_whatever_its_name(variables):
    file = Path("/srv/a #1 ?%41/settimes.sqlite3")

    assert Environment(variables).database("DATABASE_URL", default_file=file) == {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": "/srv/a #1 ?%41/settimes.sqlite3",
    }


@pytest.mark.parametrize(
    ("value", "name"),
    [
        ("sqlite:////srv/settimes.sqlite3", "/srv/settimes.sqlite3"),
        ("sqlite:////srv/a%20%231/settimes.sqlite3", "/srv/a #1/settimes.sqlite3"),
        ("sqlite:///data/settimes.sqlite3", "data/settimes.sqlite3"),
    ],
)
def test_database_is_read_from_an_sqlite_address(value, name):
    entry = Environment({"DATABASE_URL": value}).database("DATABASE_URL", default_file=Path("/other"))

    assert (entry["ENGINE"], entry["NAME"]) == ("django.db.backends.sqlite3", name)


@pytest.mark.parametrize("scheme", ["postgres", "postgresql"])
def test_database_is_read_from_a_postgresql_address(scheme):
    env = Environment({"DATABASE_URL": f"{scheme}://ana:p%2Fss%40%23@db.example:5433/settimes?sslmode=require"})

    assert env.database("DATABASE_URL", default_file=Path("/other")) == {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "settimes",
        "USER": "ana",
        "PASSWORD": "p/ss@#",
        "HOST": "db.example",
        "PORT": 5433,
        "OPTIONS": {"sslmode": "require"},
    }


@pytest.mark.parametrize(
    "value",
    [
        "settimes.sqlite3",
        "/srv/settimes.sqlite3",
        "mysql://ana:s3cret@db.example/settimes",
        "sqlite:settimes.sqlite3",
        "sqlite://settimes.sqlite3",
        "sqlite://data/settimes.sqlite3",
        "sqlite://:memory:",
        "sqlite:///",
        "postgres:/db.example/settimes",
        "postgres://ana:s3cret@db.example",
        "postgres://ana:s3cret@db.example:5432/",
        "postgres://ana:s3/cret@db.example:5432/settimes",
        "postgres://ana:s3cret@db.example:port/settimes",
    ],
)
def test_database_that_is_malformed_is_refused_and_not_quoted(value):
    env = Environment({"DATABASE_URL": value})

    assert refusal_of(env.database, "DATABASE_URL", default_file=Path("/other")) == NOT_A_DATABASE


# --- redis -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "value",
    [
        "redis://redis:6379/0",
        "redis://localhost",
        "redis://localhost:6379/",
        "rediss://:s3cret@redis.example:6380/1?ssl_cert_reqs=required",
        "redis://[::1]:6379/0",
    ],
)
def test_redis_is_an_address(value):
    assert Environment({"REDIS_URL": value}).redis("REDIS_URL") == value


@pytest.mark.parametrize("variables", [{}, {"REDIS_URL": " "}])
def test_redis_that_is_missing_or_empty_is_none(variables):
    assert Environment(variables).redis("REDIS_URL") == ""


@pytest.mark.parametrize(
    "value",
    [
        "localhost:6379",
        "http://localhost:6379",
        "redis:localhost",
        "redis://",
        "redis:///0",
        "redis://:s3cret@:6379/0",
        "redis://localhost:port/0",
        "redis://localhost:0/0",
        "redis://localhost:70000/0",
        "redis://localhost:6379/first",
        "redis://[::1:6379/0",
        "unix:///run/redis.sock",
    ],
)
def test_redis_that_is_malformed_is_refused_and_not_quoted(value):
    assert refusal_of(Environment({"REDIS_URL": value}).redis, "REDIS_URL") == NOT_REDIS


# --- networks ----------------------------------------------------------------------------------


def test_networks_are_networks_or_single_addresses_of_both_kinds():
    env = Environment({"PROXIES": "10.0.0.0/8, 192.0.2.7,, 2001:db8::/32 , ::1"})

    assert env.networks("PROXIES") == ["10.0.0.0/8", "192.0.2.7", "2001:db8::/32", "::1"]


@pytest.mark.parametrize("variables", [{}, {"PROXIES": ""}, {"PROXIES": " , "}])
def test_networks_that_are_missing_or_empty_are_none(variables):
    assert Environment(variables).networks("PROXIES") == []


@pytest.mark.parametrize(
    "network",
    [
        "proxy.example",
        "10.0.0",
        "10.0.0.0/33",
        "10.0.0.1/8",
        "2001:db8::/129",
        "fe80::1%eth0/64",
        "10.0.0.0 /8",
        "-1",
        "*",
    ],
)
def test_network_that_is_malformed_is_refused(network):
    assert refusal_of(Environment({"PROXIES": f"192.0.2.0/24,{network}"}).networks, "PROXIES") == (
        f"PROXIES={network!r} is not a network. Write 10.0.0.0/8 or a single address."
    )


# --- mail_server -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "server"),
    [
        ("smtp://mail.example", MailServer("mail.example", 25, "", "", uses_starttls=False, uses_tls=False)),
        ("smtp+tls://mail.example/", MailServer("mail.example", 587, "", "", uses_starttls=True, uses_tls=False)),
        ("smtp+ssl://mail.example", MailServer("mail.example", 465, "", "", uses_starttls=False, uses_tls=True)),
        ("smtp://[::1]:2525", MailServer("::1", 2525, "", "", uses_starttls=False, uses_tls=False)),
        (
            "smtp+tls://ana%40label.example:s3%2Fcret%3A%25@mail.example:2587",
            MailServer("mail.example", 2587, "ana@label.example", "s3/cret:%", uses_starttls=True, uses_tls=False),
        ),
        ("smtp://mail.example:1", MailServer("mail.example", 1, "", "", uses_starttls=False, uses_tls=False)),
        ("smtp://mail.example:65535", MailServer("mail.example", 65535, "", "", uses_starttls=False, uses_tls=False)),
    ],
)
def test_mail_server_is_read_from_its_address(value, server):
    assert Environment({"EMAIL_URL": value}).mail_server("EMAIL_URL") == server


@pytest.mark.parametrize("variables", [{}, {"EMAIL_URL": ""}, {"EMAIL_URL": " "}])
def test_mail_server_that_is_missing_or_empty_is_none(variables):
    assert Environment(variables).mail_server("EMAIL_URL") is None


@pytest.mark.parametrize(
    "value",
    [
        "mail.example",
        "mail.example:587",
        "https://ana:s3cret@mail.example",
        "smtps://ana:s3cret@mail.example",
        "smtp://",
        "smtp://ana:s3cret@",
        "smtp://ana:s3cret@:587",
        "smtp:mail.example",
        "smtp+tls://ana:s3cret@mail.example:port",
        "smtp+tls://ana:s3cret@mail.example:0",
        "smtp+tls://ana:s3cret@mail.example:65536",
        "smtp+tls://ana:s3/cret@mail.example:587",
        "smtp+tls://ana:s3#cret@mail.example:587",
        "smtp+tls://ana:s3?cret@mail.example:587",
        "smtp+tls://ana:s3cret@mail.example/inbox",
        "smtp+tls://ana:s3cret@mail.example?tls=no",
        "smtp+tls://ana:s3cret@mail.example#tls",
        "smtp+tls://ana:s3cret@[::1",
    ],
)
def test_mail_server_that_is_malformed_is_refused_and_not_quoted(value):
    assert refusal_of(Environment({"EMAIL_URL": value}).mail_server, "EMAIL_URL") == NOT_A_MAIL_SERVER


# --- with_env_file -----------------------------------------------------------------------------


@pytest.fixture
def variables(monkeypatch):
    """The process's variables, put back afterwards; of ours only one is set."""
    monkeypatch.setattr("environ.Env.ENVIRON", os.environ)
    monkeypatch.setenv("SETTIMES_ONE", "from the process")
    monkeypatch.setenv("SETTIMES_TWO", "remembered, so that it is removed at the end")
    monkeypatch.delenv("SETTIMES_TWO")


def test_with_env_file_reads_the_default_file_behind_the_process(variables, tmp_path):
    file = tmp_path / ".env"
    file.write_text("# ours\nSETTIMES_ONE=from the file\nSETTIMES_TWO=a#b\n")

    env = Environment.with_env_file("", default=file)

    assert (env.text("SETTIMES_ONE"), env.text("SETTIMES_TWO")) == ("from the process", "a#b")


def test_with_env_file_reads_the_file_that_is_named_and_not_the_default(variables, tmp_path):
    (tmp_path / ".env").write_text("SETTIMES_TWO=default")
    (tmp_path / "other").write_text("SETTIMES_TWO='other'")

    env = Environment.with_env_file(str(tmp_path / "other"), default=tmp_path / ".env")

    assert env.text("SETTIMES_TWO") == "other"


@pytest.mark.parametrize("path", ["", os.devnull])
def test_with_env_file_works_without_a_file(variables, tmp_path, path):
    env = Environment.with_env_file(path, default=tmp_path / ".env")

    assert (env.text("SETTIMES_ONE"), env.text("SETTIMES_TWO", "none")) == ("from the process", "none")


def test_with_env_file_refuses_a_named_file_that_is_missing(tmp_path):
    assert refusal_of(Environment.with_env_file, "/nowhere/.env", default=tmp_path / ".env") == (
        f"ENV_FILE='/nowhere/.env' does not exist. Correct it, or leave it out for {tmp_path / '.env'}."
    )


def test_with_env_file_refuses_a_file_that_is_not_text(tmp_path):
    (tmp_path / ".env").write_bytes(b"SECRET_KEY=s3cret\xff")

    assert refusal_of(Environment.with_env_file, "", default=tmp_path / ".env") == (
        f"{tmp_path / '.env'} cannot be read: it is not text in UTF-8."
    )
