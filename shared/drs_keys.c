
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include <stdlib.h>
#include <string.h>

#include "drs_buf.h"
#include "drs_keys.h"


static int drs_key_write(drs_buf_t *b, drs_str_t prefix, drs_key_t key,
                         const drs_str_t *parts, size_t n);


static const char *const drs_key_patterns[DRS_KEY_N] = {
    [DRS_KEY_PG] = "pg:<id>",
    [DRS_KEY_PG_VER] = "pg:ver",
    [DRS_KEY_PG_IDS] = "pg:ids",
    [DRS_KEY_PG_NAME] = "pg:name",
    [DRS_KEY_PG_SERVER] = "pg:server:<account>:<region>",
    [DRS_KEY_PG_TAGS] = "pg:tags:<account>:<region>",
    [DRS_KEY_PG_PLANS] = "pg:plans:<groupId>",
    [DRS_KEY_PG_LAUNCH] = "pg:launch:<groupId>",
    [DRS_KEY_PLAN] = "plan:<id>",
    [DRS_KEY_PLAN_VER] = "plan:ver",
    [DRS_KEY_PLAN_IDS] = "plan:ids",
    [DRS_KEY_PLAN_NAME] = "plan:name",
    [DRS_KEY_PLAN_LAST] = "plan:last",
    [DRS_KEY_PLAN_STATUS] = "plan:status:<S>",
    [DRS_KEY_ACCT] = "acct:<id>",
    [DRS_KEY_ACCT_VER] = "acct:ver",
    [DRS_KEY_ACCT_IDS] = "acct:ids",
    [DRS_KEY_ACCT_NAME] = "acct:name",
    [DRS_KEY_ACCT_GROUPS] = "acct:groups:<accountId>",
    [DRS_KEY_ACCT_RUNS] = "acct:runs:<accountId>",
    [DRS_KEY_SCHED] = "sched:<id>",
    [DRS_KEY_SCHED_VER] = "sched:ver",
    [DRS_KEY_SCHED_IDS] = "sched:ids",
    [DRS_KEY_SCHED_PLAN] = "sched:plan:<planId>",
    [DRS_KEY_SCHED_RUN] = "sched:run:<id>",
    [DRS_KEY_HOOK] = "hook:<id>",
    [DRS_KEY_HOOK_VER] = "hook:ver",
    [DRS_KEY_HOOK_IDS] = "hook:ids",
    [DRS_KEY_HOOK_LAST] = "hook:last",
    [DRS_KEY_SETTINGS] = "settings:<name>",
    [DRS_KEY_SETTINGS_VER] = "settings:ver",
    [DRS_KEY_EXEC] = "exec:<id>",
    [DRS_KEY_EXEC_WAVE] = "exec:<id>:w:<n>",
    [DRS_KEY_EXEC_UNIT] = "exec:<id>:u:<unit>",
    [DRS_KEY_EXEC_UNITS] = "exec:<id>:units",
    [DRS_KEY_EXEC_SERVERS] = "exec:<id>:s",
    [DRS_KEY_EXEC_CLAIMS] = "exec:<id>:claims",
    [DRS_KEY_EXEC_TERM] = "exec:<id>:term",
    [DRS_KEY_EXEC_EVENTS] = "exec:<id>:ev",
    [DRS_KEY_EXEC_CMDS] = "exec:<id>:cmds",
    [DRS_KEY_EXEC_START] = "exec:start",
    [DRS_KEY_EXEC_STATUS] = "exec:status:<S>",
    [DRS_KEY_EXEC_PLAN] = "exec:plan:<planId>",
    [DRS_KEY_EXEC_ACCT] = "exec:acct:<account>",
    [DRS_KEY_EXEC_TYPE] = "exec:type:<T>",
    [DRS_KEY_EXEC_BY] = "exec:by:<initiatedBy>",
    [DRS_KEY_EXEC_SOURCE] = "exec:source:<S>",
    [DRS_KEY_EXEC_NAME] = "exec:name:<folded name>",
    [DRS_KEY_EXEC_NAMES] = "exec:names",
    [DRS_KEY_EXEC_PACK] = "exec:pack:<n>",
    [DRS_KEY_CLAIM_PLAN] = "claim:plan:<planId>",
    [DRS_KEY_CLAIM_SRV] = "claim:srv:<account>:<region>",
    [DRS_KEY_HOLD] = "hold:<account>:<region>:<server>",
    [DRS_KEY_JOB] = "job:<account>:<region>",
    [DRS_KEY_DRSJOBS] = "drsjobs",
    [DRS_KEY_WATCH] = "watch:<account>:<region>",
    [DRS_KEY_OBS] = "obs:<account>:<region>",
    [DRS_KEY_CAP_QUEUE] = "cap:queue:<account>:<region>",
    [DRS_KEY_CAP_HELD] = "cap:held:<account>:<region>",
    [DRS_KEY_CAP_SEEN] = "cap:seen:<account>:<region>",
    [DRS_KEY_CAP_LIMITS] = "cap:limits:<account>:<region>",
    [DRS_KEY_CAP_PLACES] = "cap:places",
    [DRS_KEY_QUOTAS] = "quotas:<account>:<region>",
    [DRS_KEY_RATE_AWS] = "rate:aws:<account>:<region>:<api>",
    [DRS_KEY_CMD] = "cmd",
    [DRS_KEY_CMD_DEAD] = "cmd:dead",
    [DRS_KEY_CMD_DONE] = "cmd:done:<commandId>",
    [DRS_KEY_REPLY] = "reply:<commandId>",
    [DRS_KEY_DUE] = "due",
    [DRS_KEY_LEASE] = "lease:<task>",
    [DRS_KEY_FENCE] = "fence",
    [DRS_KEY_POKE] = "poke",
    [DRS_KEY_WORKER] = "worker:<id>",
    [DRS_KEY_WORKERS] = "workers",
    [DRS_KEY_METRICS] = "metrics:<id>",
    [DRS_KEY_DRAIN] = "drain",
    [DRS_KEY_META] = "meta",
    [DRS_KEY_TEST_OFFSET] = "test:offset",
    [DRS_KEY_EVENTS] = "events",
    [DRS_KEY_LIVE] = "live",
    [DRS_KEY_AUDIT_IN] = "audit:in",
    [DRS_KEY_AUDIT] = "audit",
    [DRS_KEY_AUDIT_HEAD] = "audit:head",
    [DRS_KEY_AUDIT_CUT] = "audit:cut",
    [DRS_KEY_AUDIT_BY] = "audit:by:<filter>:<value>",
    [DRS_KEY_AUDIT_SEEN] = "audit:seen:<address>",
    [DRS_KEY_IDEM] = "idem:<sub>:<route>:<key>",
    [DRS_KEY_JWKS] = "jwks:<issuer hash>",
    [DRS_KEY_JWKS_META] = "jwks:meta",
    [DRS_KEY_JWKS_WANT] = "jwks:want",
    [DRS_KEY_JWKS_CHANNEL] = "jwks",
    [DRS_KEY_SEAL_PUB] = "seal:pub",
    [DRS_KEY_USER] = "user:<name>",
    [DRS_KEY_USER_IDS] = "user:ids",
    [DRS_KEY_USER_SESSIONS] = "user:<name>:sessions",
    [DRS_KEY_SESSION] = "session:<id>",
    [DRS_KEY_REVOKED] = "revoked:<jti or sub>",
    [DRS_KEY_REVOKED_CHANNEL] = "revoked",
    [DRS_KEY_RATE_LOGIN] = "rate:login:<name>",
    [DRS_KEY_INV] = "inv:<account>:<region>",
    [DRS_KEY_INV_META] = "inv:meta:<account>:<region>",
    [DRS_KEY_INV_VIEW] = "inv:view:<account>:<region>",
    [DRS_KEY_INV_ORDER] = "inv:order:<account>:<region>",
    [DRS_KEY_INV_NEW] = "inv:new:<token>",
    [DRS_KEY_INV_NEW_VIEW] = "inv:new:view:<token>",
    [DRS_KEY_INV_NEW_ORDER] = "inv:new:order:<token>",
    [DRS_KEY_INV_SOURCE] = "inv:source:<account>:<region>",
    [DRS_KEY_REGION] = "region:<account>:<region>",
    [DRS_KEY_RUNS] = "runs",
    [DRS_KEY_STAGING_OWNER] = "staging:owner",
    [DRS_KEY_STAGING_RUN] = "staging:run:<accountId>",
    [DRS_KEY_STAGING_WAIT] = "staging:wait:<account>:<region>",
    [DRS_KEY_CAPACITY] = "capacity:<scope>",
    [DRS_KEY_PICK] = "pick:<list>:<account>:<region>",
    [DRS_KEY_RI] = "ri:<account>:<region>",
    [DRS_KEY_RI_RUN] = "ri:run",
    [DRS_KEY_TAGSYNC_RUN] = "tagsync:run",
    [DRS_KEY_TAGSYNC_WANT] = "tagsync:want",
    [DRS_KEY_TAGSYNC_KEYS] = "tagsync:keys:<account>:<region>",
    [DRS_KEY_OUTBOX] = "outbox",
    [DRS_KEY_OUTBOX_DONE] = "outbox:done:<key>",
    [DRS_KEY_OUTBOX_OPEN] = "outbox:open",
    [DRS_KEY_OUTBOX_ENTRY] = "outbox:d:<deliveryId>",
    [DRS_KEY_OUTBOX_QUEUE] = "outbox:q:<channel>:<scope>",
    [DRS_KEY_OUTBOX_DUE] = "outbox:due:<channel>",
    [DRS_KEY_OUTBOX_DEAD] = "outbox:dead",
    [DRS_KEY_LINK] = "link:<hash>",
    [DRS_KEY_RATE_LINK] = "rate:link:<address>",
    [DRS_KEY_SUBS] = "subs",
};


