"""The rules of duty."""

from datetime import timedelta

from contracts.incidents import DUTY_LASTS, DutyEnded, DutyStarted
from services.incidents.deciders import DUTY
from services.incidents.domain.duty import EndDuty, StartDuty
from tests.unit.given import NOON, story

given = story(DUTY)
WANDA, TIANDU = "yinchuan/jinfeng/beijing-zhonglu/wanda", "yinchuan/xingqing/fenghuang/tiandu-16"
COME = StartDuty(officer="officer-gu", place=WANDA)
GO = EndDuty(officer="officer-gu")
came = DutyStarted(officer="officer-gu", place=WANDA, effective_at=NOON)
went = DutyEnded(officer="officer-gu", place=WANDA, effective_at=NOON)


def test_an_officer_comes_on_duty_once():
    given().when(COME).then(came).when(COME, now=NOON + timedelta(hours=11)).nothing()


def test_a_duty_is_over_after_twelve_hours():
    over = NOON + DUTY_LASTS
    past = given(came)
    assert past.state.current(over - timedelta(seconds=1)) == came
    assert past.state.current(over) is None
    past.when(COME, now=over).then(came.model_copy(update={"effective_at": over}))
    past.when(GO, now=over).nothing()


def test_another_place_is_another_duty():
    elsewhere = StartDuty(officer="officer-gu", place=TIANDU)
    given(came).when(elsewhere).then(came.model_copy(update={"place": TIANDU}))


def test_an_officer_goes_off_duty_once():
    given(came).when(GO).then(went).when(GO).nothing()
    assert given(came, went).state.current(NOON) is None


def test_there_is_nothing_to_end_before_the_first_duty():
    given().when(GO).nothing()
