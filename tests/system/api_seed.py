"""What API tests put into the store themselves, through its functions."""

import json
import os
import uuid

import redis

from stack import PREFIX

HUB = "111122223333"
REGION = "us-east-1"


class Seed:
    """Groups and executions of a stack that runs without a worker."""

    def __init__(self, stack):
        self.stack = stack
        self.r = redis.Redis(unix_socket_path=stack.redis_sock,
                             decode_responses=True)
        path = os.path.join(stack.build, "gen", "drs.lua")
        with open(path, encoding="utf-8") as f:
            self.r.function_load(f.read(), replace=True)
        self.r.set(PREFIX + ":settings:hub", json.dumps(
            {"accountId": HUB, "region": REGION, "limits": "queue"}))

    def close(self):
        """Ends the connection."""
        self.r.close()

    def call(self, function, *args):
        """One function; what follows OK."""
        reply = self.r.fcall(function, 1, PREFIX, *[str(a) for a in args])
        assert reply[0] == "OK", reply
        return reply[1:]

    def group(self, name, servers=(), tags=None, region=REGION, account=HUB,
              **more):
        """A protection group as the worker stores it; its id."""
        ident = str(uuid.uuid4())
        doc = {"groupId": ident, "protectionGroupId": ident,
               "groupName": name, "description": "", "region": region,
               "accountId": account, "assumeRoleName": "", "owner": "",
               "serverSelectionTags": tags or {},
               "sourceServerIds": list(servers),
               "launchConfigStatus": {"status": "not_configured"},
               "createdDate": 1700000000, "lastModifiedDate": 1700000000,
               "version": 1}
        doc.update(more)
        ops = []
        if not tags:
            for s in servers:
                ops += ["uniq", f"pg:server:{account}:{region}", s,
                        "SERVER_CONFLICT"]
        ops += ["sadd", f"acct:groups:{account}", ident, ""]
        self.call("drs_doc_put", "pg", ident, "create", "-", "",
                  name.casefold(), json.dumps(doc), "-", "-", len(ops) // 4,
                  *ops, "0")
        return ident

    def execution(self, plan, name="Plan", waves=2, kind="DRILL",
                  servers=(), account=HUB, request=None):
        """An execution that no worker has touched; its id."""
        ident = str(uuid.uuid4())
        doc = {"plan": {"version": 3, "description": "d"},
               "request": {"initiatedBy": "tests", **(request or {})},
               "selectionMode": "PLAN"}
        docs = []
        for i in range(waves):
            docs += ["PENDING", json.dumps({
                "waveNumber": i, "waveName": f"Wave {i + 1}",
                "protectionGroupIds": ["g"], "protectionGroupId": "g",
                "serverIds": [s for k, s in enumerate(servers)
                              if k % waves == i],
                "failurePolicy": "FAIL_FAST", "dependsOnWaves": []})]
        claims = [f"{account}:{REGION}:{s}" for s in servers]
        self.call("drs_exec_create", ident, str(uuid.uuid4()), plan, name,
                  kind, json.dumps(doc), "{}", account, waves, *docs,
                  len(claims), *claims, 0, "-",
                  '{"event":"execution.created"}', 0)
        return ident

    def status(self, ident, status):
        """Moves an execution to a status, index included."""
        key = f"{PREFIX}:exec:{ident}"
        old = self.r.hget(key, "status")
        score = self.r.zscore(PREFIX + ":exec:start", ident)
        self.r.zrem(f"{PREFIX}:exec:status:{old}", ident)
        self.r.zadd(f"{PREFIX}:exec:status:{status}", {ident: score})
        self.r.hset(key, "status", status)
        rank = self.r.zrank(PREFIX + ":exec:start", ident)
        self.call("drs_reindex", rank, 1)
