#!/usr/bin/python3
"""Lists and details of a large store: build/bench/scale.json.

4,000 source servers, 1,000 groups, 1,000 plans and 50,000 executions (one of
them with all 4,000 servers, 20 of them active) are put into Redis through the
function library; then each list and detail is asked for 200 times, one
request after the other on one connection with TLS, and the times are sorted.
SCALE=0.1 makes everything a tenth, BENCH_RUNS is the number of executions.
"""

import http.client
import json
import os
import shutil
import ssl
import sys
import tempfile
import time
import uuid

TOP = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
for _p in ("scripts", "tests/system"):
    sys.path.insert(0, os.path.join(TOP, _p))

import redis  # noqa: E402

from stack import PREFIX, REGION, Stack, wait_for  # noqa: E402
from world import World  # noqa: E402

SCALE = float(os.environ.get("SCALE", "1"))
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "200"))
SERVERS, GROUPS, PLANS = int(4000 * SCALE), int(1000 * SCALE), int(1000 * SCALE)
RUNS = int(os.environ.get("BENCH_RUNS", 50000 * SCALE))
LARGE, ACTIVE, HOOKS = int(4000 * SCALE), 20, 20
LIMIT_MS = 50.0
ACTOR = json.dumps({"type": "user", "userId": "bench", "username": "bench",
                    "roles": []})


