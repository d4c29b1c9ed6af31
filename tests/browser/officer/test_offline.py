"""What the officer's page does without a signal, and when it comes back."""

from playwright.sync_api import Route, expect

from tests.browser.officer.city import PERSON, City
from tests.browser.officer.conftest import Phone
from tests.browser.officer.snippets import CACHED, EXTRACTABLE

TASK = "task/t-2708.s-2708"
UNIT = "wanda-b-2708"


def verify(phone: Phone) -> None:
    phone.go(TASK)
    phone.page.locator("[data-key='method-document-seen']").check()
    phone.page.locator("[data-key='method-go']").click()
    expect(phone.page.locator("h1")).to_have_text("今天")


def move_in(phone: Phone, unit: str) -> None:
    phone.go(f"move-in/{unit}")
    phone.page.locator("#name").fill(PERSON["name"])
    phone.page.locator("#phone").fill(PERSON["phone"])
    phone.page.locator("#document").fill(PERSON["document"])
    phone.page.locator("[data-key='submit']").click()
    expect(phone.page.locator("h1")).to_have_text("今天")


def all_sent(phone: Phone) -> None:
    """Waits until nothing is left in the queue."""
    phone.go("me")
    expect(phone.page.get_by_text("都已送达。")).to_be_visible()


def vacant(city: City) -> str:
    return next(unit["id"] for unit in city.units.values() if unit["use_class"] == "rental" and not unit["tenancies"])


def test_the_page_starts_and_shows_its_last_data_without_a_network(phone: Phone) -> None:
    phone.offline()
    phone.page.reload()
    expect(phone.page.locator("[data-alert='al-1']")).to_contain_text("同一声源第 3 次噪音")
    expect(phone.page.locator("header .link")).to_contain_text("离线\u00a0· 数据到 20:40")
    for tab in ("ledger", "teahouse", "me"):
        phone.go(tab)
        expect(phone.page.locator(f"#tabs a[href='#/{tab}']")).to_have_attribute("aria-current", "page")
    phone.go("ledger")
    phone.page.locator("#find").fill("b2708")
    expect(phone.page.locator(".hits a")).to_have_count(1)


def test_the_page_starts_when_the_server_is_gone_in_a_browser_that_was_closed(phone: Phone) -> None:
    phone.page.close()
    phone.offline()
    phone.page = phone.context.new_page()
    phone.page.goto(phone.address)
    expect(phone.page.locator("[data-task]").first).to_be_visible()


def test_what_is_done_offline_survives_a_reload_and_is_sent_once(phone: Phone, city: City) -> None:
    phone.offline()
    phone.page.locator("[data-key='take-al-1']").click()
    expect(phone.page.locator("[data-alert='al-1']")).to_contain_text("已记下，待送出")
    verify(phone)
    phone.page.reload()
    expect(phone.page.locator("header .link")).to_contain_text("2 条待送")
    keys = [entry["id"] for entry in phone.queue()]
    assert city.commands == []
    phone.online()
    all_sent(phone)
    assert [command["key"] for command in city.commands] == keys
    assert [command["path"] for command in city.commands] == [
        "/analytics/alerts/al-1/acknowledgement",
        f"/registry/units/{UNIT}/tenancies/t-2708/verifications",
    ]
    assert [command["if_match"] for command in city.commands] == ['"1"', '"5"']


def test_a_command_whose_answer_was_lost_is_sent_again_under_the_same_key_and_done_once(
    phone: Phone, city: City
) -> None:
    city.loses_answers = 1
    verify(phone)
    all_sent(phone)
    sent = [headers for method, path, headers in city.asked if method == "POST" and path.endswith("/verifications")]
    assert len(sent) >= 2
    assert len({headers["idempotency-key"] for headers in sent}) == 1
    assert len(city.commands) == 1


