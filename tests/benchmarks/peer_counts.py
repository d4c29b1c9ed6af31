"""The peer's projection of the same kind: a row for each incident, written in one transaction with its tracking."""

import time
from typing import Any

from eventsourcing.application import Application
from eventsourcing.dispatch import singledispatchmethod
from eventsourcing.domain import Aggregate, event
from eventsourcing.persistence import Tracking
from eventsourcing.postgres import PostgresDatastore, PostgresTrackingRecorder
from eventsourcing.projection import Projection, ProjectionRunner
from psycopg.sql import SQL

from tests.benchmarks.happenings import incidents

PATIENCE = 120
TABLE = "create table if not exists happenings (position bigint primary key, incident text, category text, place text)"
ROW = "insert into happenings values (%s, %s, %s, %s)"


class Incident(Aggregate):
    """An incident as the peer's users write one."""

    @event("Reported")
    def __init__(self, incident: str, category: str, place: str, day: str, source: str) -> None:
        self.incident = incident
        self.category = category
        self.place = place
        self.day = day
        self.source = source


class Happenings(PostgresTrackingRecorder):
    """The view."""

    def __init__(self, datastore: PostgresDatastore, **named: Any) -> None:
        super().__init__(datastore, **named)
        self.sql_create_statements.append(SQL(TABLE).format())

    def add(self, told: Any, tracking: Tracking) -> None:
        """A row and the tracking, both or neither."""
        with self.datastore.transaction(commit=True) as cursor:
            self._insert_tracking(cursor, tracking)
            row = (tracking.notification_id, told.incident, told.category, told.place)
            cursor.execute(ROW, row, prepare=True)


class Counts(Projection[Happenings]):
    """The projection."""

    name = "counts"

    @singledispatchmethod
    def process_event(self, domain_event: Any, tracking: Tracking) -> None:
        """Adds it."""
        self.view.add(domain_event, tracking)


class PeerCounts:
    """The peer's log of incidents, and its runner."""

    def __init__(self, settings: dict[str, str]) -> None:
        self._settings = settings
        self._last = 0

    def fill(self, events: int) -> None:
        """So many incidents, a batch of streams at a time."""
        application = Application[Any](self._settings)
        told = [
            Incident(one.incident, one.category, one.place, one.effective_at.date().isoformat(), one.source)
            for one in incidents(events)
        ]
        for start in range(0, events, 500):
            application.save(*told[start : start + 500])
        self._last = application.recorder.max_notification_id() or 0
        application.close()

    def count(self) -> float:
        """Reads the log from its beginning to its end; answers the seconds, without its threads' start and end."""
        began = time.perf_counter()
        runner = ProjectionRunner(
            application_class=Application[Any], projection_class=Counts, view_class=Happenings, env=self._settings
        )
        with runner:
            runner.wait(self._last, PATIENCE)
            took = time.perf_counter() - began
        with runner.view.datastore.transaction(commit=True) as cursor:
            cursor.execute("truncate happenings")
            cursor.execute("delete from counts_tracking where application_name = %s", (runner.app_name,))
        return took