const char *
drs_key_pattern(drs_key_t key)
{
    if ((unsigned) key >= DRS_KEY_N) {
        return NULL;
    }

    return drs_key_patterns[key];
}


size_t
drs_key_parts(drs_key_t key)
{
    size_t      n;
    const char *p;

    p = drs_key_pattern(key);
    n = 0;

    while (p != NULL && (p = strchr(p, '<')) != NULL) {
        n++;
        p++;
    }

    return n;
}


static int
drs_key_write(drs_buf_t *b, drs_str_t prefix, drs_key_t key,
              const drs_str_t *parts, size_t n)
{
    size_t      i;
    const char *p, *open;

    p = drs_key_pattern(key);

    if (p == NULL || drs_key_parts(key) != n) {
        return DRS_ERROR;
    }

    (void) drs_buf_str_append(b, prefix);
    (void) drs_buf_putc(b, ':');

    for (i = 0; i < n; i++) {
        open = strchr(p, '<');
        (void) drs_buf_append(b, p, (size_t) (open - p));
        (void) drs_buf_str_append(b, parts[i]);
        p = strchr(open, '>') + 1;
    }

    return drs_buf_puts(b, p);
}


int
drs_cmd_key(drs_cmd_t *c, drs_str_t prefix, drs_key_t key,
            const drs_str_t *parts, size_t n)
{
    int       rc;
    drs_buf_t b;

    drs_buf_init(&b, 0);

    rc = drs_key_write(&b, prefix, key, parts, n);

    if (rc == DRS_OK) {
        rc = drs_cmd_add(c, drs_buf_str(&b));

    } else if (c != NULL) {
        c->failed = 1;
    }

    drs_buf_free(&b);

    return rc;
}