def test_what_was_written_is_waited_for_until_the_log_has_lost_it(phone: Phone, city: City) -> None:
    written, lost = "registry=1.3f9c2b7d", "registry=1.a0a0a0a0"

    def waited_for(mark: int = 0, path: str = "/registry/") -> list[str | None]:
        readings = [(each, headers) for method, each, headers in city.asked[mark:] if method == "GET"]
        return [headers.get("maple-after") for each, headers in readings if each.startswith(path)]

    verify(phone)
    all_sent(phone)
    phone.until(lambda: waited_for(path="/registry/verifications")[-1] == written)
    assert waited_for()[0] is None
    mark = len(city.asked)
    city.lineage = "a0a0a0a0"  # put back to an older copy
    phone.go("")
    phone.page.locator("[data-key='take-al-1']").click()  # after which all is read anew
    # whichever reading comes first hears of it and asks again at once; those after it may know the new history
    phone.until(lambda: None in waited_for(mark))
    assert written in waited_for(mark)
    phone.until(lambda: waited_for(mark, "/registry/verifications")[-1:] in ([None], [lost]))


def test_a_service_that_is_away_is_asked_again_later(phone: Phone, city: City) -> None:
    city.away = True
    verify(phone)
    phone.go("me")
    expect(phone.page.locator("[data-state='waiting']")).to_contain_text("核验通过")
    city.away = False
    phone.page.evaluate("dispatchEvent(new Event('online'))")
    all_sent(phone)
    assert len(city.commands) == 1


def test_two_actions_on_one_unit_do_not_conflict_with_each_other(phone: Phone, city: City) -> None:
    phone.offline()
    phone.go(TASK)
    phone.page.locator("[data-key='failed-nobody-home']").check()
    phone.page.locator("[data-key='failed-go']").click()
    expect(phone.page.locator("h1")).to_have_text("今天")
    verify(phone)
    phone.online()
    all_sent(phone)
    assert [(command["body"].get("failed"), command["if_match"]) for command in city.commands] == [
        ("nobody-home", '"5"'),
        (None, '"6"'),
    ]


def test_a_step_taken_before_the_last_one_was_read_back_stands_on_it(phone: Phone, city: City) -> None:
    city.holds_answers = True
    phone.page.locator("[data-key='go-in-1']").click()
    phone.until(lambda: len(city.commands) == 1 and not phone.queue())
    phone.page.locator("[data-key='arrive-in-1']").click()
    phone.until(lambda: len(steps(city)) == 2)
    city.holds_answers = False
    assert steps(city) == ['"3"', '"4"']


def steps(city: City) -> list[str | None]:
    """The versions that commands about the incident were sent with."""
    return [
        headers.get("if-match")
        for method, path, headers in city.asked
        if method == "POST" and "/incidents/cases/" in path
    ]


def test_a_conflict_shows_both_versions_and_mine_can_be_sent_on_the_new_state(phone: Phone, city: City) -> None:
    phone.offline()
    verify(phone)
    city.somebody_else(UNIT, "看到实际用途：酒店", "seen in use as a hotel")
    phone.online()
    phone.go("me")
    phone.page.locator("[data-state='conflict']").click()
    expect(phone.page.locator("[data-version='mine']")).to_contain_text("当面看过证件")
    expect(phone.page.locator("[data-version='theirs']")).to_contain_text("看到实际用途：酒店")
    expect(phone.page.locator("[data-version='theirs']")).to_contain_text("物业")
    assert city.commands == []
    refused = phone.queue()[0]["id"]
    phone.page.locator("[data-key='again']").click()
    all_sent(phone)
    assert [command["if_match"] for command in city.commands] == ['"6"']
    assert city.commands[0]["key"] != refused


def test_a_conflict_survives_a_reload_and_mine_can_be_dropped(phone: Phone, city: City) -> None:
    phone.offline()
    verify(phone)
    city.somebody_else(UNIT, "看到实际用途：酒店", "seen in use as a hotel")
    phone.online()
    phone.go("me")
    expect(phone.page.locator("[data-state='conflict']")).to_be_visible()
    phone.page.reload()
    phone.page.locator("[data-state='conflict']").click()
    phone.page.locator("[data-key='drop']").click()
    all_sent(phone)
    assert city.commands == []
    assert phone.queue() == []


