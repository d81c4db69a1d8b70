"""Acceptance scenarios 1 to 4: the course of a run."""


def test_scenario_01_three_waves_launch(world):
    """COMPLETED with three calls in order, without tags."""
    plan, servers = world.simple_plan((2, 2, 2))
    execution = world.start(plan)
    body = world.wait(execution, "COMPLETED")

    calls = world.launches()
    assert len(calls) == 3
    for call, ids in zip(calls, servers):
        params = call["params"]
        assert sorted(s["sourceServerID"] for s in params["sourceServers"]) \
            == sorted(ids)
        assert "tags" not in params
        assert params["isDrill"] is True

    waves = body["waves"]
    assert [w["status"] for w in waves] == ["COMPLETED"] * 3
    assert len({w["jobId"] for w in waves}) == 3
    assert [w["waveNumber"] for w in waves] == [0, 1, 2]
    for earlier, later in zip(waves, waves[1:]):
        assert earlier["endTime"] <= later["startTime"]
    assert body["startTime"] <= waves[0]["startTime"]
    assert body["endTime"] >= waves[2]["endTime"]
    assert 0 <= body["durationSeconds"] \
        - (body["endTime"] - body["startTime"]) + 1 <= 2


def test_scenario_02_one_of_ten_fails_fast(world):
    """The job is followed to its end, later waves are cancelled."""
    plan, servers = world.simple_plan((10, 1, 1))
    bad = servers[0][3]
    world.server(bad, failNextLaunch={
        "phase": "LAUNCH", "rawError": "InsufficientInstanceCapacity: none"})
    execution = world.start(plan)
    body = world.wait(execution, "PARTIAL")

    assert body["errorCode"] == "WAVE_LAUNCH_FAILED"
    assert [w["status"] for w in body["waves"]] \
        == ["PARTIAL", "CANCELLED", "CANCELLED"]
    assert len(world.launches()) == 1
    jobs = {j["jobID"]: j for j in world.stack.sim("GET", "/_sim/jobs")["jobs"]}
    assert jobs[body["waves"][0]["jobId"]]["status"] == "COMPLETED"
    states = {s["sourceServerId"]: s
              for s in body["waves"][0]["serverStatuses"]}
    assert states[bad]["launchStatus"] == "FAILED"
    assert "InsufficientInstanceCapacity" in states[bad]["error"]
    assert sum(s["launchStatus"] == "LAUNCHED" for s in states.values()) == 9


def test_scenario_03_all_servers_fail(world):
    """FAILED although the job says COMPLETED."""
    plan, servers = world.simple_plan((2, 1))
    for server in servers[0]:
        world.server(server, failNextLaunch={
            "phase": "CONVERSION", "rawError": "AuthFailure: no"})
    body = world.wait(world.start(plan), "FAILED")
    assert [w["status"] for w in body["waves"]] == ["FAILED", "CANCELLED"]
    assert len(world.launches()) == 1


def test_scenario_04_continue(world):
    """CONTINUE: the next wave starts, the outcome is PARTIAL."""
    plan, servers = world.simple_plan(
        (2, 2), waves={0: {"failurePolicy": "CONTINUE"}})
    world.server(servers[0][0], failNextLaunch=True)
    body = world.wait(world.start(plan), "PARTIAL")
    assert [w["status"] for w in body["waves"]] == ["PARTIAL", "COMPLETED"]
    assert len(world.launches()) == 2
