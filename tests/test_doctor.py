"""What the doctor finds, each thing made true: with rows, with Redis, with processes."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from typing import Any, NamedTuple
from urllib.parse import quote
from uuid import uuid4

import pytest
from django.conf import settings as house
from django.core.management import call_command
from django.db import DatabaseError, connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from redis import Redis

from conftest import a_dead_letter, cook, failing, open_trays
from kitchen.management.commands.printers import Command
from kitchen.models import MenuItem, Ticket, Zone
from notifications import services as notifications
from notifications.models import Guest, Mail
from orders.models import Order
from orders.reports import services as reports
from restaurant.celery import app
from restaurant.doctor import findings, tasks
from restaurant.doctor.contract import Finding, State
from restaurant.doctor.examining import examine, numbers
from restaurant.doctor.management.commands import doctor
from restaurant.doctor.models import SignOfLife
from restaurant.doctor.pulse import Pulse
from restaurant.doctor.reading import Reading, take_reading
from restaurant.events.models import MOST_DEATHS, Death, EventRecord, Heard
from restaurant.events.waking import EVENT_WRITTEN, Waking
from tests.conftest import eventually

Place = Callable[..., Order]
OK, ATTENTION, ILL = State.OK, State.ATTENTION, State.ILL
#: As the embedded server is set up.
GOOD_REDIS = {
    "version": "9.1",
    "appendonly": True,
    "appendfsync": "everysec",
    "policy": "noeviction",
    "used": 1_000_000,
    "most": 0,
}
HEARER = "kitchen.tasks.open_order"


@pytest.fixture
def all_live(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every process has just given a sign of life, and the disk has room."""
    for name in ("relay", "webhooks", "printers", "worker1@kitchen"):
        SignOfLife.objects.give(name)
    SignOfLife.objects.give("beat", Reading(queues={"pass": 0}, redis=GOOD_REDIS).as_json())
    monkeypatch.setattr("shutil.disk_usage", lambda _: Usage(10 * 1024**3))


class Usage(NamedTuple):
    free: int


def found(name: str, reading: Reading | None = None) -> Finding:
    return next(finding for finding in examine(reading) if finding.name == name)


def states() -> dict[str, State]:
    return {finding.name: finding.state for finding in examine()}


def silent(name: str, seconds: float = 31) -> None:
    SignOfLife.objects.filter(name=name).update(at=F("at") - timedelta(seconds=seconds))


def aged(row: Any, seconds: float, *fields: str) -> None:
    """As if it had happened so much earlier."""
    moved = {field: F(field) - timedelta(seconds=seconds) for field in fields}
    type(row).objects.filter(pk=row.pk).update(**moved)