def test_what_follows_a_conflict_on_the_same_unit_waits_and_the_rest_goes_on(phone: Phone, city: City) -> None:
    phone.offline()
    phone.go(TASK)
    phone.page.locator("[data-key='failed-nobody-home']").check()
    phone.page.locator("[data-key='failed-go']").click()
    expect(phone.page.locator("h1")).to_have_text("今天")
    verify(phone)
    phone.page.locator("[data-key='take-al-1']").click()
    expect(phone.page.locator("header .link")).to_contain_text("3 条待送")
    city.somebody_else(UNIT, "看到实际用途：酒店", "seen in use as a hotel")
    phone.online()
    phone.go("me")
    expect(phone.page.locator("[data-state='conflict']")).to_have_count(1)
    expect(phone.page.locator("[data-state='waiting']")).to_have_count(1)
    expect(phone.page.locator("[data-state='waiting']")).to_contain_text("等前一条定下来")
    expect(phone.page.locator("section").filter(has_text="已送达").locator(".row")).to_have_count(1)
    assert [command["path"] for command in city.commands] == ["/analytics/alerts/al-1/acknowledgement"]


def test_a_refusal_is_told_as_a_sentence_in_the_officers_language(phone: Phone, city: City) -> None:
    unit = next(each["id"] for each in city.units.values() if each["use_class"] == "studio")
    phone.offline()
    move_in(phone, unit)
    phone.online()
    phone.go("me")
    phone.page.locator("[data-state='refused']").click()
    expect(phone.page.get_by_text("这个时间还没到，等发生了再记。")).to_be_visible()
    phone.page.locator("[data-key='drop']").click()
    all_sent(phone)


def test_what_waits_can_be_taken_back_before_it_is_sent(phone: Phone, city: City) -> None:
    phone.offline()
    verify(phone)
    phone.go("me")
    phone.page.locator("[data-state='waiting']").click()
    phone.page.get_by_role("button", name="撤回").click()
    expect(phone.page.get_by_text("都已送达。")).to_be_visible()
    phone.online()
    phone.go("today")
    expect(phone.page.locator("[data-task='t-2708.s-2708']")).to_contain_text("B-2708")
    assert city.commands == []


def test_a_token_that_ran_out_keeps_the_queue_waiting_and_it_goes_on_after_renewal(phone: Phone, city: City) -> None:
    phone.offline()
    verify(phone)
    city.refuses_tokens = True
    phone.online()
    phone.go("me")
    expect(phone.page.get_by_text("登录已到期。你做的都留着，重新登录后送出。")).to_be_visible()
    expect(phone.page.locator("[data-state='waiting']")).to_contain_text("等重新登录")
    assert city.commands == []
    city.refuses_tokens = False
    phone.page.get_by_role("link", name="重新登录", exact=True).click()
    phone.page.locator("button.card").first.click()
    expect(phone.page.locator("h1")).to_have_text("今天")
    all_sent(phone)
    assert len(city.commands) == 1


def test_another_officer_does_not_send_what_is_not_theirs(phone: Phone, city: City) -> None:
    phone.offline()
    verify(phone)
    city.refuses_tokens = True
    phone.online()
    phone.go("me")
    phone.page.get_by_role("link", name="重新登录", exact=True).click()
    city.refuses_tokens = False
    phone.page.locator("[data-key='officer-li']").click()
    expect(phone.page.locator("h1")).to_have_text("今天")
    phone.go("me")
    expect(phone.page.locator("[data-state='waiting']")).to_contain_text("等本人登录")
    assert city.commands == []


def test_a_move_in_is_sealed_while_it_waits_and_forgotten_after_sending(phone: Phone, city: City) -> None:
    phone.offline()
    move_in(phone, vacant(city))
    entry = phone.queue()[0]
    waiting = repr(phone.kept())
    assert entry["sealed"] is not None
    assert not any(value in waiting for value in PERSON.values())
    phone.page.reload()
    phone.online()
    all_sent(phone)
    assert city.commands[0]["body"]["occupants"] == [PERSON]
    kept = phone.kept()
    assert not any(value in repr(kept) for value in PERSON.values())
    assert all("sealed" not in each and "body" not in each for each in kept["queue"])


