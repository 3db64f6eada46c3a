"""Two at the board at once: one wins, the other is told, and nothing is lost."""


def test_one_of_two_who_save_a_set_wins_and_the_other_is_told_both_versions(race):
    rounds = race("same_set", rounds=3, contestants=2)

    assert rounds == [
        {
            "statuses": [200, 409],
            "told the winner's": True,
            "is the winner's": True,
            "changes": number,
            "is sound": True,
        }
        for number in range(1, 4)
    ]


def test_one_of_six_who_save_a_set_wins(race):
    rounds = race("same_set", rounds=2, contestants=6)

    assert [each["statuses"] for each in rounds] == [[200, *[409] * 5]] * 2
    assert [each["told the winner's"] and each["is the winner's"] and each["is sound"] for each in rounds] == [True] * 2


def test_all_who_save_other_sets_of_a_night_are_kept(race):
    rounds = race("other_sets", rounds=2, contestants=5)

    assert rounds == [{"statuses": [200] * 5, "kept": True, "is sound": True}] * 2


def test_board_and_form_do_not_overwrite_each_other(race):
    rounds = race("board_and_form", rounds=3)

    assert rounds == [{"statuses": [200, 409], "versions": 1, "is sound": True}] * 3


def test_what_is_undone_by_many_at_once_is_undone_once(race):
    rounds = race("undo_twice", rounds=2, contestants=4)

    assert rounds == [{"statuses": [200, 409, 409, 409], "is back": True, "is sound": True}] * 2
