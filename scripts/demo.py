#!/usr/bin/python3
"""A whole recovery drill against the simulated AWS, from nothing.

Starts the development stack, creates 12 servers in one account, imports a
three-tier configuration, starts a drill and prints what the live event
stream tells; resumes at the pause and prints what every server became.
Leaves the stack up. DRS_RUN_DIR, DRS_PORT, DRS_SIM_PORT and DRS_SIM_SPEED
are those of `make up`. Exit code 0: the drill COMPLETED with 12 instances
and exactly 3 StartRecovery calls.
"""

import json
import os
import ssl
import sys
import time
import urllib.request

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from stack import REGION, StackError, from_environment, wait_for  # noqa: E402

ACCOUNT = "222222222222"
ROLE = "DRSOrchestrationRole"
EXTERNAL_ID = "drs-orchestration-cross-account"
TIERS = (("Database", 3), ("Application", 5), ("Web", 4))


class Demo:
    """The steps of the drill."""

    def __init__(self, stack):
        self.stack = stack
        self.token = stack.token("ADMIN")
        self.started = time.monotonic()
        self.logged = set()
        # calls of a former demo on the same stack do not count
        self.first_call = stack.sim("GET", "/_sim/calls?since=0")["next"]

    def say(self, text):
        """One line with the time since the start."""
        print(f"[{time.monotonic() - self.started:6.1f} s] {text}",
              flush=True)

    def api(self, method, path, body=None, expect=(200, 201, 202)):
        """A request that must succeed."""
        status, answer = self.stack.http(method, path, self.token, body)
        if status not in expect:
            raise StackError(f"{method} {path}: {status} "
                             + json.dumps(answer))
        return answer

    def fleet(self):
        """12 servers in three tiers, unless a former demo left them."""
        fleet = self.stack.sim("GET", "/_sim/fleet")
        known = [a for a in fleet["accounts"] if a["accountId"] == ACCOUNT]
        if not known:
            fleet = self.stack.sim("POST", "/_sim/fleet", {"accounts": [{
                "accountId": ACCOUNT,
                "roles": [{"roleName": ROLE, "externalId": EXTERNAL_ID}],
                "regions": [{"region": REGION, "servers": [
                    {"count": count, "namePrefix": tier.lower(),
                     "tags": {"Tier": tier, "App": "shop"}}
                    for tier, count in TIERS]}]}]})
            known = [a for a in fleet["accounts"]
                     if a["accountId"] == ACCOUNT]
        region = [r for r in known[0]["regions"]
                  if r["region"] == REGION][0]
        tiers = {}
        for server in region["servers"]:
            tier = server["tags"]["Tier"]
            tiers.setdefault(tier, []).append(server["sourceServerId"])
        subnet = region["subnets"][0]
        self.say(f"fleet: {sum(map(len, tiers.values()))} servers in account "
                 f"{ACCOUNT}, {REGION}")
        return tiers, subnet

    @staticmethod
    def configuration(tiers, subnet):
        """The export document (schema 1.1) of the three tiers."""
        net = subnet["cidrBlock"].split("/")[0].rsplit(".", 1)[0]
        groups = []
        for tier, _ in TIERS:
            group = {"groupName": f"Shop {tier}", "region": REGION,
                     "description": f"{tier} tier of the shop",
                     "accountId": ACCOUNT, "assumeRoleName": ROLE,
                     "owner": "demo@example.com"}
            if tier == "Web":
                group["serverSelectionTags"] = {"Tier": tier, "App": "shop"}
            else:
                group["sourceServerIds"] = tiers[tier]
            if tier == "Application":
                group["launchConfig"] = {
                    "copyPrivateIp": False,
                    "targetInstanceTypeRightSizingMethod": "NONE",
                    "subnetId": subnet["subnetId"]}
                group["servers"] = [
                    {"sourceServerId": server, "useGroupDefaults": True,
                     "launchTemplate": {"staticPrivateIp": f"{net}.{50 + i}"}}
                    for i, server in enumerate(tiers[tier])]
            groups.append(group)
        waves = [{"waveNumber": i, "waveName": tier,
                  "waveDescription": f"{tier} tier",
                  "protectionGroupName": f"Shop {tier}", "serverIds": [],
                  "pauseBeforeWave": tier == "Application",
                  "dependsOnWaves": [i - 1] if i else []}
                 for i, (tier, _) in enumerate(TIERS)]
        return {"metadata": {"schemaVersion": "1.1"},
                "protectionGroups": groups,
                "recoveryPlans": [{"planName": "Shop", "accountId": ACCOUNT,
                                   "description": "Three tiers, bottom up",
                                   "waves": waves}]}

    def configure(self):
        """Register the account, import; returns the plan's id."""
        status, answer = self.stack.http(
            "POST", "/accounts/targets", self.token,
            {"accountId": ACCOUNT, "accountName": "Shop",
             "externalId": EXTERNAL_ID})
        if status != 201 and answer.get("error") != "ACCOUNT_EXISTS":
            raise StackError(f"account: {status} {json.dumps(answer)}")
        tiers, subnet = self.fleet()
        report = self.api("POST", "/config/import", {
            "config": self.configuration(tiers, subnet)})
        if not report["success"]:
            raise StackError("import: " + json.dumps(report["failed"]))
        summary = report["summary"]
        self.say("import: "
                 f"{summary['protectionGroups']['created']} groups and "
                 f"{summary['recoveryPlans']['created']} plan created, "
                 f"{len(report['skipped'])} there already")
        plans = self.api("GET", "/recovery-plans")["plans"]
        return [p["planId"] for p in plans if p["planName"] == "Shop"][0]

    def stream(self, execution):
        """Events of the execution, live (Server-Sent Events)."""
        context = ssl.create_default_context(cafile=self.stack.ca)
        request = urllib.request.Request(
            f"{self.stack.url}/executions/{execution}/events?lastEventId=0-0",
            headers={"Authorization": "Bearer " + self.token,
                     "Accept": "text/event-stream"})
        with urllib.request.urlopen(request, timeout=60,
                                    context=context) as answer:
            for line in answer:
                if line.startswith(b"data:"):
                    yield json.loads(line[5:])

    def show(self, event):
        """One event as a line for people."""
        data = event.get("data", {})
        name = event["event"]
        if name == "execution.status":
            detail = data.get("outcomeSummary") or data.get("reason") or ""
            self.say(f"execution {data.get('previousStatus', '')} -> "
                     f"{data['status']} {detail}".rstrip())
        elif name == "wave.status":
            self.say(f"  wave {data['waveNumber'] + 1} "
                     f"{data['waveName']}: {data['status']} "
                     f"{data.get('phase') or ''} "
                     f"({data['launchedServers']}/{data['totalServers']} "
                     "launched)")
        elif name == "unit.state" and data.get("jobId") \
                and data["state"] == "STARTED":
            self.say(f"  unit {data['unitId']}: job {data['jobId']}")
        elif name == "job.log":
            kinds = [i["event"] for i in data["items"]
                     if (data["jobId"], i["event"]) not in self.logged]
            self.logged |= {(data["jobId"], k) for k in kinds}
            if kinds:
                self.say("    job log: " + ", ".join(dict.fromkeys(kinds)))

    def drill(self, plan):
        """Start, follow, resume; returns the finished execution's id."""
        answer = self.api("POST", "/executions", {
            "planId": plan, "executionType": "DRILL",
            "initiatedBy": "make demo"})
        execution = answer["executionId"]
        self.say(f"drill {execution} started")
        for event in self.stream(execution):
            self.show(event)
            if event["event"] != "execution.status":
                continue
            status = event["data"]["status"]
            if status == "PAUSED":
                self.say("paused before the application tier: resuming, as "
                         "an operator would after a look at the database")
                self.api("POST", f"/executions/{execution}/resume", {})
            elif status in ("COMPLETED", "PARTIAL", "FAILED", "CANCELLED",
                            "TIMEOUT", "TERMINATED"):
                return execution
        raise StackError("the event stream ended before the drill")

    def report(self, execution):
        """Per-server results; whether the drill did what it should."""
        wait_for(lambda: all(
            s.get("instanceId") for s in self.servers(execution)),
            "instance ids of all servers", 60)
        detail = self.api("GET", f"/executions/{execution}")
        print()
        print(f"{'wave':<5}{'server':<22}{'name':<20}{'status':<10}"
              f"{'instance':<22}{'private IP'}")
        servers = self.servers(execution)
        for server in servers:
            print(f"{server.get('waveNumber', 0) + 1:<5}"
                  f"{server['sourceServerId']:<22}"
                  f"{server.get('serverName') or '':<20}"
                  f"{server['launchStatus']:<10}"
                  f"{server.get('instanceId') or '-':<22}"
                  f"{server.get('privateIp') or ''}")
        calls = []
        since = self.first_call
        while True:
            page = self.stack.sim("GET", f"/_sim/calls?since={since}")
            if not page["calls"]:
                break
            calls += page["calls"]
            since = page["next"]
        mine = set(s["sourceServerId"] for s in servers)
        launches = [c for c in calls if c["operation"] == "StartRecovery"
                    and c["applied"]]
        instances = {s["instanceId"] for s in servers
                     if s["launchStatus"] == "LAUNCHED"}
        print()
        print(f"outcome:  {detail['status']} - "
              f"{detail.get('outcomeSummary') or ''}")
        print(f"launched: {len(instances)} instances of {len(mine)} servers "
              f"with {len(launches)} StartRecovery calls")
        return (detail["status"] == "COMPLETED" and len(instances) == 12
                and len(launches) == 3)

    def servers(self, execution):
        """All servers of the execution."""
        return self.api("GET", f"/executions/{execution}/servers?limit=1000"
                        )["servers"]


def main():
    """Run the demo; leave the stack up."""
    stack = from_environment()
    print("demo: starting Redis, the simulated AWS, the worker and nginx in "
          + stack.dir, flush=True)
    try:
        stack.up()
        demo = Demo(stack)
        good = demo.report(demo.drill(demo.configure()))
        stack.console_user()
    except StackError as exc:
        print(f"demo: {exc}", file=sys.stderr)
        return 1
    print()
    print(f"console:  {stack.console_text()}")
    print(f"API:      {stack.url}   (CA certificate: {stack.ca})")
    print(f"try:      . {stack.path('stack.env')}; curl --cacert $DRS_CA "
          "-H \"Authorization: Bearer $DRS_TOKEN_ADMIN\" $DRS_URL/executions")
    print(f"redis:    redis-cli -u {stack.redis_url} "
          "FCALL drs_status 1 '{drs}'")
    print(f"logs:     {stack.log_dir}")
    print("stop:     make down")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
