
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include "drs_sse.h"

#include <string.h>


int
drs_sid_parse(drs_str_t s, drs_sid_t *id)
{
    drs_str_t ms;

    id->n = 0;

    if (!drs_str_split(&s, '-', &ms) || drs_str_u64(ms, &id->ms) != DRS_OK) {
        return DRS_DECLINED;
    }

    if (s.data != NULL && drs_str_u64(s, &id->n) != DRS_OK) {
        return DRS_DECLINED;
    }

    return DRS_OK;
}


int
drs_sid_cmp(drs_sid_t a, drs_sid_t b)
{
    if (a.ms != b.ms) {
        return a.ms < b.ms ? -1 : 1;
    }

    return a.n < b.n ? -1 : a.n > b.n;
}


/* p is behind the opening quote; returns behind the closing one, or NULL. */
static const char *
drs_sse_skip_string(const char *p, const char *end)
{
    for (/* void */; p < end; p++) {
        if (*p == '\\') {
            p++;
            continue;
        }

        if (*p == '"') {
            return p + 1;
        }
    }

    return NULL;
}


/* Behind the value that begins at p, or NULL. */
static const char *
drs_sse_skip_value(const char *p, const char *end)
{
    unsigned depth;

    depth = 0;

    while (p < end) {
        switch (*p) {
        case '"':
            p = drs_sse_skip_string(p + 1, end);
            if (p == NULL) {
                return NULL;
            }
            break;

        case '{':
        case '[':
            depth++;
            p++;
            continue;

        case '}':
        case ']':
            if (depth == 0) {
                return p;
            }
            depth--;
            p++;
            break;

        case ',':
            if (depth == 0) {
                return p;
            }
            p++;
            continue;

        default:
            p++;
            continue;
        }

        if (depth == 0) {
            return p;
        }
    }

    return NULL;
}


int
drs_sse_scan(drs_str_t json, drs_sse_event_t *ev)
{
    drs_str_t   key, value;
    const char *p, *end, *start;

    memset(ev, 0, sizeof(drs_sse_event_t));

    p = json.data;
    end = p + json.len;

    if (json.len < 2 || *p != '{' || end[-1] != '}') {
        return DRS_DECLINED;
    }

    p++;

    while (p < end && *p != '}') {
        if (*p != '"') {
            p++;
            continue;
        }

        start = p + 1;
        p = drs_sse_skip_string(start, end);
        if (p == NULL || p >= end || *p != ':') {
            return DRS_DECLINED;
        }

        key = drs_strn(start, (size_t) (p - 1 - start));
        start = ++p;

        p = drs_sse_skip_value(p, end);
        if (p == NULL) {
            return DRS_DECLINED;
        }

        if (*start != '"') {
            continue;
        }

        value = drs_strn(start + 1, (size_t) (p - start - 2));

        if (drs_str_eqz(key, "event")) {
            ev->event = value;

        } else if (drs_str_eqz(key, "topic")) {
            ev->topic = value;

        } else if (drs_str_eqz(key, "accountId")) {
            ev->account = value;
        }
    }

    return ev->event.len ? DRS_OK : DRS_DECLINED;
}
