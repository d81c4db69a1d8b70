/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "drs_json.h"
#include "drs_utf8.h"
#include "drs_view_ec2.h"


#define DRS_PICK_DESCRIPTION 100


static const char *const drs_pick_names[] = { "", "subnets", "security-groups",
                                              "instance-profiles",
                                              "instance-types" };

static const char *const drs_pick_members[] = { "", "subnets", "securityGroups",
                                                "instanceProfiles",
                                                "instanceTypes" };


const char *
drs_pick_name(drs_pick_t pick)
{
    return drs_pick_names[pick];
}


drs_pick_t
drs_pick_by_name(drs_str_t name)
{
    int i;

    for (i = DRS_PICK_SUBNETS; i <= DRS_PICK_TYPES; i++) {
        if (drs_str_eqz(name, drs_pick_names[i])) {
            return (drs_pick_t) i;
        }
    }

    return DRS_PICK_NONE;
}


static json_t *
drs_pick_text(const json_t *item, const char *name)
{
    json_t *v;

    v = json_object_get(item, name);

    return json_is_string(v) ? json_incref(v) : json_string("");
}


static json_t *
drs_pick_subnet(const json_t *item)
{
    char      label[512];
    size_t    i;
    json_t   *tag;
    drs_str_t id, name, cidr, az;

    id = drs_json_field(item, "SubnetId");
    cidr = drs_json_field(item, "CidrBlock");
    az = drs_json_field(item, "AvailabilityZone");
    name = drs_str(NULL);

    json_array_foreach (json_object_get(item, "Tags"), i, tag) {
        if (drs_str_eqz(drs_json_field(tag, "Key"), "Name")) {
            name = drs_json_field(tag, "Value");
        }
    }

    if (name.len > 0) {
        (void) snprintf(label, sizeof(label), "%.*s (%.*s) - %.*s - %.*s",
                        DRS_STR_ARG(name), DRS_STR_ARG(id), DRS_STR_ARG(cidr),
                        DRS_STR_ARG(az));
    } else {
        (void) snprintf(label, sizeof(label), "%.*s - %.*s - %.*s",
                        DRS_STR_ARG(id), DRS_STR_ARG(cidr), DRS_STR_ARG(az));
    }

    return json_pack("{s:o, s:s, s:o, s:o, s:o}", "value",
                     drs_pick_text(item, "SubnetId"), "label", label, "vpcId",
                     drs_pick_text(item, "VpcId"), "az",
                     drs_pick_text(item, "AvailabilityZone"), "cidr",
                     drs_pick_text(item, "CidrBlock"));
}


/* At most DRS_PICK_DESCRIPTION characters, never half of one. */
static json_t *
drs_pick_cut(drs_str_t s)
{
    size_t i, n;

    n = 0;

    for (i = 0; i < s.len; i++) {
        if (((unsigned char) s.data[i] & 0xc0) != 0x80
            && ++n > DRS_PICK_DESCRIPTION) {
            break;
        }
    }

    s.len = i;

    return s.data != NULL ? drs_json_new_str(s) : json_string("");
}


static json_t *
drs_pick_group(const json_t *item)
{
    char      label[400];
    drs_str_t id, name;

    id = drs_json_field(item, "GroupId");
    name = drs_json_field(item, "GroupName");
    (void) snprintf(label, sizeof(label), "%.*s (%.*s)", DRS_STR_ARG(name),
                    DRS_STR_ARG(id));

    return json_pack("{s:o, s:s, s:o, s:o, s:o}", "value",
                     drs_pick_text(item, "GroupId"), "label", label, "name",
                     drs_pick_text(item, "GroupName"), "vpcId",
                     drs_pick_text(item, "VpcId"), "description",
                     drs_pick_cut(drs_json_field(item, "Description")));
}


static json_t *
drs_pick_profile(const json_t *item)
{
    return json_pack("{s:o, s:o, s:o}", "value",
                     drs_pick_text(item, "InstanceProfileName"), "label",
                     drs_pick_text(item, "InstanceProfileName"), "arn",
                     drs_pick_text(item, "Arn"));
}


