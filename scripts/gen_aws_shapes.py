#!/usr/bin/python3
"""Writes worker/aws/aws_shapes_{ec2,ec2_lt,misc}.c and aws_shapes.h.

The names come from the public AWS service models as Debian's botocore ships
them.  Only the operations listed here are written.  Requests and answers of
launch template data are merged into one table, so that what was read can be
sent back; members that only one side has lack the name of the other.

Run without arguments to rewrite the files, with --check to compare them.
"""

import os
import sys

import botocore.session

TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
OUT = os.path.join(TOP, "worker", "aws")

EC2 = """DescribeInstances DescribeSubnets DescribeSecurityGroups DescribeVpcs
DescribeNetworkInterfaces DescribeInstanceTypes DescribeInstanceTypeOfferings
DescribeKeyPairs DescribeTags DescribeRegions DescribeAvailabilityZones""".split()
EC2_LT = """DescribeLaunchTemplates DescribeLaunchTemplateVersions
CreateLaunchTemplateVersion ModifyLaunchTemplate
DeleteLaunchTemplateVersions""".split()
MISC = [
    ("sts", ["GetCallerIdentity", "AssumeRole", "AssumeRoleWithWebIdentity"]),
    ("iam", ["ListInstanceProfiles", "GetInstanceProfile", "ListAccountAliases",
             "SimulatePrincipalPolicy"]),
    ("sns", ["Publish", "Subscribe", "Unsubscribe", "ListSubscriptionsByTopic",
             "GetSubscriptionAttributes", "SetSubscriptionAttributes"]),
]

LICENSE = """
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Written by scripts/gen_aws_shapes.py; do not edit.
 */

/* clang-format off */

"""

SCALARS = {"string": "S", "timestamp": "S", "blob": "S", "integer": "I",
           "long": "I", "double": "R", "float": "R", "boolean": "B"}
TYPES = {"S": "STRING", "I": "INT", "R": "REAL", "B": "BOOL"}

MACROS = """#define S(n, x) { n, x, n, DRSW_SHAPE_STRING, 0, NULL }
#define I(n, x) { n, x, n, DRSW_SHAPE_INT, 0, NULL }
#define R(n, x) { n, x, n, DRSW_SHAPE_REAL, 0, NULL }
#define B(n, x) { n, x, n, DRSW_SHAPE_BOOL, 0, NULL }
#define M(n, x, q, t, i, s) { n, x, q, DRSW_SHAPE_##t, DRSW_SHAPE_##i, s }

"""


class Writer:
    def __init__(self, service, proto):
        self.service = service
        self.proto = proto
        self.text = []
        self.done = {}
        self.headers = []

    def wire(self, shape, name, side):
        ser = shape.serialization
        if side == "out":
            return ser.get("name", name)
        if self.proto == "ec2":
            if "queryName" in ser:
                return ser["queryName"]
            if "name" in ser:
                return ser["name"][0].upper() + ser["name"][1:]
            return name
        return ser.get("name", name)

    def struct(self, out, inp):
        """One table from an answer's and a request's structure."""
        key = (out.name if out else None, inp.name if inp else None)
        if key in self.done:
            return self.done[key]
        names = list(out.members) if out else []
        names += [n for n in (inp.members if inp else []) if n not in names]
        rows = []
        for name in names:
            o = out.members.get(name) if out else None
            i = inp.members.get(name) if inp else None
            rows.append(self.member(name, o, i, bool(out), bool(inp)))
        ident = "drsw_%s_%s" % (self.service, (out or inp).name)
        if ident in self.done.values():
            ident += "Request"
        self.done[key] = ident
        gap = "  " if len(ident) <= 44 else "\n    "
        self.text.append("static const drsw_member_t%s%s[] = {\n%s\n};\n"
                         % (gap, ident, layout(rows + ["DRSW_END"])))
        return ident

    def member(self, name, o, i, has_out, has_in):
        xml = self.wire(o, name, "out") if o else None
        query = self.wire(i, name, "in") if i else None
        shape = o or i
        kind = shape.type_name
        # in tables of one side only, the other name does not matter
        if not has_in and kind in SCALARS:
            return '%s("%s", "%s")' % (SCALARS[kind], name, xml)
        if not has_out and kind in SCALARS and query == name:
            return '%s("%s", NULL)' % (SCALARS[kind], name)
        if kind in SCALARS and o and i and query == name:
            return '%s("%s", "%s")' % (SCALARS[kind], name, xml)
        item, sub = "STRING", "NULL"
        if kind in SCALARS:
            kind = TYPES[SCALARS[kind]].lower()
        elif kind == "structure":
            sub = self.struct(o, i)
            kind = "struct"
        elif kind == "list":
            om, im = (o.member if o else None), (i.member if i else None)
            inner = om or im
            if self.proto == "query" and i:
                assert im.serialization.get("name", "member") == "member"
                assert not i.serialization.get("flattened")
            if inner.type_name == "structure":
                item, sub = "STRUCT", self.struct(om, im)
            else:
                item = TYPES[SCALARS[inner.type_name]]
        elif kind == "map":
            inner = shape.value
            if inner.type_name == "structure":
                item = "STRUCT"
                sub = self.struct(None, inner)
                assert shape.key.serialization.get("name") == "Name"
            else:
                item = TYPES[SCALARS[inner.type_name]]
            if has_in:
                xml = None

        def quote(s):
            return '"%s"' % s if s else "NULL"
        return "M(%s, %s, %s, %s, %s, %s)" % (
            quote(name), quote(xml), quote(query), kind.upper(), item, sub)

    def operation(self, model, op):
        om = model.operation_model(op)
        for side, shape in (("in", om.input_shape), ("out", om.output_shape)):
            ident = "drsw_%s_%s_%s" % (self.service, op, side)
            if shape is None or not shape.members:
                rows = []
            else:
                rows = []
                for name, m in shape.members.items():
                    rows.append(self.member(
                        name, m if side == "out" else None,
                        m if side == "in" else None, side == "out",
                        side == "in"))
            self.headers.append("extern const drsw_member_t  %s[];" % ident)
            self.text.append("const drsw_member_t  %s[] = {\n%s\n};\n"
                             % (ident, layout(rows + ["DRSW_END"])))