class Fill:
    """What the store is filled with."""

    def __init__(self, stack, world):
        self.r = redis.Redis(unix_socket_path=stack.redis_sock,
                             decode_responses=True)
        self.world = world
        self.groups = []
        self.plans = []
        self.hook = None
        self.large = None
        self.first = None
        self.last = None

    def batch(self, calls):
        """Many calls of functions in one round trip each 500."""
        calls = list(calls)
        for i in range(0, len(calls), 500):
            pipe = self.r.pipeline(transaction=False)
            for name, *args in calls[i:i + 500]:
                pipe.fcall(name, 1, PREFIX, *[str(a) for a in args])
            for reply in pipe.execute():
                if reply[0] != "OK":
                    raise RuntimeError(reply)

    def add_servers(self):
        """Servers like those that the worker has read, as fresh as if they
        had just been read too; their ids."""
        place = f"{self.world.account}:{REGION}"
        known = list(self.r.hgetall(f"{PREFIX}:inv:{place}").items())
        more = {}
        for i in range(SERVERS - len(known)):
            old, text = known[i % len(known)]
            new = f"s-{i + 1:017x}"
            more[new] = text.replace(old, new)
        self.r.hset(f"{PREFIX}:inv:{place}", mapping=more)
        self.r.hset(f"{PREFIX}:inv:meta:{place}", "at",
                    int(time.time() * 1000))
        self.r.delete(f"{PREFIX}:inv:view:{place}",
                      f"{PREFIX}:inv:order:{place}")
        return sorted(more) + [k for k, _ in known]

    def add_groups(self, servers):
        """Groups of some servers each, as the worker stores them."""
        account = self.world.account
        size = max(1, len(servers) // GROUPS)
        calls = []
        for i in range(GROUPS):
            ident = str(uuid.uuid4())
            mine = servers[i * size:(i + 1) * size]
            doc = {"groupId": ident, "protectionGroupId": ident,
                   "groupName": f"group {i:04}", "description": "of the bench",
                   "region": REGION, "accountId": account,
                   "assumeRoleName": "", "owner": "bench@example.com",
                   "serverSelectionTags": {}, "sourceServerIds": mine,
                   "launchConfigStatus": {"status": "not_configured"},
                   "createdDate": 1700000000, "lastModifiedDate": 1700000000,
                   "version": 1}
            ops = []
            for s in mine:
                ops += ["uniq", f"pg:server:{account}:{REGION}", s,
                        "SERVER_CONFLICT"]
            ops += ["sadd", f"acct:groups:{account}", ident, ""]
            calls.append(["drs_doc_put", "pg", ident, "create", "-", "",
                          doc["groupName"], json.dumps(doc), "-", "-",
                          len(ops) // 4, *ops, "0"])
            self.groups.append((ident, mine))
        self.batch(calls)

    def add_plans(self, client):
        """Plans of three waves, through the API."""
        for i in range(PLANS):
            waves = [{"waveName": f"Wave {w + 1}",
                      "protectionGroupId":
                      self.groups[(i + w * 7) % GROUPS][0]}
                     for w in range(3)]
            body = client.json("POST", "/recovery-plans",
                               {"name": f"plan {i:04}", "waves": waves})
            self.plans.append(body["planId"])

    def add_hooks(self, client):
        """As many webhooks as there may be."""
        for i in range(HOOKS):
            self.hook = client.json("POST", "/config/webhooks", {
                "name": f"hook {i}", "url": "https://hooks.example.com/drs",
                "secret": "0123456789abcdef0123"})["webhookId"]

    def create(self, plan, waves, claims=(), number=0):
        """Arguments of one execution's creation, and its id."""
        ident = str(uuid.uuid4())
        kind = "DRILL" if number % 50 else "RECOVERY"
        name = f"plan {number % PLANS:04}"
        by = "rare" if number % 5000 == 77 else f"user {number % 7}"
        source = "API" if number % 3 else "UI"
        doc = {"plan": {"version": 1, "description": "of the bench"},
               "request": {"initiatedBy": by, "invocationSource": source},
               "selectionMode": "PLAN"}
        docs = []
        for i, servers in enumerate(waves):
            docs += ["PENDING", json.dumps({
                "waveNumber": i, "waveName": f"Wave {i + 1}",
                "protectionGroupIds": [self.groups[i][0]],
                "protectionGroupId": self.groups[i][0],
                "serverIds": servers, "failurePolicy": "FAIL_FAST",
                "dependsOnWaves": []})]
        return ident, ["drs_exec_create", ident, str(uuid.uuid4()), plan,
                       name, kind, json.dumps(doc), "{}",
                       self.world.account, len(waves), *docs, len(claims),
                       *claims, 0, "-", '{"event":"execution.created"}', 0,
                       name, by, source]

    def add_runs(self):
        """Executions that have ended, and some that have not."""
        calls = []
        for i in range(RUNS):
            waves = [self.groups[(i + w) % GROUPS][1] for w in range(3)]
            ident, call = self.create(self.plans[i % PLANS], waves, number=i)
            if i == min(100, RUNS - 1):
                self.first = ident
            calls += [call, ["drs_exec_command", ident, "cancel", "-", ACTOR,
                             "", "-", "-"]]
            self.last = ident
        self.batch(calls)
        calls = []
        for i in range(ACTIVE):
            waves = [self.groups[i % GROUPS][1]]
            claims = [f"{self.world.account}:{REGION}:{s}" for s in waves[0]]
            calls.append(self.create(self.plans[i % PLANS], waves, claims)[1])
        self.batch(calls)

    def add_large(self):
        """One execution with thousands of launched servers in ten waves."""
        account = self.world.account
        ids = [f"s-{i:017x}" for i in range(LARGE)]
        size = max(1, LARGE // 10)
        waves = [ids[i * size:(i + 1) * size] for i in range(10)]
        self.large, call = self.create(str(uuid.uuid4()), waves)
        self.batch([call])
        task = "exec:" + self.large
        reply = self.r.fcall("drs_task_claim", 1, PREFIX, "bench", "100000",
                             "600000", "*")[1:]
        fence = dict(zip(reply[::2], reply[1::2]))[task]
        calls = [["drs_exec_commit", self.large, fence, "bench", "-", "claim",
                  "RUNNING", 0]]
        for n, servers in enumerate(waves):
            for at in range(0, len(servers), 100):
                ops = []
                for s in servers[at:at + 100]:
                    state = {"sourceServerId": s, "waveNumber": n,
                             "unitId": f"{n}-0", "accountId": account,
                             "region": REGION, "launchStatus": "LAUNCHED",
                             "attempt": 1, "phase": "LAUNCH",
                             "recoveryInstanceId": "i-" + s[2:],
                             "ec2InstanceId": "i-" + s[2:],
                             "privateIp": "10.1.2.3", "serverName": s,
                             "hostname": s + ".example.internal",
                             "instanceType": "m5.large",
                             "launchTime": 1700000050}
                    ops += ["s", s, json.dumps(state)]
                calls.append(["drs_exec_commit", self.large, fence, "bench",
                              "-", "-", "-", len(ops) // 3, *ops])
        self.batch(calls)


class Client:
    """Requests over one kept connection."""

    def __init__(self, stack, token):
        self.stack = stack
        self.conn = http.client.HTTPSConnection(
            "127.0.0.1", stack.port, timeout=60,
            context=ssl.create_default_context(cafile=stack.ca))
        self.headers = {"Authorization": "Bearer " + token,
                        "Accept": "application/json"}

    def get(self, path):
        """Milliseconds and bytes of one GET."""
        begin = time.perf_counter()
        self.conn.request("GET", "/api" + path, headers=self.headers)
        response = self.conn.getresponse()
        body = response.read()
        took = (time.perf_counter() - begin) * 1000
        if response.status != 200:
            raise RuntimeError(f"{path}: {response.status} {body[:300]}")
        return took, body

    def json(self, method, path, body=None):
        """The body of an answer."""
        self.conn.request(method, "/api" + path, json.dumps(body or {}), {
            **self.headers, "Content-Type": "application/json"})
        response = self.conn.getresponse()
        answer = response.read()
        if response.status >= 300:
            raise RuntimeError(f"{path}: {response.status} {answer[:300]}")
        return json.loads(answer)


def paths(fill):
    """(name, path) of what is measured with the worker at rest."""
    account = fill.world.account
    middle = fill.plans[len(fill.plans) // 2]
    return [
        ("PG1 all", "/protection-groups"),
        ("PG1 limit=50", "/protection-groups?limit=50"),
        ("PG1 name", "/protection-groups?name=09&limit=50"),
        ("PG1 account", f"/protection-groups?accountId={account}&limit=50"),
        ("PG3", f"/protection-groups/{fill.groups[7][0]}"),
        ("RP1 all", "/recovery-plans"),
        ("RP1 limit=50", "/recovery-plans?limit=50"),
        ("RP1 nameExact", "/recovery-plans?nameExact=plan%200042"),
        ("RP1 status", "/recovery-plans?status=CANCELLED&limit=50"),
        ("RP3", f"/recovery-plans/{middle}"),
        ("EX1", "/executions"),
        ("EX1 limit=100", "/executions?limit=100"),
        ("EX1 plan", f"/executions?planId={middle}"),
        ("EX1 status", "/executions?status=PENDING,RUNNING,POLLING"),
        ("EX1 account", f"/executions?accountId={account}&limit=100"),
        ("EX1 type", "/executions?executionType=RECOVERY"),
        ("EX1 initiator", "/executions?initiatedBy=rare"),
        ("EX1 source+type", "/executions?invocationSource=UI"
         "&executionType=RECOVERY&status=CANCELLED"),
        ("EX1 q name", "/executions?q=plan%200042"),
        ("EX1 q all", "/executions?q=plan"),
        ("EX1 q id part", f"/executions?q={fill.first[9:18]}"),
        ("EX1 q id", f"/executions?q={fill.first}"),
        ("EX1 q nothing", "/executions?q=not%20there"),
        ("EX5", f"/executions/{fill.last}"),
        ("X-1", f"/executions/{fill.last}/events?limit=200"),
        ("EX5 all", f"/executions/{fill.large}"),
        ("EX5 all compact", f"/executions/{fill.large}?view=compact"),
        ("X-27", f"/executions/{fill.large}/servers"),
        ("X-27 status", f"/executions/{fill.large}/servers?status=LAUNCHED"
         "&wave=3&limit=100"),
        ("EX10 all", f"/executions/{fill.large}/recovery-instances"),
        ("EX10 limit=50", f"/executions/{fill.large}/recovery-instances"
         "?limit=50"),
        ("EX11", f"/executions/{fill.last}/job-logs"),
        ("PG8", f"/protection-groups/{fill.groups[7][0]}"
         "/launch-config-status"),
        ("X-8", f"/recovery-plans/{middle}/schedules"),
        ("X-13", "/config/webhooks"),
        ("X-15", f"/config/webhooks/{fill.hook}"),
        ("X-19", "/config/notifications"),
        ("AC2", "/accounts/targets"),
        ("AC4", f"/accounts/targets/{account}"),
        ("X-3", "/audit?limit=50"),
    ]


def cpu_ms(stack):
    """Processor time so far of nginx's workers and of Redis."""
    pids = [stack.pid("redis")] + children(stack)
    total = 0
    for pid in pids:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as f:
            part = f.read().rsplit(")", 1)[1].split()
        total += int(part[11]) + int(part[12])
    return total * 1000 / os.sysconf("SC_CLK_TCK")


def children(stack):
    """Processes of nginx's workers."""
    master = stack.pid("nginx")
    with open(f"/proc/{master}/task/{master}/children",
              encoding="utf-8") as f:
        return [int(p) for p in f.read().split()]


def measure(client, name, path, rounds=ROUNDS):
    """One row; a short run warms up."""
    size = 0
    for _ in range(3):
        size = len(client.get(path)[1])
    before = cpu_ms(client.stack)
    times = sorted(client.get(path)[0] for _ in range(rounds))
    cpu = (cpu_ms(client.stack) - before) / rounds
    row = {"name": name, "path": path.split("?")[0], "bytes": size,
           "p50_ms": times[len(times) // 2],
           "p99_ms": times[min(len(times) - 1, int(len(times) * 0.99))],
           "max_ms": times[-1], "cpu_ms": cpu, "rounds": rounds}
    print(f"{name:<18} {size:>9} bytes  p50 {row['p50_ms']:7.1f}  "
          f"p99 {row['p99_ms']:7.1f}  cpu {cpu:6.1f} ms"
          + ("   over" if row["p99_ms"] > LIMIT_MS else ""), flush=True)
    return row


def memory(stack, fill):
    """Megabytes of Redis, nginx workers and the worker."""
    def rss(pid):
        with open(f"/proc/{pid}/status", encoding="utf-8") as f:
            for line in f:
                if line.startswith("VmRSS"):
                    return int(line.split()[1]) / 1024
        return 0.0

    return {"redis_used_mb": fill.r.info("memory")["used_memory"] / 2**20,
            "redis_keys": fill.r.dbsize(),
            "nginx_worker_mb": max(rss(p) for p in children(stack))}


def main():
    """Fills, measures, stores the figures."""
    run_dir = tempfile.mkdtemp(prefix="drs-scale-")
    stack = Stack(run_dir, speed=1, appendfsync="everysec")
    try:
        stack.up()
        world = World(stack)
        world.fleet(10, name="scale")
        client = Client(stack, world.admin)
        first = ("/drs/source-servers?region="
                 f"{REGION}&accountId={world.account}")
        wait_for(lambda: client.get(first), "the first reading", 120)
        begin = time.monotonic()
        fill = Fill(stack, world)
        servers = fill.add_servers()
        client.get(first)           # the worker publishes them
        with open(f"/proc/{stack.pid('worker')}/status",
                  encoding="utf-8") as f:
            worker_mb = [int(line.split()[1]) / 1024 for line in f
                         if line.startswith("VmRSS")][0]
        fill.add_groups(servers)
        inventory = f"/drs/source-server-inventory?region={REGION}"
        place = f"?region={REGION}&accountId={world.account}"
        rows = [measure(client, "DRS10", inventory),
                measure(client, "DRS10 limit=50", inventory + "&limit=50")]
        stack.stop("worker")        # it keeps what it has read itself
        rows += [measure(client, "DRS1 all", first),
                 measure(client, "DRS1 limit=50", first + "&limit=50"),
                 measure(client, "DRS1 group", first + "&filterByProtection"
                         f"Group={fill.groups[7][0]}")]
        # what the worker answers out of what it knows
        stack.start_worker()
        rows += [measure(client, name, path) for name, path in [
            ("DRS2", "/drs/quotas" + place),
            ("DRS7", "/drs/service"),
            ("EC1", "/ec2/subnets" + place),
            ("EC4", "/ec2/instance-types" + place),
            ("AC13", f"/accounts/targets/{world.account}/capacity"),
            ("AC14", "/accounts/capacity/all")]]
        stack.stop("worker")
        fill.add_plans(client)
        fill.add_hooks(client)
        print(f"groups and plans: {time.monotonic() - begin:.1f} s",
              flush=True)
        begin = time.monotonic()
        fill.add_large()
        fill.add_runs()
        print(f"executions: {time.monotonic() - begin:.1f} s", flush=True)
        only = os.environ.get("SCALE_ONLY", "")
        client = Client(stack, stack.token("ADMIN"))
        rows += [measure(client, name, path) for name, path in paths(fill)
                 if only in name]
        out = {"servers": SERVERS, "groups": GROUPS, "plans": PLANS,
               "executions": RUNS, "rows": rows,
               "memory": {**memory(stack, fill), "worker_mb": worker_mb}}
        print(json.dumps(out["memory"]))
    finally:
        stack.down()
        shutil.rmtree(run_dir, ignore_errors=True)
    folder = os.path.join(TOP, "build", "bench")
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, "scale.json"), "w",
              encoding="utf-8") as f:
        json.dump(out, f, indent=2)
        f.write("\n")
    over = [r["name"] for r in rows if r["p99_ms"] > LIMIT_MS]
    if over:
        print("over %.0f ms: %s" % (LIMIT_MS, ", ".join(over)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
