"""The recorder suite of `eventsourcing`, unmodified, on our log; what of it is left out is listed and counted."""

import inspect
import unittest

import pytest
from eventsourcing.tests import persistence as peer
from eventsourcing.utils import Environment, get_topic

from tests.integration.chassis.peer import (
    OurAggregateRecorder,
    OurApplicationRecorder,
    OurFactory,
    OurLog,
    OurProcessRecorder,
    OurTrackingRecorder,
)
from tests.own_loop import OwnLoop

LEFT_OUT = {"TranscoderTestCase": "of how the peer writes Python objects as JSON; our log takes bytes"}
"""Test cases of the peer's module that say nothing of a log, each with the reason."""


class OnOurLog:
    """A fresh log for each test."""

    @pytest.fixture(autouse=True)
    def fresh_log(self, session_databases):
        """Also the loop that it lives in."""
        with OwnLoop() as loop:
            fresh = loop.run(session_databases.fresh())
            self.dsn = fresh.app
            self.log = OurLog(loop, fresh.app)
            yield
            self.log.close()
            loop.run(session_databases.drop(fresh.name))


class TestAggregateRecorder(OnOurLog, peer.AggregateRecorderTestCase):
    def create_recorder(self):
        return OurAggregateRecorder(self.log)


class TestApplicationRecorder(OnOurLog, peer.ApplicationRecorderTestCase):
    def create_recorder(self):
        return OurApplicationRecorder(self.log)

    def test_insert_subscribe(self):
        """Optional in the suite, for recorders that can be subscribed to."""
        self.optional_test_insert_subscribe()


class TestNotificationsDoNotInterleave(OnOurLog, peer.NonInterleavingNotificationIDsBaseCase):
    def create_recorder(self):
        return OurApplicationRecorder(self.log)


class TestTrackingRecorder(OnOurLog, peer.TrackingRecorderTestCase):
    def create_recorder(self):
        return OurTrackingRecorder(self.log)


class TestProcessRecorder(OnOurLog, peer.ProcessRecorderTestCase):
    def create_recorder(self):
        return OurProcessRecorder(self.log)


class ATrackingRecorder(OurTrackingRecorder):
    """One of the user's own."""


class TestInfrastructureFactory(OnOurLog, peer.InfrastructureFactoryTestCase):
    def setUp(self):
        self.env = Environment("App", {"PERSISTENCE_MODULE": get_topic(OurFactory), "DSN": self.dsn})
        super().setUp()

    def expected_factory_class(self):
        return OurFactory

    def expected_aggregate_recorder_class(self):
        return OurAggregateRecorder

    def expected_application_recorder_class(self):
        return OurApplicationRecorder

    def expected_tracking_recorder_class(self):
        return OurTrackingRecorder

    def tracking_recorder_subclass(self):
        return ATrackingRecorder

    def expected_process_recorder_class(self):
        return OurProcessRecorder


OURS = [case for case in list(globals().values()) if inspect.isclass(case) and issubclass(case, OnOurLog)]


def names_of(case: type) -> set[str]:
    """Names of the tests of a case."""
    return {name for name in dir(case) if name.startswith("test")}


def test_nothing_of_the_suite_is_left_out_but_what_is_listed():
    cases = {
        name
        for name, case in vars(peer).items()
        if inspect.isclass(case) and issubclass(case, unittest.TestCase) and names_of(case)
    }
    taken = {parent.__name__ for case in OURS for parent in case.__mro__ if parent.__module__ == peer.__name__}
    assert cases - taken == set(LEFT_OUT)


def test_no_test_of_the_suite_is_replaced_by_one_of_ours():
    for case in OURS:
        assert names_of(case) & set(vars(case)) <= {"test_insert_subscribe"}
