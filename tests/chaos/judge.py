"""The judge of a crash run: nothing twice, nothing lost, nothing orphaned."""

from stack import PREFIX, StackError, wait_for

ENDED_UNITS = ("DONE", "FAILED", "CANCELLED")


def ids(text):
    """(command id, execution id) of an operator's answer."""
    found = {}
    words = text.split()
    for name, value in zip(words, words[1:]):
        if name in ("command", "execution") and len(value) == 36:
            found.setdefault(name, value)
    if len(found) != 2:
        raise AssertionError("no ids: " + text)
    return found["command"], found["execution"]


def judge(lane, world, work, body, problems):
    """Append what is wrong to problems."""
    _status(work, body, problems)
    _launches(world, work, problems)
    _orphans(lane, world, work, problems)
    _quiet(lane, world, work, problems)
    _commands(lane, work, problems)


def _status(work, body, problems):
    wanted = {"COMPLETED"}
    if work.failing:
        wanted = {"PARTIAL"}
    if work.cancel:
        wanted = {"CANCELLED", "PARTIAL", "COMPLETED"}
    if body["status"] not in wanted:
        problems.append(f"ended {body['status']}: "
                        f"{body.get('errorMessage')}")
    for wave, servers in zip(body["waves"], work.servers):
        seen = {s["sourceServerId"]: s["launchStatus"]
                for s in wave.get("serverStatuses") or []}
        for server in servers:
            right = "FAILED" if server in work.failing else "LAUNCHED"
            if not work.cancel and seen.get(server) != right:
                problems.append(f"{server} is {seen.get(server)}, "
                                f"not {right}")


def _calls(world, operation):
    return [c for c in world.stack.sim(
        "GET", f"/_sim/calls?operation={operation}&account={world.account}")[
            "calls"] if c["applied"]]


def _launches(world, work, problems):
    """Every server by exactly one call (at most one after a cancel)."""
    launched = {}
    for call in _calls(world, "StartRecovery"):
        for server in call["params"]["sourceServers"]:
            sid = server["sourceServerID"]
            launched[sid] = launched.get(sid, 0) + 1
    for n, wave in enumerate(work.servers):
        for sid in wave:
            times = launched.pop(sid, 0)
            if times > 1 or times == 0 and not work.cancel:
                problems.append(f"{sid} of wave {n} launched {times} times")
    if launched:
        problems.append(f"launched and not of the plan: {launched}")


def _owned(lane, work):
    """Jobs that units of the execution own, and the units' states."""
    jobs, states = set(), {}
    base = f"{PREFIX}:exec:{work.execution}"
    for unit in lane.store.smembers(f"{base}:units"):
        fields = lane.store.hgetall(f"{base}:u:{unit}")
        jobs.update((fields.get("jobs") or "").split())
        if fields.get("jobId"):
            jobs.add(fields["jobId"])
        states[unit] = fields.get("state")
    return jobs, states


def _orphans(lane, world, work, problems):
    """Jobs without a unit, instances without an execution."""
    owned, states = _owned(lane, work)
    where = f"?account={world.account}"
    for job in world.stack.sim("GET", "/_sim/jobs" + where)["jobs"]:
        if job["type"] == "LAUNCH" and job["jobID"] not in owned:
            problems.append(f"job {job['jobID']} belongs to no unit")
    alive = 0
    for item in world.stack.sim("GET", "/_sim/instances" + where)[
            "instances"]:
        if item["jobId"] not in owned:
            problems.append(f"instance {item['instanceId']} is an orphan")
        alive += item["state"] != "terminated"
    if work.terminate and alive:
        problems.append(f"{alive} instances live on after termination")
    for unit, state in states.items():
        if state not in ENDED_UNITS:
            problems.append(f"unit {unit} is {state}")


def _quiet(lane, world, work, problems):
    """No command, claim, watch or task of the run is left."""
    store, region = lane.store, world.region
    seen = {}

    def left():
        found = []
        if store.xlen(f"{PREFIX}:cmd"):
            found.append("commands unfinished")
        if store.hlen(f"{PREFIX}:claim:srv:{world.account}:{region}"):
            found.append("servers still claimed")
        if store.hlen(f"{PREFIX}:watch:{world.account}:{region}"):
            found.append("jobs still watched")
        if store.exists(f"{PREFIX}:claim:plan:{work.plan}"):
            found.append("plan still claimed")
        seen["left"] = found
        return not found

    try:
        if lane.stack.pid("worker") is None:
            lane.stack.start_worker()
        wait_for(left, "a quiet store", 60)
    except StackError as exc:
        problems.extend(seen.get("left") or [str(exc)])


def _commands(lane, work, problems):
    """Every acknowledged command has its answer, none is dead."""
    if lane.store.xlen(f"{PREFIX}:cmd:dead"):
        problems.append("dead commands: " + str(
            lane.store.xrange(f"{PREFIX}:cmd:dead"))[:500])
    for command in work.commands:
        if not lane.store.exists(f"{PREFIX}:cmd:done:{command}"):
            problems.append(f"command {command} is lost")