def test_names_and_phones_open_only_online_for_the_task_and_are_not_kept(phone: Phone, city: City) -> None:
    phone.go(TASK)
    phone.page.get_by_role("button", name="查看姓名和电话").click()
    expect(phone.page.get_by_text(PERSON["name"])).to_be_visible()
    asked = [path for _, path, _ in city.asked if "/subjects/" in path]
    assert asked == ["/registry/subjects/s-2708/openings"]
    cached = phone.page.evaluate(CACHED)
    for place in (repr(phone.kept()), repr(cached)):
        assert not any(value in place for value in PERSON.values())
    assert all(path.startswith("/officer/") for path in cached)
    phone.go("today")
    phone.go(TASK)
    expect(phone.page.get_by_text(PERSON["name"])).to_have_count(0)
    phone.offline()
    phone.page.get_by_role("button", name="查看姓名和电话").click()
    expect(phone.page.get_by_text("有信号才能打开。")).to_be_visible()


def test_the_key_of_the_queue_is_handed_out_to_no_script(phone: Phone, city: City) -> None:
    phone.offline()
    move_in(phone, vacant(city))
    assert phone.page.evaluate(EXTRACTABLE) is False


def test_signing_out_asks_where_something_is_unsent_and_clears_the_phone(phone: Phone) -> None:
    phone.offline()
    verify(phone)
    phone.go("me")
    expect(phone.page.get_by_text("密钥也在这部手机上")).to_be_visible()
    phone.page.get_by_role("button", name="退出并清空本机").click()
    expect(phone.page.get_by_text("还有 1 条没送出，退出就没有了。")).to_be_visible()
    phone.page.get_by_role("button", name="退出并放弃").click()
    expect(phone.page.locator("h1")).to_have_text("登录")
    assert all(not values for values in phone.kept().values())


def test_an_incident_goes_from_on_the_way_to_resolved(phone: Phone, city: City) -> None:
    phone.offline()
    phone.page.locator("[data-key='go-in-1']").click()
    phone.page.locator("[data-key='arrive-in-1']").click()
    expect(phone.page.locator("[data-incident='in-1']")).to_contain_text("已到场")
    phone.go("incident/in-1")
    phone.page.locator("[data-key='outcome-settled']").check()
    phone.page.locator("[data-key='outcome-go']").click()
    expect(phone.page.locator("h1")).to_have_text("今天")
    phone.online()
    all_sent(phone)
    assert [command["path"].split("/")[-1] for command in city.commands] == ["departures", "arrivals", "resolution"]
    assert [command["if_match"] for command in city.commands] == ['"3"', '"4"', '"5"']
    assert all("effective_at" in command["body"] for command in city.commands)


def test_an_officer_comes_on_duty_with_one_tap_and_goes_off_with_another(phone: Phone, city: City) -> None:
    duty = phone.page.locator("[data-duty]")
    expect(duty).to_contain_text("未上岗：调度室看不到你。")
    phone.page.locator("[data-key='on-duty']").click()
    expect(duty).to_have_attribute("data-duty", "on")
    expect(duty).to_contain_text("在岗至")
    phone.page.locator("[data-key='off-duty']").click()
    expect(duty).to_have_attribute("data-duty", "off")
    all_sent(phone)
    assert [command["path"] for command in city.commands] == ["/incidents/duties", "/incidents/duties/end"]


def test_an_alert_is_taken_and_closed_with_feedback(phone: Phone, city: City) -> None:
    phone.page.locator("[data-key='take-al-1']").click()
    expect(phone.page.locator("[data-alert='al-1']")).to_contain_text("你已接手")
    phone.page.locator("[data-alert='al-1']").get_by_role("link", name="办结").click()
    phone.page.locator("[data-key='feedback-go']").click()
    expect(phone.page.get_by_text("请先选一项。")).to_be_visible()
    phone.page.locator("[data-key='feedback-acted']").check()
    phone.page.locator("[data-key='feedback-go']").click()
    expect(phone.page.locator("h1")).to_have_text("今天")
    expect(phone.page.locator("[data-alert='al-1']")).to_have_count(0)
    all_sent(phone)
    assert [command["body"] for command in city.commands] == [{}, {"feedback": "acted"}]


