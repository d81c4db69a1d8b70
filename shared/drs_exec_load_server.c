
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Servers of an execution record.  There may be thousands: their documents are
 * read member by member, without a tree.
 */

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "drs_exec.h"
#include "drs_jtext.h"
#include "drs_time.h"


typedef enum {
    DRS_XS_STR = 0,
    DRS_XS_INT,
    DRS_XS_TIME, /* epoch seconds to milliseconds */
    DRS_XS_STATUS,
    DRS_XS_PHASE,
    DRS_XS_OPTIONAL,
    DRS_XS_POINT,
    DRS_XS_ACTIONS
} drs_xs_kind_t;

typedef struct {
    const char   *name;
    size_t        len, offset;
    drs_xs_kind_t kind;
} drs_xs_row_t;

/* State of one call; `rc` sticks. */
typedef struct {
    drs_exec_t        *e;
    drs_exec_server_t *s;
    drs_exec_error_t  *err;
    drs_str_t          id;
    int                rc;
    char              *text; /* of the document */
} drs_xs_t;

#define DRS_XS(name, field, kind)                                              \
    {                                                                          \
        name, sizeof(name) - 1, offsetof(drs_exec_server_t, field), kind       \
    }

/* in the order of drs_exec_save_server(): the next row is the likely one */
static const drs_xs_row_t drs_xs_rows[] = {
    DRS_XS("waveNumber", wave, DRS_XS_INT),
    DRS_XS("unitId", unit, DRS_XS_STR),
    DRS_XS("accountId", account, DRS_XS_STR),
    DRS_XS("region", region, DRS_XS_STR),
    DRS_XS("launchStatus", status, DRS_XS_STATUS),
    DRS_XS("phase", phase, DRS_XS_PHASE),
    DRS_XS("phaseSince", phase_since_at, DRS_XS_TIME),
    DRS_XS("attempt", attempt, DRS_XS_INT),
    DRS_XS("criticality", optional, DRS_XS_OPTIONAL),
    DRS_XS("serverName", name, DRS_XS_STR),
    DRS_XS("hostname", hostname, DRS_XS_STR),
    DRS_XS("sourceInstanceId", source_instance, DRS_XS_STR),
    DRS_XS("sourceAccountId", source_account, DRS_XS_STR),
    DRS_XS("sourceRegion", source_region, DRS_XS_STR),
    DRS_XS("sourceIp", source_ip, DRS_XS_STR),
    DRS_XS("replicationState", replication, DRS_XS_STR),
    DRS_XS("lagAtStart", lag, DRS_XS_STR),
    DRS_XS("protectionGroupId", group, DRS_XS_STR),
    DRS_XS("recoverySnapshotId", snapshot, DRS_XS_STR),
    DRS_XS("stagingAccountId", staging_account, DRS_XS_STR),
    DRS_XS("recoveryInstanceId", instance, DRS_XS_STR),
    DRS_XS("privateIp", private_ip, DRS_XS_STR),
    DRS_XS("instanceType", instance_type, DRS_XS_STR),
    DRS_XS("instanceState", instance_state, DRS_XS_STR),
    DRS_XS("nameTag", name_tag, DRS_XS_STR),
    DRS_XS("launchTime", launch_at, DRS_XS_TIME),
    DRS_XS("launchedAt", launched_at, DRS_XS_TIME),
    DRS_XS("enriched", enriched, DRS_XS_INT),
    DRS_XS("recoveryPoint", rp_snapshot, DRS_XS_POINT),
    DRS_XS("launchActions", actions, DRS_XS_ACTIONS),
    DRS_XS("error", error, DRS_XS_STR),
    DRS_XS("errorCode", error_code, DRS_XS_STR),
    DRS_XS("advice", advice, DRS_XS_STR)
};

#define DRS_XS_N (sizeof(drs_xs_rows) / sizeof(drs_xs_rows[0]))


static void
drs_xs_bad(drs_xs_t *x, const char *field, const char *what)
{
    if (x->rc == DRS_OK) {
        x->rc = DRS_DECLINED;
        (void) snprintf(x->err->text, sizeof(x->err->text),
                        "server %.*s: field \"%s\" %s",
                        x->id.len > 40 ? 40 : (int) x->id.len,
                        x->id.data ? x->id.data : "", field, what);
    }
}


/* A plain string ends in place: the document is a copy of the record's. */
static const char *
drs_xs_str(drs_xs_t *x, drs_str_t raw)
{
    const char *z;

    if (drs_jread_plain(raw).data != NULL) {
        x->text[raw.data - x->text + (ptrdiff_t) raw.len - 1] = '\0';
        return raw.data + 1;
    }

    z = drs_jread_string(x->e->arena, raw);
    if (z == NULL) {
        x->rc = DRS_ERROR;
        return "";
    }

    return z;
}