int
drs_cmd_key0(drs_cmd_t *c, drs_str_t prefix, drs_key_t key)
{
    return drs_cmd_key(c, prefix, key, NULL, 0);
}


int
drs_cmd_key1(drs_cmd_t *c, drs_str_t prefix, drs_key_t key, drs_str_t a)
{
    return drs_cmd_key(c, prefix, key, &a, 1);
}


int
drs_cmd_key2(drs_cmd_t *c, drs_str_t prefix, drs_key_t key, drs_str_t a,
             drs_str_t b)
{
    drs_str_t parts[2];

    parts[0] = a;
    parts[1] = b;

    return drs_cmd_key(c, prefix, key, parts, 2);
}


int
drs_cmd_key_wave(drs_cmd_t *c, drs_str_t prefix, drs_str_t exec_id,
                 unsigned wave)
{
    int       rc;
    drs_buf_t b;

    drs_buf_init(&b, 0);
    (void) drs_buf_printf(&b, "%u", wave);

    if (!drs_buf_ok(&b)) {
        if (c != NULL) {
            c->failed = 1;
        }
        drs_buf_free(&b);
        return DRS_ERROR;
    }

    rc = drs_cmd_key2(c, prefix, DRS_KEY_EXEC_WAVE, exec_id, drs_buf_str(&b));
    drs_buf_free(&b);

    return rc;
}


char *
drs_key_make(drs_str_t prefix, drs_key_t key, const drs_str_t *parts, size_t n)
{
    drs_buf_t b;

    drs_buf_init(&b, 0);

    if (drs_key_write(&b, prefix, key, parts, n) != DRS_OK) {
        drs_buf_free(&b);
        return NULL;
    }

    return drs_buf_steal(&b, NULL);
}


static drs_cmd_t *
drs_key_cmd(const char *name, drs_str_t prefix, drs_key_t key,
            const drs_str_t *parts, size_t n)
{
    drs_cmd_t *c;

    c = drs_cmd_words(name, NULL);

    if (drs_cmd_key(c, prefix, key, parts, n) != DRS_OK) {
        drs_cmd_free(c);
        return NULL;
    }

    return c;
}


drs_cmd_t *
drs_key_cmd0(const char *name, drs_str_t prefix, drs_key_t key)
{
    return drs_key_cmd(name, prefix, key, NULL, 0);
}


drs_cmd_t *
drs_key_cmd1(const char *name, drs_str_t prefix, drs_key_t key, drs_str_t a)
{
    return drs_key_cmd(name, prefix, key, &a, 1);
}


drs_cmd_t *
drs_key_cmd2(const char *name, drs_str_t prefix, drs_key_t key, drs_str_t a,
             drs_str_t b)
{
    drs_str_t parts[2];

    parts[0] = a;
    parts[1] = b;

    return drs_key_cmd(name, prefix, key, parts, 2);
}


int
drs_key_prefix_valid(drs_str_t prefix)
{
    char   ch;
    size_t i, open, close;

    if (prefix.len < 1 || prefix.len > 64) {
        return 0;
    }

    open = close = prefix.len;

    for (i = 0; i < prefix.len; i++) {
        ch = prefix.data[i];

        if (ch <= ' ' || ch > '~' || ch == '"' || ch == '\'') {
            return 0;
        }

        if (ch == '{') {
            if (open != prefix.len) {
                return 0;
            }
            open = i;

        } else if (ch == '}') {
            if (open == prefix.len || close != prefix.len) {
                return 0;
            }
            close = i;
        }
    }

    return close != prefix.len && close > open + 1;
}