def test_a_visit_and_a_move_out_are_noted(phone: Phone, city: City) -> None:
    phone.go("door/ro-1/wanda-a-2714")
    phone.page.locator("[data-key='visit-met']").check()
    phone.page.locator("[data-key='visit-go']").click()
    expect(phone.page.locator("h1")).to_contain_text("还有 5 户")
    phone.go(f"move-out/{UNIT}")
    phone.page.locator("[data-key='tenancy-t-2708']").check()
    phone.page.locator("[data-key='tenancy-go']").click()
    expect(phone.page.locator("h1")).to_have_text("今天")
    all_sent(phone)
    assert [command["path"].split("/")[-1] for command in city.commands] == ["visits", "move-out"]


def test_a_slip_in_an_identity_number_is_found_before_anything_is_queued(phone: Phone, city: City) -> None:
    phone.go(f"move-in/{vacant(city)}")
    phone.page.locator("#name").fill(PERSON["name"])
    phone.page.locator("#document").fill(PERSON["document"][:-1] + ("1" if PERSON["document"][-1] != "1" else "2"))
    phone.page.locator("[data-key='submit']").click()
    expect(phone.page.get_by_text("号码有误")).to_be_visible()
    expect(phone.page.locator("#document")).to_be_focused()
    assert phone.queue() == []


def test_the_worker_sends_the_queue_when_the_browser_says_there_is_a_signal(phone: Phone, city: City) -> None:
    phone.offline()
    verify(phone)
    session = phone.context.new_cdp_session(phone.page)
    versions: list[dict[str, str]] = []
    session.on("ServiceWorker.workerVersionUpdated", lambda event: versions.extend(event["versions"]))
    registrations: list[dict[str, str]] = []
    session.on("ServiceWorker.workerRegistrationUpdated", lambda event: registrations.extend(event["registrations"]))
    session.send("ServiceWorker.enable")
    expect(phone.page.locator("header .link")).to_contain_text("1 条待送")
    other = phone.context.new_page()
    assert registrations
    phone.page.close()
    phone.online()
    watcher = phone.context.new_cdp_session(other)
    watcher.send("ServiceWorker.enable")
    watcher.send(
        "ServiceWorker.dispatchSyncEvent",
        {
            "origin": phone.address.removesuffix("/officer/"),
            "registrationId": registrations[-1]["registrationId"],
            "tag": "queue",
            "lastChance": False,
        },
    )
    phone.page = other
    phone.until(lambda: len(city.commands) == 1)


def test_a_signal_that_goes_while_answers_come_in_is_gone(phone: Phone, city: City) -> None:
    held: list[Route] = []
    came: set[str] = set()
    units = {task["unit"] for task in city.verifications.values()}
    phone.page.on("requestfinished", lambda request: came.add(request.url.rpartition("/registry/units/")[2]))
    phone.page.route("**/analytics/positions", lambda route: held.append(route))  # noqa: PLW0108 - it marks a function
    phone.page.locator("[data-key='take-al-1']").click()
    expect(phone.page.locator("#said")).to_have_text("台账已收到。")
    # units are read last: then nothing but what is held is still to come
    phone.until(lambda: bool(held) and units <= came)
    phone.offline()
    expect(phone.page.locator("header .link")).to_contain_text("离线\u00a0· ")
    held[0].fulfill(json={"total": 41209})
    expect(phone.page.locator("footer")).to_contain_text("41,209")
    expect(phone.page.locator("header .link")).to_contain_text("离线\u00a0· ")


def test_a_signal_that_only_the_browser_believes_in_is_not_believed(phone: Phone, city: City) -> None:
    # the worker sends too
    phone.context.route("**/analytics/alerts/al-1/acknowledgement", lambda route: route.abort())
    phone.page.locator("[data-key='take-al-1']").click()
    expect(phone.page.locator("#said")).to_have_text("已记下，有信号就送出。")
    expect(phone.page.locator("header .link")).to_contain_text("离线\u00a0· ")
    assert city.commands == []