static int
drs_xs_enum(drs_xs_t *x, const char *field, drs_str_t raw,
            int (*by_name)(drs_str_t s))
{
    int       v;
    drs_str_t s;

    s = drs_jread_plain(raw);
    if (s.len == 0) {
        return 0;
    }

    v = by_name(s);
    if (v < 0) {
        drs_xs_bad(x, field, "has an unknown value");
        return 0;
    }

    return v;
}


static void
drs_xs_point(drs_xs_t *x, drs_str_t raw)
{
    drs_str_t   name, value;
    drs_jread_t r;

    if (drs_jread_open(&r, raw) != DRS_OK || r.close != '}') {
        return;
    }

    while (drs_jread_next(&r, &name, &value) == 1) {
        if (drs_str_eqz(name, "snapshotId")) {
            x->s->rp_snapshot = drs_xs_str(x, value);

        } else if (drs_str_eqz(name, "time")) {
            x->s->rp_time = drs_xs_str(x, value);

        } else if (drs_str_eqz(name, "usedPrevious")) {
            x->s->rp_previous = drs_str_eqz(value, "true");
        }
    }
}


static void
drs_xs_take(drs_xs_t *x, const drs_xs_row_t *row, drs_str_t raw)
{
    char *at;

    at = (char *) x->s + row->offset;

    switch (row->kind) {
    case DRS_XS_STR:
        *(const char **) (void *) at = drs_xs_str(x, raw);
        break;

    case DRS_XS_INT:
        *(int *) (void *) at = (int) drs_jread_int(raw, *(int *) (void *) at);
        break;

    case DRS_XS_TIME:
        *(int64_t *) (void *) at = drs_time_ms(drs_jread_int(raw, 0));
        break;

    case DRS_XS_STATUS:
        x->s->status = (drs_launch_status_t) drs_xs_enum(
            x, row->name, raw, drs_launch_status_by_name);
        break;

    case DRS_XS_PHASE:
        x->s->phase =
            (drs_phase_t) drs_xs_enum(x, row->name, raw, drs_phase_by_name);
        break;

    case DRS_XS_OPTIONAL:
        x->s->optional = drs_str_eqz(raw, "\"OPTIONAL\"");
        break;

    case DRS_XS_POINT:
        drs_xs_point(x, raw);
        break;

    case DRS_XS_ACTIONS:
        if (raw.data[0] == '[') {
            x->s->actions = drs_arena_str(x->e->arena, raw);
            if (x->s->actions == NULL) {
                x->s->actions = "";
                x->rc = DRS_ERROR;
            }
        }
        break;
    }
}


static void
drs_xs_doc(drs_xs_t *x, drs_str_t json)
{
    int                 rc;
    size_t              at, k;
    drs_str_t           name, value;
    drs_jread_t         r;
    const drs_xs_row_t *row;

    if (json.len == 0) {
        return;
    }

    x->text = drs_arena_alloc(x->e->arena, json.len);

    if (x->text == NULL) {
        x->rc = DRS_ERROR;
        return;
    }

    memcpy(x->text, json.data, json.len);

    if (drs_jread_open(&r, drs_strn(x->text, json.len)) != DRS_OK
        || r.close != '}') {
        drs_xs_bad(x, "document", "is not a JSON object");
        return;
    }

    at = 0;

    while ((rc = drs_jread_next(&r, &name, &value)) == 1) {
        for (k = 0; k < DRS_XS_N; k++) {
            row = &drs_xs_rows[(at + k) % DRS_XS_N];

            if (row->len == name.len
                && memcmp(row->name, name.data, name.len) == 0) {
                drs_xs_take(x, row, value);
                at = at + k + 1;
                break;
            }
        }
    }

    if (rc != 0) {
        drs_xs_bad(x, "document", "is not a JSON object");
    }
}


int
drs_exec_load_server(drs_exec_t *e, drs_str_t id, drs_str_t json,
                     drs_exec_error_t *err)
{
    void    *base;
    drs_xs_t x = { e, NULL, err, id, DRS_OK, NULL };

    base = e->servers;
    x.s = drs_arena_push(e->arena, &base, &e->nservers, &e->servers_cap,
                         sizeof(drs_exec_server_t));
    if (x.s == NULL) {
        return DRS_ERROR;
    }

    e->servers = base;
    drs_exec_server_clear(x.s);
    x.s->wave = -1;
    x.s->attempt = 1;
    x.s->id = drs_arena_str(e->arena, id);

    if (x.s->id == NULL) {
        e->nservers--;
        return DRS_ERROR;
    }

    drs_xs_doc(&x, json);

    if (x.rc != DRS_OK) {
        e->nservers--;
    }

    return x.rc;
}
