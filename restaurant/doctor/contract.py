"""What the doctor is told. Apps say theirs in a `findings.py`, named in `settings.DOCTOR_LOOKS`."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from restaurant.doctor.models import OF_WORKERS, SignOfLife
from restaurant.doctor.reading import Reading
from restaurant.wording import lasting

#: A process that has given no sign for so long does not live, or hangs.
SILENT = timedelta(seconds=30)


class State(TextChoices):
    """How it is: well; somebody should look at it; guests will notice, or do already."""

    OK = "ok", gettext_lazy("Well")
    ATTENTION = "attention", gettext_lazy("Look at it")
    ILL = "ill", gettext_lazy("Ill")


@dataclass(frozen=True)
class Gauge:
    """A number for programs: `samples` are values of its `labels`, each with its number."""

    name: str
    says: str
    samples: Collection[tuple[tuple[str, ...], float]]
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One line of the doctor's: what was looked at, how it is, and what to do if it is not well."""

    #: Stable, for programs.
    name: str
    title: str
    state: State
    says: str
    advice: str
    #: The address of the page where it is looked at, if there is one.
    page: str = ""
    gauges: tuple[Gauge, ...] = ()

    @property
    def to_do(self) -> str:
        return "" if self.state == State.OK else self.advice


@dataclass(frozen=True)
class Signs:
    """What the processes have left behind: all that a look may read beside its own tables."""

    by_name: Mapping[str, SignOfLife]
    reading: Reading = field(default_factory=Reading)

    @property
    def workers(self) -> list[SignOfLife]:
        return [sign for name, sign in sorted(self.by_name.items()) if OF_WORKERS in name]


def gauge(name: str, says: str, value: float) -> Gauge:
    """A number without labels."""
    return Gauge(name, says, [((), value)])


def graded(value: float, attention: float, ill: float) -> State:
    """Well below `attention`, ill from `ill` on."""
    if value < attention:
        return State.OK
    return State.ATTENTION if value < ill else State.ILL


def process(signs: Signs, name: str, *, title: str, advice: str) -> Finding:
    """Whether a process of this name lives."""
    sign = signs.by_name.get(name)
    if sign is None:
        state, says = State.ILL, _("It has never given a sign of life.")
    else:
        state = State.OK if sign.age < SILENT else State.ILL
        says = _("Its last sign of life was %(age)s ago (%(who)s).") % {
            "age": lasting(sign.age),
            "who": sign.who,
        }
    return Finding(
        name=name, title=title, state=state, says=says, advice=advice, gauges=ages([sign])
    )


def ages(signs: list[SignOfLife | None]) -> tuple[Gauge, ...]:
    """How long each of them has been silent; who has never spoken has no number."""
    samples = [((sign.name,), sign.age.total_seconds()) for sign in signs if sign is not None]
    says = "Seconds since the process gave a sign of life."
    return (Gauge("process_silent_seconds", says, samples, ("process",)),) if samples else ()
