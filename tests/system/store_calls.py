"""Calls of the function library, for tests of the store."""

import itertools
import json

import pytest

from redis_server import PREFIX

ACCOUNT = "111122223333"
REGION = "us-east-1"
PLACE = ACCOUNT + ":" + REGION
ACTOR = json.dumps({"type": "user", "userId": "u-1", "username": "alice", "roles": []})


class Refused(AssertionError):
    def __init__(self, reply):
        super().__init__(" ".join(reply))
        self.code = reply[0]
        self.text = reply[1] if len(reply) > 1 else ""
        rest = reply[2:]
        self.details = list(zip(rest[::2], rest[1::2]))

    def __getitem__(self, name):
        return dict(self.details)[name]


class Store:
    """One data set; `offset` moves its clock."""

    def __init__(self, server):
        self.server = server
        self.r = server.client()

    def key(self, name):
        return PREFIX + ":" + name

    def raw(self, function, *args):
        return self.r.fcall(function, 1, PREFIX, *args)

    def call(self, function, *args):
        reply = self.raw(function, *args)
        assert isinstance(reply, list) and all(isinstance(x, str) for x in reply), reply
        if reply[0] != "OK":
            raise Refused(reply)
        return reply[1:]

    def refused(self, function, *args):
        with pytest.raises(Refused) as caught:
            self.call(function, *args)
        assert caught.value.code != "BAD_CALL", caught.value
        return caught.value

    def dump(self):
        """Everything stored, to see that a refused call changed nothing."""
        return {k: self._value(k)
                for k in sorted(self.r.keys("*"))}

    def _value(self, key):
        kind = self.r.type(key)
        return {
            "string": lambda: self.r.get(key),
            "hash": lambda: self.r.hgetall(key),
            "set": lambda: self.r.smembers(key),
            "zset": lambda: self.r.zrange(key, 0, -1, withscores=True),
            "stream": lambda: self.r.xrange(key),
        }[kind]()

    def unchanged(self, function, *args):
        before = self.dump()
        refusal = self.refused(function, *args)
        assert self.dump() == before
        return refusal

    def advance(self, ms):
        self.r.incrby(self.key("test:offset"), ms)

    def now(self):
        s, us = self.r.time()
        return s * 1000 + us // 1000 + int(self.r.get(self.key("test:offset")) or 0)

    # -- documents ------------------------------------------------------------

    def doc(self, kind, ident, mode="create", ver="-", old="", new="", doc="{}", ops=(),
            audit="-", event="-", deadline="0"):
        flat = list(itertools.chain.from_iterable(ops))
        return self.args_doc(kind, ident, mode, ver, old, new, doc, audit, event,
                             str(len(ops)), *flat, deadline)

    def args_doc(self, *args):
        return ("drs_doc_put",) + args

    # -- executions -----------------------------------------------------------

    def create_args(self, ident="e1", plan="p1", waves=2, claims=(), command="c1", checks=(),
                    statuses=None, audit="-", event='{"event":"execution.created"}',
                    accounts=ACCOUNT, deadline="0"):
        statuses = statuses or ["PENDING"] * waves
        flat = [ident, command, plan, "Plan One", "DRILL", '{"doc":1}', "{}", accounts,
                str(len(statuses))]
        for i, status in enumerate(statuses):
            flat += [status, '{"waveNumber":%d}' % i]
        flat += [str(len(claims)), *claims, str(len(checks))]
        for check in checks:
            flat += list(check)
        return ("drs_exec_create", *flat, audit, event, deadline)

    def create(self, **kw):
        return self.call(*self.create_args(**kw))

    def field(self, exec_id, name):
        return self.r.hget(self.key("exec:" + exec_id), name)

    def lease(self, task, owner="w1", ms=60000):
        """Claims one task by name; returns its lease."""
        self.call("drs_task_due", task, "0")
        reply = self.call("drs_task_claim", owner, "100", str(ms), "*")
        got = dict(zip(reply[::2], reply[1::2]))
        for other, fence in got.items():
            if other != task:
                self.call("drs_task_release", other, owner, fence, "0")
        return Lease(self, task, owner, got[task])

    def run(self, ident="e1", owner="w1", **kw):
        """A created execution under a lease, RUNNING."""
        self.create(ident=ident, **kw)
        lease = self.lease("exec:" + ident, owner)
        lease.commit("claim", "RUNNING")
        return lease

    def command(self, ident, name, command_id="-", reason="", extra="-"):
        return self.call("drs_exec_command", ident, name, command_id, ACTOR, reason, "-", extra)

    def events(self, exec_id):
        return [json.loads(f["e"]) for _, f in self.r.xrange(self.key("exec:%s:ev" % exec_id))]

    def audits(self):
        return [json.loads(f["a"]) for _, f in self.r.xrange(self.key("audit:in"))]

    def due(self, task):
        return self.r.zscore(self.key("due"), task)


class Lease:
    def __init__(self, store, task, owner, fence):
        self.store, self.task, self.owner, self.fence = store, task, owner, fence
        self.exec_id = task.split(":", 1)[1]

    def commit_args(self, event="-", status="-", ops=(), ver="-"):
        flat = list(itertools.chain.from_iterable(ops))
        return ("drs_exec_commit", self.exec_id, self.fence, self.owner, ver, event, status,
                str(len(ops)), *flat)

    def commit(self, event="-", status="-", ops=(), ver="-"):
        return self.store.call(*self.commit_args(event, status, ops, ver))[0]

    def unit_op(self, unit, ver, **fields):
        flat = list(itertools.chain.from_iterable(fields.items()))
        return ("u", unit, str(ver), str(len(fields)), *flat)

    def plan_unit(self, unit="0-0", servers=("s-1",), attempts=3, **fields):
        """A PLANNED unit with its claims."""
        ops = [("claim", ACCOUNT, REGION, s) for s in servers]
        ops.append(self.unit_op(unit, 0, state="PLANNED", account=ACCOUNT, region=REGION,
                                servers=" ".join(servers), maxAttempts=str(attempts), **fields))
        self.commit(ops=ops)

    def unit(self, unit="0-0"):
        return self.store.r.hgetall(self.store.key("exec:%s:u:%s" % (self.exec_id, unit)))

    def arm_args(self, unit="0-0", ver=None, attempt=None, at="0", allow_open="0"):
        u = self.unit(unit)
        return ("drs_unit_arm", self.exec_id, self.fence, self.owner, unit,
                ver or u.get("ver", "0"), attempt or str(int(u.get("attempt", "0")) + 1),
                "key-1", at, allow_open)

    def arm(self, **kw):
        return self.store.call(*self.arm_args(**kw))

    def close_args(self, unit="0-0", attempt="1", state="-", next_at="-", doc="-"):
        return ("drs_unit_close", self.exec_id, self.fence, self.owner, unit, attempt, state,
                next_at, doc)

    def close(self, **kw):
        return self.store.call(*self.close_args(**kw))

    def fact(self, job, unit="0-0", attempt="1", doc="-"):
        return self.store.call("drs_unit_fact", self.exec_id, unit, attempt, job, doc)

    def set_unit(self, unit="0-0", **fields):
        self.commit(ops=[self.unit_op(unit, self.unit(unit)["ver"], **fields)])

    def release(self, at="-"):
        return self.store.call("drs_task_release", self.task, self.owner, self.fence, at)
