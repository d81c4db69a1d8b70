"""The audit chain as docs/audit.md defines it, written a second time."""

import hashlib
import json

ZERO = "0" * 64
MEMBERS = {"id", "time", "correlationId", "requestId", "actor", "sourceIp", "userAgent",
           "action", "resourceType", "resourceId", "resourceName", "accountId", "region",
           "outcome", "httpStatus", "errorCode", "before", "after", "overrideReason",
           "prevHash", "hash"}
REQUIRED = {"id", "time", "correlationId", "requestId", "actor", "action", "resourceType",
            "resourceId", "outcome", "prevHash", "hash"}


def canonical(value):
    """Compact JSON with sorted keys (whole numbers and texts only)."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def entry_hash(entry):
    """What the hash of an entry has to be."""
    bare = {k: v for k, v in entry.items() if k not in ("prevHash", "hash")}
    return hashlib.sha256((entry["prevHash"] + canonical(bare)).encode()).hexdigest()


def check_entry(entry):
    """The members of AuditEntry."""
    assert REQUIRED <= set(entry) <= MEMBERS, entry
    assert entry["outcome"] in ("allowed", "denied", "failed", "succeeded")
    actor = entry["actor"]
    assert actor["type"] in ("user", "machine", "system", "link", "operator")
    assert {"type", "userId", "roles"} <= set(actor) <= {
        "type", "userId", "roles", "email", "tokenId"}, actor


def check_chain(entries, prev=ZERO, seq=0):
    """Entries, oldest first, follow `prev` without gap; the last hash."""
    for entry in entries:
        check_entry(entry)
        seq += 1
        assert entry["id"].endswith(f"-{seq}"), (entry["id"], seq)
        assert entry["prevHash"] == prev
        assert entry["hash"] == entry_hash(entry), entry
        prev = entry["hash"]
    return prev


def chain(client, prefix="{drs}"):
    """All sealed entries, oldest first."""
    return [json.loads(f["e"]) for _, f in client.xrange(prefix + ":audit")]
