"""What crash runs run.

W1  three waves of two servers. Shapes: plain; pause (before the second wave,
    resumed through the API); terminate (the instances, when the run has
    ended); cancel (while the first wave launches); refused (the first launch
    call is throttled)
W6  three waves of five servers, 2 % of which fail to launch, wave policy
    CONTINUE; 5 % of all calls throttled, the answers of 5 % of all calls and
    of a quarter of the launches lost
"""

SHAPES = {"W1": ("plain", "plain", "plain", "pause", "pause", "terminate",
                 "terminate", "terminate", "cancel", "refused"),
          "W6": ("plain", "plain", "terminate")}
SIZES = {"W1": (2, 2, 2), "W6": (5, 5, 5)}
FAILING = 0.02
THROTTLED = 0.05
LOST = 0.05
LOST_LAUNCHES = 0.25
# a loaded machine must not turn scaled deadlines into failed waves
LONG = {"deadlineMinutes": 10080}


class Work:
    """The plan of a run and what is to be done with it."""

    def __init__(self, world):
        self.world = world
        self.plan = None
        self.execution = None
        self.servers = []
        self.failing = set()
        self.commands = []
        self.pauses = ()
        self.terminate = False
        self.cancel = False
        self.cancelled_at = None
        self.faults = False

    def over(self):
        """Take back what the run changed for others."""
        if not self.faults:
            return
        try:
            self.world.stack.sim("DELETE", "/_sim/faults")
        except OSError:
            pass  # the next run finds a fresh stack or says so


def shape(load, rnd):
    """One of the load's shapes."""
    return rnd.choice(SHAPES[load])


def build(load, world, rnd):
    """Servers, groups, a plan and faults of (load, shape)."""
    name, form = load
    work = Work(world)
    waves = {i: dict(LONG) for i in range(len(SIZES[name]))}
    if form == "pause":
        work.pauses = (1,)
        waves[1]["pauseBeforeWave"] = True
    work.terminate = form == "terminate"
    work.cancel = form == "cancel"
    if name == "W6":
        for wave in waves.values():
            wave["failurePolicy"] = "CONTINUE"
    work.plan, by_wave = world.simple_plan(SIZES[name], waves)
    work.servers = by_wave
    if form == "refused":
        work.faults = True
        world.faults({"service": "drs", "operation": "StartRecovery",
                      "kind": "throttle", "times": 1, "retryAfter": 1})
    if name == "W6":
        disturb(world, work, rnd)
    return work


def disturb(world, work, rnd):
    """Failing servers and a bad network, of this account only."""
    for server in [s for wave in work.servers for s in wave]:
        if rnd.random() < FAILING:
            work.failing.add(server)
            world.server(server, failNextLaunch={
                "phase": rnd.choice(("SNAPSHOT", "CONVERSION", "LAUNCH")),
                "rawError": "InsufficientInstanceCapacity: none"})
    work.faults = True
    world.stack.sim("POST", "/_sim/faults", {
        "seed": rnd.randrange(10**6), "faults": [
            {"account": world.account, **fault} for fault in (
                {"service": "drs", "operation": "StartRecovery",
                 "kind": "lost_response", "rate": LOST_LAUNCHES},
                {"service": "*", "operation": "*", "kind": "throttle",
                 "rate": THROTTLED, "retryAfter": 1},
                {"service": "*", "operation": "*", "kind": "lost_response",
                 "rate": LOST})]})
