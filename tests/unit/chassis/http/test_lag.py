"""A read model that stands still while there is something to read is noticed."""

from services.chassis.http.lag import Course


def course() -> Course:
    return Course(stalled_after=30)


def test_one_that_has_read_everything_is_not_behind():
    watched = course()
    assert watched.sample(0, head=10, read=10) == (0, 0, False)
    assert watched.sample(1000, head=10, read=10) == (0, 0, False)


def test_an_empty_log_leaves_nobody_behind():
    watched = course()
    assert watched.sample(0, head=0, read=0) == (0, 0, False)
    assert watched.sample(1000, head=0, read=0) == (0, 0, False)


def test_the_age_is_that_of_the_oldest_event_not_read():
    watched = course()
    watched.sample(0, head=10, read=10)
    watched.sample(5, head=12, read=10)
    assert watched.sample(8, head=20, read=11) == (9, 3, False)
    assert watched.sample(9, head=20, read=12) == (8, 1, False)


def test_one_that_is_behind_and_moves_does_not_stand_still():
    watched = course()
    assert not any(watched.sample(second, head=10_000, read=second)[2] for second in range(0, 600, 10))


def test_one_that_is_behind_and_does_not_move_does():
    watched = course()
    watched.sample(0, head=10, read=4)
    assert watched.sample(29, head=10, read=4) == (6, 29, False)
    assert watched.sample(30, head=10, read=4) == (6, 30, True)


def test_so_does_one_whose_log_goes_on_without_it():
    watched = course()
    answers = [watched.sample(second, head=10 + second, read=10)[2] for second in range(0, 100, 10)]
    assert answers[:3] == [False, False, False]
    assert all(answers[4:])


def test_one_that_moves_again_is_well():
    watched = course()
    watched.sample(0, head=10, read=4)
    assert watched.sample(40, head=10, read=4)[2]
    assert watched.sample(41, head=10, read=5) == (5, 41, False)
    assert watched.sample(42, head=10, read=10) == (0, 0, False)


def test_a_quiet_time_does_not_count_as_standing_still():
    watched = course()
    watched.sample(0, head=10, read=10)
    assert watched.sample(10_000, head=11, read=10) == (1, 0, False)
