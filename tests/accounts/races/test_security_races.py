"""S14, S15, F16, F17: what happens once happens once, however many ask at the same instant.

A check followed by a write passes every test with one process. Real processes on a real database
find it: on PostgreSQL, where transactions run side by side, and on SQLite, where they fail if they
begin as readers.
"""
# ruff: noqa: N802 (tests bear the numbers of the programmes)


def test_S14_one_app_code_a_hundred_times_at_once_is_accepted_once(race):
    rounds = race("app_code", rounds=4, contestants=10, tries=10)

    assert rounds == [{"True": 1, "False": 99}] * 4


def test_S14_one_app_code_from_one_browser_opens_one_session(race):
    rounds = race("door", rounds=3, contestants=8)

    assert [each["sessions"] for each in rounds] == [1] * 3
    assert [each["/admin/"] for each in rounds] == [1] * 3
    # The others: refused, sent away, begin again, or their session ended while they asked.
    assert set().union(*rounds) <= {"sessions", "/admin/", "200", "429", "/account/sign-in/?ended=challenge", "400"}


def test_S15_one_backup_code_a_hundred_times_at_once_is_accepted_once(race):
    rounds = race("backup_code", rounds=4, contestants=10, tries=10)

    assert rounds == [{"True": 1, "False": 99, "left": 9 - number} for number in range(4)]


def test_S15_two_backup_codes_at_once_are_both_accepted_once(race):
    rounds = race("two_backup_codes", rounds=5)

    assert rounds == [{"True": 2, "False": 6, "left": 8 - 2 * number} for number in range(5)]


def test_F16_one_invite_makes_one_account(race):
    rounds = race("invite", rounds=5, contestants=8, tries=5)

    assert (
        rounds
        == [
            {
                "signed up": 1,
                "DeadLink": 39,
                "accounts": 1,
                "without an invite": 0,
                "without a mail": 0,
                "of the invite": 1,
            }
        ]
        * 5
    )


def test_F16_many_invites_with_one_address_make_one_account_and_tell_nobody(race):
    rounds = race("same_address", rounds=5, contestants=8)

    assert rounds == [{"signed up": 8, "accounts": 1, "invites left": 7}] * 5


def test_F16_a_redemption_that_failed_leaves_the_invite_usable(race):
    rounds = race("failed_redemption", rounds=2)

    assert rounds == [{"users between": 0, "used between": 0, "accounts": 1}] * 2


def last_admins(race, rounds, number_of_admins, acts):
    found = race("last_admin", rounds=rounds, number_of_admins=number_of_admins, acts=acts)
    known = {"done", "last_admin", "last_admin_with_factor", "is gone", "admins", "with a factor"}
    assert [each for each in found if not set(each) <= known] == []
    assert [each for each in found if not each.get("done")] == []  # somebody is quicker
    return [(each["admins"] >= 1, each["with a factor"] >= 1) for each in found]


def test_F17_two_admins_who_demote_deactivate_and_delete_each_other_leave_one(race):
    assert last_admins(race, 15, 2, ["demote", "deactivate", "delete"]) == [(True, True)] * 15


def test_F17_two_admins_who_reset_each_others_factors_leave_one_with_a_factor(race):
    assert last_admins(race, 10, 2, ["reset"]) == [(True, True)] * 10


def test_F17_a_reset_beside_a_demotion_leaves_an_admin_with_a_factor(race):
    assert last_admins(race, 15, 2, ["reset", "demote", "deactivate", "delete"]) == [(True, True)] * 15


def test_F17_five_admins_in_a_ring_leave_one_with_a_factor(race):
    assert last_admins(race, 8, 5, ["reset", "demote", "deactivate", "delete", "demote"]) == [(True, True)] * 8


def test_F17_the_database_itself_keeps_its_last_admin(race):
    assert race("by_hand", rounds=5) == [{"last admin": 1, "admins": 1}] * 5


def test_D03_many_who_write_into_one_chain_leave_no_gap(race):
    assert race("trail", contestants=8, tries=20) == [{"sign_out": 160, "rows": 160, "broken": 0}]