@pytest.mark.usefixtures("all_live")
def test_a_house_where_all_is_done_is_well(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(findings, "postgresql_facts", lambda: {"version": "x", "fsync": "on"})
    assert set(states().values()) == {OK}
    assert all(finding.to_do == "" for finding in examine())


# Processes


@pytest.mark.usefixtures("all_live")
@pytest.mark.parametrize(
    ("name", "finding", "command"),
    [
        ("relay", "relay", "manage.py relay"),
        ("webhooks", "webhooks", "manage.py webhooks"),
        ("beat", "beat", "beat"),
    ],
)
def test_a_process_that_is_silent_is_missed(name: str, finding: str, command: str) -> None:
    silent(name, 29)
    assert found(finding).state == OK
    silent(name, 2)
    missed = found(finding)
    assert (missed.state, command in missed.to_do) == (ILL, True)
    assert re.search(r"\b3\d s\b", missed.says)
    SignOfLife.objects.all().delete()
    assert found(finding).state == ILL


@pytest.mark.usefixtures("all_live")
def test_the_printers_are_missed_only_where_a_zone_has_one(menu: dict[str, MenuItem]) -> None:
    silent("printers")
    assert "printers" not in states()
    Zone.objects.filter(pk="grill").update(printer="tcp://127.0.0.1:9100")
    assert states()["printers"] == ILL


@pytest.mark.usefixtures("all_live")
def test_one_silent_worker_of_two_is_looked_at_and_none_alive_is_ill() -> None:
    SignOfLife.objects.give("worker2@kitchen")
    assert found("workers").state == OK
    silent("worker1@kitchen")
    workers = found("workers")
    assert workers.state == ATTENTION
    assert re.fullmatch(r"1 alive\. Silent: worker1@kitchen \(3\d s\)\.", workers.says)
    silent("worker2@kitchen")
    assert found("workers").state == ILL


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_is_killed_is_missed_and_one_that_is_stopped_is_not(
    clean_redis: None, menu: dict[str, MenuItem], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(findings, "SILENT", timedelta(seconds=8))
    killed, stopped = worker("killed@house"), worker("stopped@house")
    try:
        eventually(lambda: SignOfLife.objects.count() == 2, 60)
        eventually(lambda: doctor.answers().says == "killed@house, stopped@house")
        killed.kill()
        stopped.send_signal(signal.SIGTERM)
        assert stopped.wait(30) == 0
        assert list(SignOfLife.objects.values_list("name", flat=True)) == ["killed@house"]
        eventually(lambda: found("workers").state == ILL)
        assert "Silent: killed@house" in found("workers").says
        assert doctor.answers().state == ILL
    finally:
        for process in (killed, stopped):
            process.kill()
            process.wait()


def worker(name: str) -> "subprocess.Popen[bytes]":
    """A real one, on this test's database and Redis."""
    words = ("worker", "--queues", "pass", "--pool", "threads", "--concurrency", "1")
    celery = ("-m", "celery", "--quiet", "-A", "restaurant.celery:app")
    return subprocess.Popen(
        [sys.executable, *celery, *words, "--hostname", name],
        env={**os.environ, "DATABASE_URL": own_database()},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def own_database() -> str:
    told = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{quote(str(told['NAME']))}"
    who = quote(told["USER"]) + (f":{quote(told['PASSWORD'])}" if told["PASSWORD"] else "")
    host, options = told["HOST"], ""
    if host.startswith("/"):
        host, options = "", f"?host={quote(host, safe='')}"
    return f"postgres://{who}@{host}:{told['PORT'] or 5432}/{told['NAME']}{options}"


def test_a_worker_that_was_taken_away_is_forgotten_after_an_hour(
    all_live: None, clean_redis: None, menu: dict[str, MenuItem]
) -> None:
    SignOfLife.objects.give("gone@kitchen")
    silent("gone@kitchen", 3601)
    silent("relay", 3601)
    tasks.tick()
    assert "gone@kitchen" not in found("workers").says
    assert found("relay").state == ILL


def test_a_loop_that_turns_often_writes_seldom(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([0.0, 0.0, 1.0, 4.9, 5.0, 5.0, 6.0])
    monkeypatch.setattr("restaurant.doctor.pulse.monotonic", lambda: next(clock))
    pulse = Pulse("relay")
    with CaptureQueriesContext(connection) as queries:
        for _ in range(5):
            pulse.beat()
    assert len([q for q in queries if "INSERT" in q["sql"]]) == 2
    assert SignOfLife.objects.get().name == "relay"


def test_the_printers_process_lives_though_no_zone_has_a_printer(db: None) -> None:
    process = Command()
    process.stop()
    process.go_on(Waking(EVENT_WRITTEN))
    assert [sign.name for sign in SignOfLife.objects.all()] == ["printers"]


# Telling and hearing


def happen(name: str, ago: float, **more: Any) -> EventRecord:
    then = timezone.now() - timedelta(seconds=ago)
    return EventRecord.objects.create(name=name, subject=uuid4(), data={}, happened_at=then, **more)


@pytest.mark.parametrize(("ago", "state"), [(1, OK), (8, ATTENTION), (40, ILL)])
@pytest.mark.parametrize("numbered", [False, True])
def test_the_oldest_event_that_was_not_told_tells_how_long_the_relay_is_gone(
    db: None, ago: float, state: State, *, numbered: bool
) -> None:
    # Once it has a position and is not sent, Redis is away.
    more = {"position": 1, "due_at": timezone.now()} if numbered else {}
    happen("order.placed", ago, **more)
    happen("order.placed", 600, position=2, tellings=1)
    untold = found("untold")
    assert untold.state == state
    assert f"{ago} s" in untold.says
    assert bool(untold.to_do) is (state != OK)


@pytest.mark.parametrize(("ago", "state"), [(3, OK), (20, ATTENTION), (200, ILL)])
def test_who_has_not_heard_is_named_with_how_many_and_since_when(
    db: None, ago: float, state: State
) -> None:
    event = happen("order.placed", ago, position=1, tellings=1, due_at=timezone.now())
    unheard = found("unheard")
    assert unheard.state == state
    assert (f"{HEARER}: 1" in unheard.says) is (state != OK)
    Heard.objects.create(event=event, subscriber=HEARER, heard_at=timezone.now())
    assert (found("unheard").state, found("unheard").says) == (
        OK,
        "Everything that was told is heard.",
    )


def test_an_event_that_kills_who_hears_it_is_told_of(db: None) -> None:
    event = happen("order.placed", 60, position=1, tellings=3, due_at=timezone.now())
    Death.objects.create(
        event=event, subscriber=HEARER, times=MOST_DEATHS - 1, last_at=timezone.now()
    )
    assert found("left_alone").state == OK
    Death.objects.update(times=MOST_DEATHS)
    left = found("left_alone")
    assert (left.state, left.page) == (ILL, "/admin/events/eventrecord/?shown=left_alone")


# The kitchen


def test_a_tray_that_nobody_drives_stands_still(place: Place) -> None:
    (tray,) = open_trays(place("tom-yum"))
    aged(tray, 20, "driven_at", "touched_at")
    assert found("standing_still").state == OK
    # Its message of this canvas never came.
    Ticket.objects.filter(tray=tray).update(parked_canvas=None)
    still = found("standing_still")
    assert still.state == ATTENTION
    assert re.fullmatch(r"1, the oldest for 2\d s\.", still.says)
    aged(tray, 200, "driven_at")
    assert found("standing_still").state == ILL


def test_a_complete_tray_that_nobody_plates_stands_still(place: Place) -> None:
    (tray,) = open_trays(place("water"))
    cook(tray.tickets.get())
    assert found("standing_still").state == OK
    aged(tray, 20, "touched_at")
    assert found("standing_still").state == ATTENTION


def test_repairs_are_counted_for_an_hour_and_many_have_a_cause(place: Place) -> None:
    assert found("repairs").says == "None within the last day."
    happen("tray.repaired", 7200)
    assert found("repairs").says == "0 within the last hour; the latest 2 h 0 min ago."
    for _ in range(19):
        happen("tray.repaired", 60)
    assert found("repairs").state == OK
    happen("tray.repaired", 30)
    repairs = found("repairs")
    assert repairs.state == ATTENTION
    assert re.fullmatch(r"20 within the last hour; the latest 3\d s ago\.", repairs.says)


def test_quarantine_chits_and_dead_letters_are_told_with_the_page_to_go_to(place: Place) -> None:
    order = place("tom-yum")
    open_trays(order)
    names = ("quarantine", "chits", "dead_letters")
    assert {name: states()[name] for name in names} == dict.fromkeys(names, OK)
    Ticket.objects.filter(zone="boil").update(state="quarantined")
    Ticket.objects.filter(zone="fry").update(printed="failed")
    a_dead_letter(order)
    assert {name: (found(name).state, found(name).page) for name in names} == {
        "quarantine": (ILL, "/admin/kitchen/ticket/?shown=quarantined"),
        "chits": (ATTENTION, "/admin/kitchen/ticket/?shown=unprinted"),
        "dead_letters": (ATTENTION, "/admin/notifications/delivery/?shown=dead"),
    }


def test_the_feed_lags_until_its_reader_has_written_down_what_follows(place: Place) -> None:
    happen("order.placed", 60, position=1)
    assert found("feed").state == ATTENTION
    happen("ticket.fired", 600, position=2)
    notifications.follow(0)
    assert found("feed").state == OK


def test_the_reports_lag_until_they_have_heard_what_happened(place: Place) -> None:
    happen("order.placed", 59, position=1)
    assert found("reports").state == OK
    happen("order.placed", 61, position=2)
    EventRecord.objects.filter(position=1).update(position=3)
    assert (found("reports").state, found("reports").says) == (
        ATTENTION,
        "They are 1 min behind.",
    )
    reports.follow()
    assert (found("reports").state, found("reports").says) == (OK, "They have heard all there is.")


def test_a_mail_that_waits_and_one_that_was_given_up_are_told(place: Place) -> None:
    assert (found("mails").state, found("dead_mails").state) == (OK, OK)
    place("water", email="somchai@guests.example")
    mail = Mail.objects.create(guest=Guest.objects.get(), event=uuid4(), name="order.ready")
    aged(mail, 61, "made_at")
    assert (found("mails").state, found("mails").says) == (
        ATTENTION,
        "The oldest has waited for 1 min.",
    )
    aged(mail, 900, "made_at")
    assert found("mails").state == ILL
    Mail.objects.update(state="dead", next_try_at=None)
    assert (found("mails").state, found("dead_mails").state) == (OK, ATTENTION)
    assert found("dead_mails").page == "/admin/notifications/mail/?shown=dead"


# Redis, the database, the disk


@pytest.mark.usefixtures("clean_redis", "all_live")
def test_queues_are_read_from_redis_and_a_long_one_is_told(menu: dict[str, MenuItem]) -> None:
    tasks.tick()
    queues = found("queues")
    assert (queues.state, "Waiting: nothing; being worked on: 0. Read" in queues.says) == (OK, True)
    with Redis.from_url(house.CELERY_BROKER_URL) as redis:
        redis.rpush("zone.grill", *["x"] * 120)
        redis.rpush("pass", "x")
    assert found("queues").state == OK
    tasks.tick()
    queues = found("queues")
    assert queues.state == ATTENTION
    assert "Waiting: pass 1, zone.grill 120; being worked on: 0. Read" in queues.says
    with Redis.from_url(house.CELERY_BROKER_URL) as redis:
        redis.rpush("pass", *["x"] * 1000)
    assert found("queues", take_reading()).state == ILL


@pytest.mark.usefixtures("clean_redis")
def test_what_redis_may_forget_is_read_from_redis(menu: dict[str, MenuItem]) -> None:
    reading = take_reading()
    assert set(reading.redis) == set(GOOD_REDIS)
    assert (
        f"appendonly: {'yes' if reading.redis['appendonly'] else 'no'}"
        in found("redis", reading).says
    )


@pytest.mark.parametrize(
    ("more", "state"),
    [
        ({}, OK),
        ({"appendfsync": "", "policy": ""}, OK),
        ({"appendonly": False}, ATTENTION),
        ({"policy": "allkeys-lru"}, ATTENTION),
        ({"used": 90, "most": 100}, ATTENTION),
        ({"used": 10, "most": 100}, OK),
    ],
)
def test_a_redis_that_may_forget_is_looked_at(db: None, more: dict[str, Any], state: State) -> None:
    assert found("redis", Reading(timezone.now(), redis=GOOD_REDIS | more)).state == state


@pytest.fixture
def hanging_redis(settings: Any) -> Iterator[None]:
    """It takes connections and answers nobody."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        settings.CELERY_BROKER_URL = f"redis://127.0.0.1:{listening.getsockname()[1]}/0"
        yield


@pytest.mark.usefixtures("all_live", "hanging_redis")
def test_a_redis_that_hangs_is_told_and_nobody_waits_for_it(
    menu: dict[str, MenuItem], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("restaurant.doctor.reading.PATIENCE", 0.2)
    reading = take_reading()
    assert found("redis", reading).state == ILL
    assert found("queues", reading).state == ATTENTION
    # The workers are not asked then: they would be asked through it.
    assert {finding.name for finding in doctor.examine_closely()} == set(states())


def test_before_anybody_has_read_redis_that_is_said(db: None) -> None:
    for name in ("queues", "redis"):
        assert (found(name).state, "Nobody has looked yet" in found(name).says) == (ATTENTION, True)


def test_what_another_release_has_noted_does_no_harm(db: None) -> None:
    said = {**Reading(queues={"pass": 7}, redis=GOOD_REDIS).as_json(), "news": 1}
    SignOfLife.objects.give("beat", said)
    assert "pass 7" in found("queues").says


@pytest.mark.parametrize(
    ("facts", "state"),
    [
        ({"journal_mode": "wal", "synchronous": "2"}, OK),
        ({"journal_mode": "wal", "synchronous": "1"}, ATTENTION),
        ({"journal_mode": "memory", "synchronous": "2"}, ATTENTION),
        ({"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}, OK),
        ({"fsync": "on", "synchronous_commit": "off", "full_page_writes": "on"}, ATTENTION),
    ],
)
def test_a_database_that_may_lose_what_it_has_confirmed_is_looked_at(
    db: None, monkeypatch: pytest.MonkeyPatch, facts: dict[str, str], state: State
) -> None:
    for name in ("postgresql_facts", "sqlite_facts"):
        monkeypatch.setattr(findings, name, lambda: {"version": "x", **facts})
    assert found("database").state == state


def test_the_database_says_itself_how_it_is_set(db: None) -> None:
    says = found("database").says
    if connection.vendor == "sqlite":
        assert (found("database").state, says.endswith("journal_mode: wal; synchronous: 2")) == (
            OK,
            True,
        )
    else:
        assert "synchronous_commit: " in says


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("free", "state"), [(2 * 1024**3, OK), (512 * 1024**2, ATTENTION), (1024**2, ILL)]
)
def test_a_disk_that_fills_is_told(
    settings: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Any, free: int, state: State
) -> None:
    settings.DATA_FOLDER = str(tmp_path)
    monkeypatch.setattr("shutil.disk_usage", lambda folder: Usage(free))
    assert (found("disk").state, str(tmp_path) in found("disk").says) == (state, True)


def test_where_no_data_is_kept_no_disk_is_told_of(db: None, settings: Any, tmp_path: Any) -> None:
    settings.DATA_FOLDER = str(tmp_path / "nowhere")
    assert ("disk" in states()) is (connection.vendor == "sqlite")


# The command


def typed(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    """The exit code of `manage.py doctor WORDS`, and what it says."""
    with pytest.raises(SystemExit) as ended:
        call_command("doctor", *words)
    return int(str(ended.value.code)), capsys.readouterr().out


@pytest.fixture
def well(all_live: None, clean_redis: None, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("postgresql_facts", "sqlite_facts"):
        monkeypatch.setattr(findings, name, lambda: {"version": "x"})
    monkeypatch.setattr(doctor, "take_reading", lambda: Reading(timezone.now(), redis=GOOD_REDIS))
    monkeypatch.setattr(app.control, "inspect", lambda **_: Pinged())


class Pinged:
    def ping(self) -> dict[str, Any]:
        return {"worker1@kitchen": {"ok": "pong"}}


@pytest.mark.usefixtures("well")
def test_doctor_ends_with_0_when_all_is_well_and_with_1_when_there_is_something_to_do(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code, text = typed(capsys)
    assert (code, "→" in text) == (0, False)
    assert "Workers that answer" in text
    silent("relay")
    code, text = typed(capsys)
    assert code == 1
    assert "ILL   The relay" in text
    assert "→ Start `manage.py relay`" in text


@pytest.mark.usefixtures("well")
def test_doctor_tells_programs_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    code, text = typed(capsys, "--json")
    told = json.loads(text)
    assert (code, told["state"]) == (0, "ok")
    assert {one["state"] for one in told["findings"]} == {"ok"}
    happen("order.placed", 8)
    code, text = typed(capsys, "--json")
    told = json.loads(text)
    assert (code, told["state"]) == (1, "attention")
    (untold,) = [one for one in told["findings"] if one["state"] != "ok"]
    assert untold["name"] == "untold"
    assert re.fullmatch(r"The oldest has waited for \d+ s\.", untold["says"])
    assert untold["to_do"].startswith("Look whether the relay runs")


@pytest.mark.usefixtures("well")
def test_doctor_says_when_the_database_is_away(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, "examine", failing(DatabaseError("connection refused")))
    code, text = typed(capsys)
    assert code == 1
    assert "ILL   Database  connection refused" in text


# Speed


def busy_house(place: Place, orders: int) -> None:
    for _ in range(orders):
        order = place("tom-yum", ("water", 2))
        open_trays(order)
        happen("tray.repaired", 60)
        event = happen("order.placed", 60, position=None, tellings=1, due_at=timezone.now())
        Death.objects.create(
            event=event, subscriber=HEARER, times=MOST_DEATHS, last_at=timezone.now()
        )
        Ticket.objects.filter(tray__order_ref=order.ref, zone="boil").update(state="quarantined")


def test_all_of_it_asks_as_often_for_many_orders_as_for_few(all_live: None, place: Place) -> None:
    def asked() -> list[str]:
        with CaptureQueriesContext(connection) as queries:
            list(numbers())
        return [query["sql"] for query in queries]

    busy_house(place, 1)
    few = asked()
    busy_house(place, 12)
    many = asked()
    assert len(many) == len(few) <= 32
    counts = [sql for sql in many if "COUNT(" in sql.upper()]
    assert [sql for sql in counts if "WHERE" not in sql.upper()] == []


@pytest.mark.skipif(connection.vendor != "sqlite", reason="it says how it will read")
def test_no_question_reads_a_whole_table(all_live: None, place: Place) -> None:
    busy_house(place, 3)
    with CaptureQueriesContext(connection) as queries:
        list(numbers())
    grow = ("orders_order", "events_eventrecord", "kitchen_ticket", "kitchen_tray", "events_heard")
    read = [step for q in queries if q["sql"].startswith("SELECT") for step in plan(q["sql"])]
    assert any("USING" in step for step in read)
    whole = [step for step in read if step.startswith("SCAN") and "USING" not in step]
    assert [step for step in whole if any(table in step for table in grow)] == []


def plan(sql: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {sql.replace('%', '%%')}")
        return [row[3] for row in cursor.fetchall()]
