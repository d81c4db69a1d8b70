"""Faults on demand: which call they hit and how often."""
import os
import random
import signal

KINDS = ("throttle", "http_500", "http_503", "slow", "reset_before",
         "lost_response", "duplicate", "access_denied", "expired_token",
         "list_lag", "late_effect", "hold")
_FIELDS = {"service", "operation", "kind", "times", "rate", "account",
           "region", "delayMs", "effect", "message", "retryAfter", "killPid"}


class BadFault(ValueError):
    """A fault that cannot be understood; names the field."""


class Fault:
    def __init__(self, spec, where):
        if not isinstance(spec, dict):
            raise BadFault(f"{where} must be an object")
        for key in spec:
            if key not in _FIELDS:
                raise BadFault(f"{where}.{key} is not known")
        self.kind = spec.get("kind")
        if self.kind not in KINDS:
            raise BadFault(f"{where}.kind must be one of {', '.join(KINDS)}")
        self.spec = spec
        self.left = spec.get("times")
        self.rate = float(spec.get("rate", 1.0))
        self.delay = float(spec.get("delayMs", 1000)) / 1000.0
        waits = self.kind in ("slow", "hold")
        self.effect = spec.get("effect", "after" if waits else "none")
        if self.effect not in ("none", "before", "after"):
            raise BadFault(f"{where}.effect must be before or after")
        self.kill_pid = spec.get("killPid")
        if self.kill_pid is not None and (
                not isinstance(self.kill_pid, int) or self.kill_pid < 2):
            raise BadFault(f"{where}.killPid must be a process id")
        self.hits = 0

    def _fits(self, name, *values):
        wanted = self.spec.get(name, "*")
        return wanted in ("*", None) or wanted in values

    def matches(self, call):
        return (self.left != 0
                and self._fits("service", call.service)
                and self._fits("operation", call.operation)
                and self._fits("account", call.account, call.target)
                and self._fits("region", call.region))

    def hit(self):
        self.hits += 1
        if self.left is not None:
            self.left -= 1

    def kill(self):
        """Kill the process that the fault names, if it names one."""
        if self.kill_pid is not None:
            try:
                os.kill(self.kill_pid, signal.SIGKILL)
            except ProcessLookupError:
                pass

    def describe(self):
        return {**self.spec, "hits": self.hits, "left": self.left}


class Call:
    """What a fault looks at."""

    __slots__ = ("service", "operation", "account", "region", "target")

    def __init__(self, service, operation, account, region, target=None):
        self.service = service
        self.operation = operation
        self.account = account
        self.region = region
        self.target = target


class Faults:
    def __init__(self, seed=1):
        self.active = []
        self.random = random.Random(seed)

    def add(self, body):
        if "seed" in body:
            self.random = random.Random(body["seed"])
        made = [Fault(spec, f"faults[{i}]")
                for i, spec in enumerate(body.get("faults", ()))]
        self.active.extend(made)
        return made

    def clear(self):
        self.active = []

    def pick(self, call):
        """(the fault that this call meets or None, listing lag or None)."""
        chosen = None
        lag = None
        for fault in self.active:
            if not fault.matches(call):
                continue
            if fault.kind != "list_lag" and chosen is not None:
                continue
            if fault.rate < 1.0 and self.random.random() >= fault.rate:
                continue
            fault.hit()
            if fault.kind == "list_lag":
                lag = max(lag or 0.0, fault.delay)
            else:
                chosen = fault
        return chosen, lag
