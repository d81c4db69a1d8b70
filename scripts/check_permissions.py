#!/usr/bin/python3
"""Role templates, lists of permissions and AWS client agree.

* Every operation that the client knows (worker/aws/aws_ops.c) and that the
  worker calls is allowed by the roles of deploy/cloudformation.
* So is what the worker asks IAM about (drsw_rights.c, drsw_contact_perm.c).
* The roles allow nothing else: what DRS does in EC2 with the caller's rights
  is what drsw_contact_perm.c lists, or has its reason here.
"""

import glob
import os
import re
import sys

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
TEMPLATES = "deploy/cloudformation"

# operations that nobody has to allow
FREE = {"sts:GetCallerIdentity", "sts:AssumeRoleWithWebIdentity"}
# parameters that need a right of their own: {right: (operation, parameter)}
PARAMETERS = {"sts:SetSourceIdentity": ("sts:AssumeRole", "source_identity =")}
# services of which only the hub's role is used
HUB_ONLY = {"sts", "sns"}
# allowed although the worker itself neither calls nor asks for it: DRS reads
# it with the caller's rights while it launches
FOR_DRS = {"ec2:" + name for name in (
    "DescribeCapacityReservations", "DescribeHosts", "DescribeTags",
    "DescribeVolumeAttribute", "DescribeVpcs", "DescribeKeyPairs")}

OPS = re.compile(r"drsw_ops_(\w+)\[\] = \{(.*?)\bEND\b", re.S)
NAME = re.compile(r'(?:REST|REST_PAGED)\("(\w+)"|'
                  r"(?:QUERY|QUERY_PAGED)\(\s*\w+,\s*(\w+)|"
                  r'\{\s*"([A-Z]\w+)",\s*[RWU]\b')
ACTION = re.compile(r"^\s*(?:- |Action: )([a-z][a-z0-9-]*:[A-Z]\w+)\s*$", re.M)
QUOTED = re.compile(r'"((?:drs|ec2|iam|kms|servicequotas):[A-Z]\w+)"')
CONDITIONS = {"iam:PassedToService"}
SERVICES = {"quotas": "servicequotas"}


def read(*parts):
    """The text of a file of the checkout."""
    with open(os.path.join(TOP, *parts), encoding="utf-8") as f:
        return f.read()


def operations():
    """(service, operation) of the client's table."""
    found = set()
    for service, body in OPS.findall(read("worker", "aws", "aws_ops.c")):
        for names in NAME.findall(body):
            found.add((SERVICES.get(service, service),
                       next(n for n in names if n)))
    return found


def called():
    """Actions that the worker's code outside of the client calls."""
    code = ""
    for path in glob.glob(os.path.join(TOP, "worker", "**", "*.c"),
                          recursive=True):
        if not path.startswith(os.path.join(TOP, "worker", "aws")):
            with open(path, encoding="utf-8") as f:
                code += f.read()
    # wrappers of the client: what they call, by the name they have
    wraps = {}
    for path in glob.glob(os.path.join(TOP, "worker", "aws", "*.c")):
        if os.path.basename(path) == "aws_ops.c":
            continue
        with open(path, encoding="utf-8") as f:
            text = f.read()
        for part in re.split(r"\n\}\n", text):
            head = re.search(r"\n(?:\w+ )?(drsw_\w+)\(", part)
            if head:
                wraps.setdefault(head.group(1), set()).update(
                    re.findall(r'"([A-Z][A-Za-z]+)"', part))
    used = set(re.findall(r"\bdrsw_\w+", code))
    names = set(re.findall(r'"([A-Z][A-Za-z]+)"', code))
    for function, inner in wraps.items():
        if function in used:
            names |= inner
    # credentials are the client's own affair
    names |= {"AssumeRole", "GetCallerIdentity", "AssumeRoleWithWebIdentity"}
    found = {f"{service}:{name}" for service, name in operations()
             if name in names}
    return found | {right for right, (action, text) in PARAMETERS.items()
                    if action in found and text in code}


def main():
    """Compare; the exit code."""
    errors = []
    allowed = {name: set(ACTION.findall(read(TEMPLATES, name)))
               for name in ("hub-role.yaml", "target-account-role.yaml")}
    calls = called() - FREE
    asked = set()
    for name in ("tasks/drsw_rights.c", "drsw_contact_perm.c"):
        asked |= set(QUOTED.findall(read("worker", *name.split("/"))))
    asked -= CONDITIONS
    for name, actions in sorted(allowed.items()):
        for action in sorted((calls | asked) - actions):
            if name.startswith("hub") or action.split(":")[0] not in HUB_ONLY:
                errors.append(f"{TEMPLATES}/{name} does not allow {action}")
        for action in sorted(actions - calls - asked - FOR_DRS):
            errors.append(f"{TEMPLATES}/{name} allows {action}, which nothing "
                          "needs")
    for action in sorted(calls - asked):
        if action.split(":")[0] not in HUB_ONLY:
            errors.append("worker/drsw_contact_perm.c does not list "
                          f"{action}, which the worker calls")
    for error in errors:
        print(error, file=sys.stderr)
    if not errors:
        print(f"permissions: {len(calls)} operations, "
              f"{len(allowed['target-account-role.yaml'])} actions")
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