/* NULL for bare metal: its size begins with "metal". */
static json_t *
drs_pick_type(const json_t *item)
{
    char        label[160], gb[32];
    int64_t     cpus, mib;
    const char *type, *dot;

    type = json_string_value(json_object_get(item, "InstanceType"));
    dot = type != NULL ? strchr(type, '.') : NULL;

    if (dot == NULL || strncmp(dot + 1, "metal", 5) == 0) {
        return NULL;
    }

    cpus = drs_json_int(json_object_get(item, "VCpuInfo"), "DefaultVCpus", 0);
    mib = drs_json_int(json_object_get(item, "MemoryInfo"), "SizeInMiB", 0);
    (void) snprintf(gb, sizeof(gb), "%g", (double) mib / 1024.0);
    (void) snprintf(label, sizeof(label), "%s (%lld vCPU, %s GB)", type,
                    (long long) cpus, gb);

    return json_pack("{s:s, s:s, s:I, s:o}", "value", type, "label", label,
                     "vcpus", (json_int_t) cpus, "memoryGb",
                     drs_json_new_number((double) mib / 1024.0));
}


static int
drs_pick_order_text(const json_t *a, const json_t *b, const char *field)
{
    int         rc;
    const char *x, *y;

    x = json_string_value(json_object_get(a, field));
    y = json_string_value(json_object_get(b, field));
    rc = strcasecmp(x, y);

    return rc != 0 ? rc
                   : strcmp(json_string_value(json_object_get(a, "value")),
                            json_string_value(json_object_get(b, "value")));
}


static int
drs_pick_order_label(const void *a, const void *b)
{
    return drs_pick_order_text(*(json_t *const *) a, *(json_t *const *) b,
                               "label");
}


static int
drs_pick_order_name(const void *a, const void *b)
{
    return drs_pick_order_text(*(json_t *const *) a, *(json_t *const *) b,
                               "name");
}


/* Family, then vCPUs, then memory. */
static int
drs_pick_order_type(const void *a, const void *b)
{
    int           rc;
    size_t        n, m;
    double        u, v;
    const char   *x, *y;
    const json_t *p, *q;

    p = *(json_t *const *) a;
    q = *(json_t *const *) b;
    x = json_string_value(json_object_get(p, "value"));
    y = json_string_value(json_object_get(q, "value"));
    n = strcspn(x, ".");
    m = strcspn(y, ".");
    rc = strncmp(x, y, n < m ? n : m);

    if (rc != 0 || n != m) {
        return rc != 0 ? rc : n < m ? -1 : 1;
    }

    u = (double) drs_json_int(p, "vcpus", 0);
    v = (double) drs_json_int(q, "vcpus", 0);

    if (u == v) {
        u = json_number_value(json_object_get(p, "memoryGb"));
        v = json_number_value(json_object_get(q, "memoryGb"));
    }

    return u < v ? -1 : u > v ? 1 : strcmp(x, y);
}


static void
drs_pick_sort(json_t *list, int (*order)(const void *, const void *))
{
    size_t   i, n;
    json_t **v;

    n = json_array_size(list);
    v = calloc(n + 1, sizeof(*v));

    if (v == NULL) {
        return;
    }

    for (i = 0; i < n; i++) {
        v[i] = json_incref(json_array_get(list, i));
    }

    qsort(v, n, sizeof(*v), order);

    for (i = 0; i < n; i++) {
        (void) json_array_set_new(list, i, v[i]);
    }

    free(v);
}


json_t *
drs_view_pick(drs_pick_t pick, const json_t *items)
{
    size_t  i;
    json_t *list, *item, *o;

    static int (*const order[])(const void *, const void *) = {
        NULL, drs_pick_order_label, drs_pick_order_name, drs_pick_order_label,
        drs_pick_order_type
    };

    static json_t *(*const make[])(const json_t *) = {
        NULL, drs_pick_subnet, drs_pick_group, drs_pick_profile, drs_pick_type
    };

    list = json_array();

    json_array_foreach ((json_t *) items, i, item) {
        o = make[pick](item);

        if (o != NULL) {
            (void) json_array_append_new(list, o);
        }
    }

    drs_pick_sort(list, order[pick]);

    return json_pack("{s:o}", drs_pick_members[pick], list);
}


json_t *
drs_view_pick_vpc(const json_t *body, drs_str_t vpc)
{
    size_t  i;
    json_t *list, *item;

    if (vpc.len == 0) {
        return json_incref((json_t *) body);
    }

    list = json_array();

    json_array_foreach (json_object_get(body, "securityGroups"), i, item) {
        if (drs_str_eq(drs_json_field(item, "vpcId"), vpc)) {
            (void) json_array_append(list, item);
        }
    }

    return json_pack("{s:o}", "securityGroups", list);
}