class TemplateWriter(Writer):
    """Request and answer of launch template data share their tables."""

    def __init__(self, model):
        super().__init__("ec2", "ec2")
        out = model.shape_for("ResponseLaunchTemplateData")
        inp = model.shape_for("RequestLaunchTemplateData")
        ident = self.struct(out, inp)
        self.done[(out.name, None)] = ident
        self.done[(None, inp.name)] = ident


def layout(rows):
    lines, cur = [], ""
    for row in rows:
        row += "," if row != "DRSW_END" else ""
        if cur and len(cur) + 1 + len(row) > 80:
            lines.append(cur)
            cur = ""
        if not cur:
            while len(row) + 4 > 80:
                cut = row.rfind(", ", 0, 75) + 1
                lines.append("    " + row[:cut] if not row.startswith("    ")
                             else row[:cut])
                row = "    " + row[cut + 1:]
            cur = "    " + row
        else:
            cur += " " + row
    lines.append(cur)
    return "\n".join(lines)


def source(writers):
    body = "\n\n".join(t for w in writers for t in w.text)
    used = "".join(line + "\n" for line in MACROS.splitlines()
                   if line and (line[8] + "(" in body))
    return (LICENSE + '#include "aws_shapes.h"\n\n\n' + used + "\n\n"
            + body)


def build():
    session = botocore.session.get_session()
    ec2 = session.get_service_model("ec2")
    main = Writer("ec2", "ec2")
    for op in EC2:
        main.operation(ec2, op)
    lt = TemplateWriter(ec2)
    for op in EC2_LT:
        lt.operation(ec2, op)
    misc = []
    for service, ops in MISC:
        w = Writer(service, "query")
        model = session.get_service_model(service)
        for op in ops:
            w.operation(model, op)
        misc.append(w)
    header = (LICENSE + "#ifndef DRSW_AWS_SHAPES_H\n#define DRSW_AWS_SHAPES_H"
              '\n\n#include "aws_shape.h"\n\n\n'
              + "\n".join(h for w in [main, lt] + misc for h in w.headers)
              + "\n\n#endif /* DRSW_AWS_SHAPES_H */\n")
    return {"aws_shapes.h": header, "aws_shapes_ec2.c": source([main]),
            "aws_shapes_ec2_lt.c": source([lt]),
            "aws_shapes_misc.c": source(misc)}


def main():
    stale = []
    for name, text in build().items():
        path = os.path.join(OUT, name)
        if "--check" in sys.argv[1:]:
            with open(path, encoding="ascii") as f:
                if f.read() != text:
                    stale.append(name)
            continue
        with open(path, "w", encoding="ascii") as f:
            f.write(text)
    if stale:
        sys.exit("stale, run scripts/gen_aws_shapes.py: " + ", ".join(stale))


if __name__ == "__main__":
    main()
