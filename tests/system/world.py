"""What a test needs of the product and of the simulated AWS, in few words."""

import itertools
import json
import os
import random
import ssl
import time
import urllib.request

from stack import REGION, wait_for

ROLE_NAME = "DRSOrchestrationRole"
EXTERNAL_ID = "drs-orchestration-cross-account"
TERMINAL = ("COMPLETED", "PARTIAL", "FAILED", "CANCELLED", "TIMEOUT",
            "TERMINATED")
_serial = itertools.count(1)


class ApiError(AssertionError):
    """An answer with an unexpected status."""

    def __init__(self, what, status, body):
        super().__init__(f"{what}: {status} {json.dumps(body)[:2000]}")
        self.status = status
        self.body = body


class World:
    """A fresh AWS account with a fleet, seen through the API."""

    def __init__(self, stack, register=True, region=REGION):
        self.stack = stack
        self.region = region
        rnd = random.Random(f"{os.getpid()}-{next(_serial)}-{time.time()}")
        self.account = str(rnd.randrange(2 * 10**11, 9 * 10**11))
        self.tag = f"{rnd.randrange(16**8):08x}"
        self.admin = stack.token("ADMIN")
        self.servers = {}
        self.registered = False
        self.want_register = register

    # -- AWS -------------------------------------------------------------------

    def fleet(self, count=1, name="srv", tags=None, region=None,
              account=None):
        """Create count servers; returns their ids."""
        region = region or self.region
        account = account or self.account
        answer = self.stack.sim("POST", "/_sim/fleet", {"accounts": [{
            "accountId": account, "roles": [
                {"roleName": ROLE_NAME, "externalId": EXTERNAL_ID}],
            "regions": [{"region": region, "servers": [
                {"count": count, "namePrefix": name,
                 "tags": tags or {}}]}]}]})
        ids = []
        for acct in answer["accounts"]:
            if acct["accountId"] != account:
                continue
            for reg in acct["regions"]:
                if reg["region"] == region:
                    ids = [s["sourceServerId"] if isinstance(s, dict) else s
                           for s in reg["servers"]]
        known = self.servers.setdefault((account, region), [])
        new = [i for i in ids if i not in known]
        known.extend(new)
        if self.want_register and not self.registered \
                and account == self.account:
            self.register()
        return new

    def register(self, account=None):
        """Register the account with the product."""
        account = account or self.account
        self.api("POST", "/accounts/targets", {
            "accountId": account, "accountName": f"acct-{account}",
            "externalId": EXTERNAL_ID}, expect=201)
        self.registered = True

    def calls(self, operation, account=None, since=0):
        """Calls of the simulator's log for one operation and account."""
        account = account or self.account
        found = []
        while True:
            page = self.stack.sim("GET", f"/_sim/calls?since={since}")
            if not page["calls"]:
                return found
            found += [c for c in page["calls"]
                      if c["operation"] == operation
                      and c["account"] == account]
            since = page["next"]

    def launches(self, account=None):
        """StartRecovery calls that took effect."""
        return [c for c in self.calls("StartRecovery", account)
                if c["applied"]]

    def faults(self, *faults):
        """Set faults of the simulator for this account."""
        for fault in faults:
            fault.setdefault("account", self.account)
        self.stack.sim("POST", "/_sim/faults", {"faults": list(faults)})

    def server(self, server_id, **changes):
        """Change the state of a simulated server."""
        return self.stack.sim("POST", f"/_sim/servers/{server_id}", changes)

    def freeze(self):
        """Simulated jobs stand still."""
        self.stack.sim("POST", "/_sim/freeze", {})

    def thaw(self):
        """Simulated jobs go on."""
        self.stack.sim("POST", "/_sim/thaw", {})

    # -- API -------------------------------------------------------------------

    def api(self, method, path, body=None, token=None, expect=200):
        """One request; the answer's body, or ApiError."""
        status, answer = self.stack.http(method, path, token or self.admin,
                                         body)
        if expect is not None and status != expect:
            raise ApiError(f"{method} {path}", status, answer)
        return answer

    def try_api(self, method, path, body=None, token=None):
        """One request; (status, body)."""
        return self.stack.http(method, path, token or self.admin, body)

    def group(self, name, servers=None, tags=None, **more):
        """Create a protection group; its id."""
        body = {"groupName": f"{name}-{self.tag}", "region": self.region,
                "accountId": self.account}
        if servers is not None:
            body["sourceServerIds"] = servers
        if tags is not None:
            body["serverSelectionTags"] = tags
        body.update(more)
        return self.api("POST", "/protection-groups", body,
                        expect=201)["protectionGroupId"]

    def plan(self, name, waves, **more):
        """Create a plan; waves are group ids or wave objects; its id."""
        full = []
        for i, wave in enumerate(waves):
            if isinstance(wave, str):
                wave = {"protectionGroupId": wave}
            full.append({"waveName": f"Wave {i + 1}", **wave})
        body = {"name": f"{name}-{self.tag}", "waves": full,
                "accountId": self.account}
        body.update(more)
        return self.api("POST", "/recovery-plans", body,
                        expect=201)["planId"]

    def simple_plan(self, sizes=(2, 2, 2), waves=None, **more):
        """A plan with one group of new servers per wave; (plan, servers)."""
        servers = []
        full = []
        for i, size in enumerate(sizes):
            ids = self.fleet(size, name=f"w{i}")
            servers.append(ids)
            wave = dict((waves or {}).get(i, {}))
            wave["protectionGroupId"] = self.group(
                f"g{i}-{next(_serial)}", ids)
            full.append(wave)
        return self.plan(f"p{next(_serial)}", full, **more), servers

    def start(self, plan, kind="DRILL", expect=202, **more):
        """Start a plan; the execution id (or the body when refused)."""
        body = {"planId": plan, "executionType": kind,
                "initiatedBy": "tests", **more}
        answer = self.api("POST", "/executions", body, expect=expect)
        return answer["executionId"] if expect == 202 else answer

    def execution(self, execution):
        """The execution's detail."""
        return self.api("GET", f"/executions/{execution}")

    def wait(self, execution, status, seconds=90):
        """Wait for a status (or one of several); the detail."""
        wanted = (status,) if isinstance(status, str) else tuple(status)
        seen = {}

        def reached():
            code, body = self.try_api("GET", f"/executions/{execution}")
            if code != 200:
                seen["last"] = f"{code} {body}"
                return None
            seen["last"] = body["status"]
            if body["status"] in wanted:
                return body
            if body["status"] in TERMINAL:
                raise AssertionError(
                    f"ended {body['status']}, not {wanted}: "
                    + json.dumps(body)[:3000])
            return None

        end = time.monotonic() + seconds
        while True:
            body = reached()
            if body:
                return body
            if time.monotonic() > end:
                raise AssertionError(
                    f"{execution} is {seen.get('last')}, not {wanted}: "
                    + json.dumps(self.execution(execution))[:3000])
            time.sleep(0.05)

    def finish(self, execution, seconds=120):
        """Wait for the end, whatever it is; the detail."""
        return self.wait(execution, TERMINAL, seconds)

    def wait_until(self, condition, what, seconds=60):
        """Wait for any condition."""
        return wait_for(condition, what, seconds)

    def wave_in_flight(self, execution, wave=0, seconds=60):
        """Wait until wave has a job; the detail."""
        def started():
            body = self.execution(execution)
            waves = body.get("waves") or []
            if len(waves) > wave and waves[wave].get("jobId"):
                return body
            return None
        return wait_for(started, f"job of wave {wave}", seconds)

    def events(self, execution):
        """All events of an execution so far, oldest first."""
        context = ssl.create_default_context(cafile=self.stack.ca)
        found = []
        token = ""
        while True:
            url = (f"{self.stack.url}/executions/{execution}/events"
                   f"?limit=1000{token}")
            request = urllib.request.Request(url, headers={
                "Accept": "application/json",
                "Authorization": "Bearer " + self.admin})
            with urllib.request.urlopen(request, timeout=30,
                                        context=context) as r:
                body = json.load(r)
            found += body["events"]
            if not body.get("nextToken"):
                return found
            token = "&nextToken=" + body["nextToken"]
