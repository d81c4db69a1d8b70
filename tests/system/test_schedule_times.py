"""Next times of cron expressions, compared with Python's time zones.

The expectation is computed with datetime and zoneinfo from the rules in
docs/schedules.md; it shares nothing with the worker but the zone files.
"""

import datetime
import os
import random
import subprocess
import zoneinfo

import pytest

TOP = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
WORKER = os.path.join(os.environ.get("DRS_BUILD")
                      or os.path.join(TOP, "build"), "drs-worker")
UTC = datetime.timezone.utc
DAY = datetime.timedelta(days=1)
# half hours, negative summer time, summer time in Ramadan, two hours at once,
# changes at midnight, none at all
ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe",
         "Pacific/Chatham", "Europe/Dublin", "Africa/Casablanca",
         "Asia/Gaza", "America/Nuuk", "America/Santiago", "Antarctica/Troll",
         "America/Scoresbysund", "Asia/Kathmandu"]


def worker(cron, zone, after, count):
    """What drs-worker schedule next prints: [(UTC, local, offset)]."""
    done = subprocess.run(
        [WORKER, "schedule", "next", cron, zone, "--after",
         after.strftime("%Y-%m-%dT%H:%M:%SZ"), "--count", str(count)],
        capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    rows = []
    for line in done.stdout.splitlines():
        utc, local = line.split("  ")
        rows.append((datetime.datetime.fromisoformat(
            utc.replace("Z", "+00:00")), local))
    return rows


def offset(tz, when):
    """Offset of the zone at a UTC time."""
    return when.astimezone(tz).utcoffset()


def jumps(tz, begin, end):
    """UTC times in [begin, end) at which the offset changes."""
    found = []
    low = begin.replace(hour=0)
    while low < end:
        high = min(low + datetime.timedelta(hours=24), end)
        if offset(tz, low) != offset(tz, high):
            a, b = low, high
            while b - a > datetime.timedelta(seconds=1):
                mid = a + (b - a) / 2
                mid = mid.replace(microsecond=0)
                if offset(tz, mid) == offset(tz, a):
                    a = mid
                else:
                    b = mid
            found.append(b)
        low = high
    return found


def instants(tz, naive):
    """UTC times at which the clocks show a time: none, one or two."""
    found = []
    for fold in (0, 1):
        when = naive.replace(tzinfo=tz, fold=fold).astimezone(UTC)
        if when.astimezone(tz).replace(tzinfo=None) == naive \
                and when not in found:
            found.append(when)
    return sorted(found)


def expected(hours, minutes, days, tz, begin, end):
    """Times in (begin, end); hours None: every hour, by elapsed time."""
    found = set()
    gaps = [(j, j + offset(tz, j - datetime.timedelta(seconds=1)),
             j + offset(tz, j)) for j in jumps(tz, begin - 3 * DAY,
                                               end + 3 * DAY)]
    gaps = [(j, a.replace(tzinfo=None), b.replace(tzinfo=None))
            for j, a, b in gaps if b > a]
    day = (begin - 2 * DAY).replace(tzinfo=None, hour=0, minute=0, second=0)
    while day < end.replace(tzinfo=None) + 2 * DAY:
        if days(day):
            for hour in (range(24) if hours is None else hours):
                for minute in minutes:
                    naive = day.replace(hour=hour, minute=minute)
                    whens = instants(tz, naive)
                    if hours is None:
                        found.update(whens)
                    elif whens:
                        found.add(whens[0])
                    else:
                        found.update(j for j, a, b in gaps if a <= naive < b)
        day += DAY
    return sorted(t for t in found if begin < t < end)


def check(cron, zone, hours, minutes, days, begin, end):
    """The worker's list is the expected one, with the zone's offsets."""
    tz = zoneinfo.ZoneInfo(zone)
    want = expected(hours, minutes, days, tz, begin, end)
    got = worker(cron, zone, begin, len(want) + 1)
    assert [t for t, _ in got[:len(want)]] == want, (cron, zone)
    assert got[len(want)][0] >= end, (cron, zone)
    for when, local in got[::7]:
        text = when.astimezone(tz).strftime("%Y-%m-%dT%H:%M:%S%z")
        assert local == text[:-2] + ":" + text[-2:], (cron, zone)


def every(_day):
    """All days."""
    return True


def year(n):
    """1 January."""
    return datetime.datetime(n, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("zone", ZONES)
def test_around_every_jump(zone):
    """Times of day and every hour, in the years around now and later."""
    for n in (2026, 2045):
        check("17 2 * * *", zone, [2], [17], every, year(n), year(n + 1))
    check("0,30 0-3 * * SUN", zone, range(4), [0, 30],
          lambda d: d.weekday() == 6, year(2026), year(2027))
    check("30 * * * *", zone, None, [30], every,
          datetime.datetime(2026, 3, 20, tzinfo=UTC),
          datetime.datetime(2026, 4, 10, tzinfo=UTC))


def test_other_zones_by_chance():
    """Random expressions in random zones of the system."""
    rnd = random.Random(20261129)
    names = sorted(zoneinfo.available_timezones() - {"localtime", "Factory"})
    names = [n for n in names if not n.startswith(("posix", "right"))]
    for zone in rnd.sample(names, 12):
        hours = sorted(rnd.sample(range(24), 3))
        minutes = sorted(rnd.sample(range(60), 2))
        days = sorted(rnd.sample(range(7), 4))  # Sunday is 0
        check(f"{minutes[0]},{minutes[1]} {hours[0]},{hours[1]},{hours[2]} "
              f"* * {','.join(map(str, days))}", zone, hours, minutes,
              lambda d, days=days: (d.weekday() + 1) % 7 in days,
              year(2026), year(2027))


def test_refusals_of_the_command():
    """Bad expression, zone or arguments: 2 and a sentence."""
    for args, text in ((["next", "* * * *"], "five fields"),
                       (["next", "0 0 31 2 *"], "No such day"),
                       (["next", "* * * * *", "Europe/Nowhere"], "Nowhere"),
                       (["next", "* * * * *", "../../etc/hostname"],
                        "not the name"),
                       (["next", "* * * * *", "tzdata.zi"], "not the name"),
                       (["next", "* * * * *", "Europe"], "Europe"),
                       (["next"], "usage"), (["soon"], "usage"),
                       (["next", "* * * * *", "--after", "noon"], "usage")):
        done = subprocess.run([WORKER, "schedule", *args], timeout=30,
                              capture_output=True, text=True, check=False)
        assert done.returncode == 2 and done.stdout == "", args
        assert text in done.stderr, (args, done.stderr)
