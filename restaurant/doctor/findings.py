"""The findings that are no app's own: workers, beat, queues, broker, database, disk."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext as _

from restaurant import broker
from restaurant.doctor.contract import SILENT, Finding, Gauge, Signs, State, ages, gauge, graded
from restaurant.doctor.reading import Reading
from restaurant.wording import ago, lasting

#: The name under which each of beat's ticks is noted, by the worker that has heard it.
BEAT = "beat"
#: Messages in one queue: a rush has tens of them, a house without workers thousands.
MANY, TOO_MANY = 100, 1000
#: Bytes of free disk.
LITTLE, TOO_LITTLE = 1024**3, 100 * 1024**2
MEGABYTE = 1024**2
#: Of Redis' memory that is allowed.
NEARLY_FULL = 0.8


def look(signs: Signs) -> Iterator[Finding]:
    yield workers(signs)
    yield beat(signs)
    yield queues(signs.reading)
    yield rabbitmq(signs.reading) if broker.is_rabbitmq() else redis(signs.reading)
    yield database()
    yield from disk()


def workers(signs: Signs) -> Finding:
    alive = [sign for sign in signs.workers if sign.age < SILENT]
    silent = [sign for sign in signs.workers if sign.age >= SILENT]
    says = _("%(count)s alive.") % {"count": len(alive)}
    if silent:
        told = ", ".join(f"{sign.name} ({lasting(sign.age)})" for sign in silent)
        says += " " + _("Silent: %(workers)s.") % {"workers": told}
    return Finding(
        name="workers",
        title=_("Workers"),
        state=State.ILL if not alive else State.ATTENTION if silent else State.OK,
        says=says,
        advice=_(
            "Start the workers, or read their logs; look whether %(broker)s answers. One that was"
            " taken away for good is forgotten after an hour."
        )
        % {"broker": broker.name()},
        gauges=(
            gauge("workers_alive", "Workers that gave a sign of life lately.", len(alive)),
            *ages([*signs.workers]),
        ),
    )


def beat(signs: Signs) -> Finding:
    """A tick is noted by a worker: it proves beat, broker, the queue `pass` and a worker."""
    sign = signs.by_name.get(BEAT)
    late = sign is None or sign.age >= SILENT
    if sign is None:
        says = _("It has never ticked.")
    else:
        says = _("Its last tick was heard %(age)s ago.") % {"age": lasting(sign.age)}
    return Finding(
        name="beat",
        title=_("Beat"),
        state=State.ILL if late else State.OK,
        says=says,
        advice=_(
            "If a worker lives, start beat, or read its log. If not, start the workers first."
            " Look whether %(broker)s answers. Until then nothing is fired that is held back, and"
            " nothing that was lost is found again."
        )
        % {"broker": broker.name()},
        gauges=ages([sign]),
    )


def queues(reading: Reading) -> Finding:
    longest = max(reading.queues.values(), default=0)
    filled = [f"{name} {length}" for name, length in reading.queues.items() if length]
    says = _("Waiting: %(queues)s; being worked on: %(taken)s.") % {
        "queues": ", ".join(filled) or _("nothing"),
        "taken": "?" if reading.taken is None else reading.taken,
    }
    known = reading.at is not None and not reading.error
    return Finding(
        name="queues",
        title=_("Queues"),
        state=graded(longest, MANY, TOO_MANY) if known else State.ATTENTION,
        says=f"{says} {as_of(reading)}" if known else unread(reading),
        advice=_(
            "They must become shorter by themselves. If they grow: start more workers, and read"
            " the workers' logs for what takes so long."
        ),
        gauges=tuple(lengths(reading)) if known else (),
    )


def lengths(reading: Reading) -> Iterator[Gauge]:
    samples = [((name,), length) for name, length in reading.queues.items()]
    yield Gauge("queue_messages", "Messages that wait in a queue.", samples, ("queue",))
    if reading.taken is not None:
        said = "Messages that a worker has taken and not ended."
        yield gauge("messages_taken", said, reading.taken)


def rabbitmq(reading: Reading) -> Finding:
    """Its queues and messages are written to disk whatever its settings are."""
    says = _("%(version)s answers.") % {"version": reading.rabbitmq}
    known = reading.rabbitmq and not reading.error
    return Finding(
        name="rabbitmq",
        title="RabbitMQ",
        state=State.ILL if reading.error else State.OK if known else State.ATTENTION,
        says=f"{says} {as_of(reading)}" if known else unread(reading),
        advice=_("If it does not answer, start it: orders are taken meanwhile, and wait."),
    )


def redis(reading: Reading) -> Finding:
    facts = reading.redis
    state, says = State.OK, unread(reading)
    if reading.error:
        state = State.ILL
    elif not facts:
        state = State.ATTENTION
    else:
        forgets = not facts["appendonly"] or facts["policy"] not in ("", "noeviction")
        full = facts["most"] and facts["used"] / facts["most"] >= NEARLY_FULL
        state = State.ATTENTION if forgets or full else State.OK
        says = f"{in_words(facts)} {as_of(reading)}"
    return Finding(
        name="redis",
        title=_("Redis"),
        state=state,
        says=says,
        advice=_(
            "If it does not answer, start it: orders are taken meanwhile, and wait. Set appendonly"
            " to yes and maxmemory-policy to noeviction: what it forgets is told again from the"
            " database, late. If its memory is nearly full, give it more, and look at the queues."
        ),
    )


def in_words(facts: Any) -> str:
    return _(
        "%(version)s; appendonly: %(appendonly)s, appendfsync: %(fsync)s, maxmemory-policy:"
        " %(policy)s; %(used)s MB used."
    ) % {
        "version": facts["version"],
        "appendonly": "yes" if facts["appendonly"] else "no",
        "fsync": facts["appendfsync"] or "?",
        "policy": facts["policy"] or "?",
        "used": facts["used"] // MEGABYTE,
    }


def unread(reading: Reading) -> str:
    if reading.error:
        return _("%(broker)s does not answer: %(error)s") % {
            "broker": broker.name(),
            "error": reading.error,
        }
    return _("Nobody has looked yet: that is done by a worker when beat ticks.")


def as_of(reading: Reading) -> str:
    return _("Read %(age)s ago.") % {"age": ago(reading.at)} if reading.at else ""


def database() -> Finding:
    """What it does with a commit when the power goes."""
    facts = postgresql_facts() if connection.vendor == "postgresql" else sqlite_facts()
    forgets = bool({"off", "0", "1", "memory"} & set(facts.values()))
    version = facts.pop("version")
    return Finding(
        name="database",
        title=_("Database"),
        state=State.ATTENTION if forgets else State.OK,
        says="; ".join([version, *(f"{name}: {value}" for name, value in facts.items())]),
        advice=_(
            "Set it so that a commit is on the disk when it is answered (PostgreSQL: fsync,"
            " synchronous_commit and full_page_writes on; SQLite: journal_mode WAL and synchronous"
            " FULL). Else an order that was taken may be gone after a power cut."
        ),
    )


def postgresql_facts() -> dict[str, str]:
    names = ("fsync", "synchronous_commit", "full_page_writes")
    asked = ", ".join(["current_setting(%s)"] * (1 + len(names)))
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {asked}", ["server_version", *names])
        version, *values = cursor.fetchone()
    return {"version": f"PostgreSQL {version}", **dict(zip(names, values, strict=True))}


def sqlite_facts() -> dict[str, str]:
    """`synchronous` 2 is FULL."""
    facts = {}
    with connection.cursor() as cursor:
        cursor.execute("SELECT sqlite_version()")
        facts["version"] = f"SQLite {cursor.fetchone()[0]}"
        for name in ("journal_mode", "synchronous"):
            cursor.execute(f"PRAGMA {name}")
            facts[name] = str(cursor.fetchone()[0])
    return facts


def disk() -> Iterator[Finding]:
    """Nothing, where this host keeps no data."""
    folder = data_folder()
    if folder is None:
        return
    free = shutil.disk_usage(folder).free
    yield Finding(
        name="disk",
        title=_("Disk"),
        state=graded(-free, -LITTLE, -TOO_LITTLE),
        says=_("%(free)s MB free in %(folder)s.") % {"free": free // MEGABYTE, "folder": folder},
        advice=_("Make room: with a full disk nothing can be written, and no order is taken."),
        gauges=(gauge("disk_free_bytes", "Free disk of the data folder.", free),),
    )


def data_folder() -> Path | None:
    """`VAR` where it is set, else that of the SQLite file."""
    if settings.DATA_FOLDER and Path(settings.DATA_FOLDER).is_dir():
        return Path(settings.DATA_FOLDER)
    if connection.vendor == "sqlite":
        return Path(connection.settings_dict["NAME"]).parent
    return None
