/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drs_doc_write.h"
#include "drs_json.h"
#include "drs_model.h"
#include "drs_model_group.h"
#include "drs_model_launch.h"
#include "drs_model_plan.h"
#include "drs_model_schedule.h"
#include "drs_time.h"
#include "drs_utf8.h"


/* Index operations under construction; `keep` owns the built strings. */
typedef struct {
    drs_doc_op_t *ops;
    size_t        n, size;
    json_t       *keep;
    unsigned      failed;
} drs_dw_ops_t;


static void
drs_dw_op(drs_dw_ops_t *o, drs_doc_op_kind_t op, drs_str_t key, drs_str_t field,
          const char *code)
{
    size_t        size;
    drs_doc_op_t *p;

    if (o->n == o->size) {
        size = o->size > 0 ? o->size * 2 : 16;
        p = realloc(o->ops, size * sizeof(*p));

        if (p == NULL) {
            o->failed = 1;
            return;
        }

        o->ops = p;
        o->size = size;
    }

    p = &o->ops[o->n++];
    p->op = op;
    p->key = key;
    p->field = field;
    p->value = drs_str(code);
}


static drs_str_t
    DRS_PRINTF(2, 3) drs_dw_keep(drs_dw_ops_t *o, const char *fmt, ...)
{
    char    text[256];
    json_t *v;
    va_list ap;

    va_start(ap, fmt);
    (void) vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);

    v = json_string(text);

    if (json_array_append_new(o->keep, v) != 0) {
        o->failed = 1;
        return drs_str("");
    }

    return drs_json_str(v);
}


static void
drs_dw_init(drs_dw_ops_t *o)
{
    memset(o, 0, sizeof(*o));
    o->keep = json_array();
    o->failed = (o->keep == NULL);
}


static void
drs_dw_free(drs_dw_ops_t *o)
{
    free(o->ops);
    json_decref(o->keep);
}


/* The event that tells consoles to fetch the object again (api.md 10.5). */
static int
drs_dw_event(drs_buf_t *b, const drs_doc_write_t *w, const char *resource,
             const char *topic, drs_str_t id)
{
    int         rc;
    char        iso[DRS_TIME_ISO_SIZE], name[32];
    json_t     *v;
    const char *change;

    change = w->doc == NULL   ? "deleted"
             : w->old == NULL ? "created"
                              : "updated";

    (void) drs_time_iso_ms(iso, w->now_ms);
    (void) snprintf(name, sizeof(name), "%s.changed",
                    strcmp(resource, "webhook") == 0 ? "settings" : resource);

    v = json_pack("{s:s, s:s, s:s, s:s, s:o}", "time", iso, "event", name,
                  "topic", topic, "resourceType", resource, "resourceId",
                  drs_json_new_str(id));

    if (w->doc != NULL) {
        (void) drs_json_set_int(v, "version", drs_model_doc_version(w->doc));
    }

    if (w->actor.len > 0) {
        (void) drs_json_set_str(v, "actor", w->actor);
    }

    if (strcmp(resource, "plan") == 0) {
        (void) drs_json_set_str(v, "planId", id);

    } else if (strcmp(resource, "schedule") == 0) {
        json_object_set(
            v, "planId",
            json_object_get(w->doc != NULL ? w->doc : w->old, "planId"));
    }

    if (json_object_get(w->doc != NULL ? w->doc : w->old, "accountId") != NULL)
    {
        json_object_set(
            v, "accountId",
            json_object_get(w->doc != NULL ? w->doc : w->old, "accountId"));
    }

    json_object_set_new(v, "data", json_pack("{s:s}", "change", change));

    rc = drs_json_dump(b, v);
    json_decref(v);

    return rc;
}


/* Folded name plus `suffix`: what the name index holds. */
static int
drs_dw_name(drs_buf_t *b, const json_t *doc, const char *field,
            const char *suffix_field)
{
    char     *folded;
    size_t    len;
    drs_str_t s;

    if (doc == NULL || field == NULL) {
        return DRS_OK;
    }

    if (drs_utf8_fold(drs_json_field(doc, field), &folded, &len) != DRS_OK) {
        return DRS_ERROR;
    }

    (void) drs_buf_append(b, folded, len);
    free(folded);

    if (suffix_field != NULL) {
        s = drs_json_field(doc, suffix_field);
        (void) drs_buf_putc(b, '\x1f');
        (void) drs_buf_str_append(b, s);
    }

    return drs_buf_ok(b) ? DRS_OK : DRS_ERROR;
}


typedef struct {
    drs_doc_kind_t kind;
    const char    *resource, *topic;
    const char    *id_field, *name_field; /* NULL: not listed by name */
    const char    *suffix_field;          /* makes equal names distinct */
} drs_dw_kind_t;


static drs_cmd_t *
drs_dw_build(const drs_doc_write_t *w, const drs_dw_kind_t *k, drs_dw_ops_t *o)
{
    drs_buf_t     doc, event, old_name, new_name;
    drs_cmd_t    *cmd;
    drs_doc_put_t put;

    drs_buf_init(&doc, 0);
    drs_buf_init(&event, 0);
    drs_buf_init(&old_name, 0);
    drs_buf_init(&new_name, 0);
    cmd = NULL;

    memset(&put, 0, sizeof(put));
    put.kind = k->kind;
    put.mode = w->doc == NULL   ? DRS_DOC_DELETE
               : w->old == NULL ? DRS_DOC_CREATE
                                : DRS_DOC_UPDATE;
    put.id = drs_json_field(w->doc != NULL ? w->doc : w->old, k->id_field);
    put.version = w->old != NULL ? drs_model_doc_version(w->old) : -1;

    if (o->failed
        || drs_dw_event(&event, w, k->resource, k->topic, put.id) != DRS_OK
        || drs_dw_name(&old_name, w->old, k->name_field, k->suffix_field)
               != DRS_OK
        || drs_dw_name(&new_name, w->doc, k->name_field, k->suffix_field)
               != DRS_OK
        || (w->doc != NULL && drs_json_dump(&doc, w->doc) != DRS_OK))
    {
        goto done;
    }

    put.doc = drs_buf_str(&doc);
    put.event = drs_buf_str(&event);
    put.old_name = drs_buf_str(&old_name);
    put.new_name = drs_buf_str(&new_name);
    put.audit = w->audit;
    put.deadline = w->deadline;
    put.ops = o->ops;
    put.nops = o->n;

    cmd = drs_store_doc_put(w->prefix, &put);

done:

    drs_buf_free(&doc);
    drs_buf_free(&event);
    drs_buf_free(&old_name);
    drs_buf_free(&new_name);

    return cmd;
}


/* Object id -> true of a group's explicit servers; empty for tag groups. */
static json_t *
drs_dw_servers(const json_t *group)
{
    size_t  i;
    json_t *set, *id;

    set = json_object();

    if (group == NULL || drs_model_group_by_tags(group)) {
        return set;
    }

    json_array_foreach (json_object_get(group, "sourceServerIds"), i, id) {
        json_object_set_new(set, json_string_value(id), json_true());
    }

    return set;
}


static void
drs_dw_group_servers(const drs_doc_write_t *w, drs_dw_ops_t *o, drs_str_t key)
{
    size_t  i;
    json_t *id, *olds, *news;

    olds = drs_dw_servers(w->old);
    news = drs_dw_servers(w->doc);

    if (json_object_size(olds) > 0) {
        json_array_foreach (json_object_get(w->old, "sourceServerIds"), i, id) {
            if (json_object_get(news, json_string_value(id)) == NULL) {
                drs_dw_op(o, DRS_DOC_UNUNIQ, key, drs_json_str(id), "");
            }
        }
    }

    if (json_object_size(news) > 0) {
        json_array_foreach (json_object_get(w->doc, "sourceServerIds"), i, id) {
            drs_dw_op(o, DRS_DOC_UNIQ, key, drs_json_str(id),
                      "SERVER_CONFLICT");
        }
    }

    json_decref(olds);
    json_decref(news);
}


static drs_str_t
drs_dw_tag_hash(drs_dw_ops_t *o, const json_t *group)
{
    char      hash[65];
    drs_str_t none = drs_null_string;

    if (group == NULL || !drs_model_group_by_tags(group)) {
        return none;
    }

    if (drs_model_tags_hash(hash, json_object_get(group, "serverSelectionTags"))
        != DRS_OK)
    {
        o->failed = 1;
        return none;
    }

    return drs_dw_keep(o, "%s", hash);
}


static void
drs_dw_group_tags(const drs_doc_write_t *w, drs_dw_ops_t *o, drs_str_t key)
{
    drs_str_t was, is;

    was = drs_dw_tag_hash(o, w->old);
    is = drs_dw_tag_hash(o, w->doc);

    if (was.len > 0 && !drs_str_eq(was, is)) {
        drs_dw_op(o, DRS_DOC_UNUNIQ, key, was, "");
    }

    if (is.len > 0) {
        drs_dw_op(o, DRS_DOC_UNIQ, key, is, "TAG_CONFLICT");
    }
}


/*
 * Any write of a group with launch settings makes their task due: it begins
 * what is pending and repairs a status that the write took from an old copy.
 */
static void
drs_dw_group_launch(const drs_doc_write_t *w, drs_dw_ops_t *o, drs_str_t id)
{
    drs_str_t none = drs_null_string;

    if (w->doc != NULL && drs_model_launch_configured(w->doc)) {
        drs_dw_op(o, DRS_DOC_DUE,
                  drs_dw_keep(o, "launch:%.*s", DRS_STR_ARG(id)),
                  drs_dw_keep(o, "%lld", (long long) w->launch_at), "");

    } else if (w->old != NULL) {
        drs_dw_op(o, DRS_DOC_DEL,
                  drs_dw_keep(o, "pg:launch:%.*s", DRS_STR_ARG(id)), none, "");
    }
}


drs_cmd_t *
drs_doc_write_group(const drs_doc_write_t *w)
{
    drs_str_t     account, region, id, none = drs_null_string;
    drs_cmd_t    *cmd;
    drs_dw_ops_t  o;
    const json_t *d;

    static const drs_dw_kind_t kind = { DRS_DOC_PG, "group",     "groups",
                                        "groupId",  "groupName", NULL };

    drs_dw_init(&o);
    d = w->doc != NULL ? w->doc : w->old;
    account = drs_json_field(d, "accountId");
    region = drs_json_field(d, "region");
    id = drs_json_field(d, "groupId");

    if (w->doc != NULL && account.len > 0
        && !drs_str_eq(account, w->own_account)) {
        drs_dw_op(&o, DRS_DOC_EXISTS,
                  drs_dw_keep(&o, "acct:%.*s", DRS_STR_ARG(account)), none,
                  "INVALID_ACCOUNT");
    }

    if (w->old != NULL) {
        drs_dw_op(&o, w->doc == NULL ? DRS_DOC_EMPTY : DRS_DOC_IDLE,
                  drs_dw_keep(&o, "pg:plans:%.*s", DRS_STR_ARG(id)), none,
                  w->doc == NULL ? "PG_IN_USE" : "PG_IN_ACTIVE_EXECUTION");
    }

    drs_dw_group_tags(w, &o,
                      drs_dw_keep(&o, "pg:tags:%.*s:%.*s", DRS_STR_ARG(account),
                                  DRS_STR_ARG(region)));
    drs_dw_group_servers(w, &o,
                         drs_dw_keep(&o, "pg:server:%.*s:%.*s",
                                     DRS_STR_ARG(account),
                                     DRS_STR_ARG(region)));

    drs_dw_op(&o, w->doc != NULL ? DRS_DOC_SADD : DRS_DOC_SREM,
              drs_dw_keep(&o, "acct:groups:%.*s", DRS_STR_ARG(account)), id,
              "");
    drs_dw_group_launch(w, &o, id);

    cmd = drs_dw_build(w, &kind, &o);
    drs_dw_free(&o);

    return cmd;
}


drs_cmd_t *
drs_doc_write_plan(const drs_doc_write_t *w)
{
    size_t       i;
    json_t      *olds, *news, *gid, *set;
    drs_str_t    id, g, none = drs_null_string;
    drs_cmd_t   *cmd;
    drs_dw_ops_t o;

    static const drs_dw_kind_t kind = { DRS_DOC_PLAN, "plan",     "plans",
                                        "planId",     "planName", NULL };

    drs_dw_init(&o);
    id = drs_json_field(w->doc != NULL ? w->doc : w->old, "planId");

    if (w->old != NULL) {
        drs_dw_op(&o, DRS_DOC_FREE,
                  drs_dw_keep(&o, "claim:plan:%.*s", DRS_STR_ARG(id)), none,
                  "PLAN_HAS_ACTIVE_EXECUTION");
    }

    olds = drs_model_plan_groups(w->old);
    news = drs_model_plan_groups(w->doc);
    set = json_object();

    json_array_foreach (news, i, gid) {
        g = drs_json_str(gid);
        json_object_set_new(set, json_string_value(gid), json_true());
        drs_dw_op(&o, DRS_DOC_EXISTS,
                  drs_dw_keep(&o, "pg:%.*s", DRS_STR_ARG(g)), none,
                  "PG_NOT_FOUND");
        drs_dw_op(&o, DRS_DOC_SADD,
                  drs_dw_keep(&o, "pg:plans:%.*s", DRS_STR_ARG(g)), id, "");
    }

    json_array_foreach (olds, i, gid) {
        g = drs_json_str(gid);

        if (json_object_get(set, json_string_value(gid)) == NULL) {
            drs_dw_op(&o, DRS_DOC_SREM,
                      drs_dw_keep(&o, "pg:plans:%.*s", DRS_STR_ARG(g)), id, "");
        }
    }

    if (w->doc == NULL) {
        drs_dw_op(&o, DRS_DOC_SCHEDULES,
                  drs_dw_keep(&o, "sched:plan:%.*s", DRS_STR_ARG(id)), none,
                  "");
    }

    /* subscriptions of addresses follow what plans say */

    if (drs_json_field(w->old, "notificationEmail").len > 0
        || drs_json_field(w->doc, "notificationEmail").len > 0)
    {
        drs_dw_op(&o, DRS_DOC_DUE, drs_str("subs"), drs_str("0"), "");
    }

    cmd = drs_dw_build(w, &kind, &o);

    json_decref(set);
    json_decref(olds);
    json_decref(news);
    drs_dw_free(&o);

    return cmd;
}


/*
 * A staging account belongs to one target account, unless the entry says
 * `shared`.  All are released and then taken, in this order: what stays is
 * taken again.
 */
static void
drs_dw_staging(drs_dw_ops_t *o, const json_t *doc, drs_doc_op_kind_t op)
{
    size_t    i;
    json_t   *v;
    drs_str_t key;

    key = drs_str("staging:owner");

    json_array_foreach (json_object_get(doc, "stagingAccounts"), i, v) {
        if (!json_is_true(json_object_get(v, "shared"))) {
            drs_dw_op(o, op, key, drs_json_field(v, "accountId"),
                      "STAGING_ACCOUNT_EXISTS");
        }
    }
}


drs_cmd_t *
drs_doc_write_account(const drs_doc_write_t *w)
{
    drs_str_t    id, none = drs_null_string;
    drs_cmd_t   *cmd;
    drs_dw_ops_t o;

    static const drs_dw_kind_t kind = {
        DRS_DOC_ACCT, "account",     "accounts",
        "accountId",  "accountName", "accountId"
    };

    drs_dw_init(&o);
    id = drs_json_field(w->doc != NULL ? w->doc : w->old, "accountId");

    drs_dw_staging(&o, w->old, DRS_DOC_UNUNIQ);
    drs_dw_staging(&o, w->doc, DRS_DOC_UNIQ);

    if (w->doc == NULL) {
        if (!w->force) {
            drs_dw_op(&o, DRS_DOC_EMPTY,
                      drs_dw_keep(&o, "acct:groups:%.*s", DRS_STR_ARG(id)),
                      none, "ACCOUNT_IN_USE");
        }

        drs_dw_op(&o, DRS_DOC_EMPTY,
                  drs_dw_keep(&o, "acct:runs:%.*s", DRS_STR_ARG(id)), none,
                  "ACCOUNT_IN_USE");
    }

    cmd = drs_dw_build(w, &kind, &o);
    drs_dw_free(&o);

    return cmd;
}


/*
 * What the worker knows of the runs stands in a hash of its own; a write tells
 * it the next run, computed from this version.
 */
drs_cmd_t *
drs_doc_write_schedule(const drs_doc_write_t *w)
{
    drs_str_t     id, plan, key, none = drs_null_string;
    drs_cmd_t    *cmd;
    drs_dw_ops_t  o;
    const json_t *d;

    static const drs_dw_kind_t kind = { DRS_DOC_SCHED, "schedule", "plans",
                                        "scheduleId",  NULL,       NULL };

    drs_dw_init(&o);
    d = w->doc != NULL ? w->doc : w->old;
    id = drs_json_field(d, "scheduleId");
    plan = drs_json_field(d, "planId");
    key = drs_dw_keep(&o, "sched:run:%.*s", DRS_STR_ARG(id));

    if (w->doc == NULL) {
        drs_dw_op(&o, DRS_DOC_SREM,
                  drs_dw_keep(&o, "sched:plan:%.*s", DRS_STR_ARG(plan)), id,
                  "");
        drs_dw_op(&o, DRS_DOC_DEL, key, none, "");

    } else {
        drs_dw_op(&o, DRS_DOC_EXISTS,
                  drs_dw_keep(&o, "plan:%.*s", DRS_STR_ARG(plan)), none,
                  "RECOVERY_PLAN_NOT_FOUND");
        drs_dw_op(&o, DRS_DOC_FEWER,
                  drs_dw_keep(&o, "sched:plan:%.*s", DRS_STR_ARG(plan)),
                  drs_dw_keep(&o, "%d", DRS_SCHEDULES_MAX), "QUOTA_EXCEEDED");
        drs_dw_op(&o, DRS_DOC_SADD,
                  drs_dw_keep(&o, "sched:plan:%.*s", DRS_STR_ARG(plan)), id,
                  "");
        drs_dw_op(&o, DRS_DOC_HSET, key, drs_str("next"),
                  w->next_at > 0
                      ? drs_dw_keep(&o, "%lld", (long long) w->next_at).data
                      : "");
        drs_dw_op(
            &o, DRS_DOC_HSET, key, drs_str("for"),
            drs_dw_keep(&o, "%lld", (long long) drs_model_doc_version(w->doc))
                .data);
    }

    drs_dw_op(&o, DRS_DOC_DUE,
              drs_dw_keep(&o, "schedule:%.*s", DRS_STR_ARG(id)),
              drs_dw_keep(&o, "%lld", (long long) w->next_at), "");


    cmd = drs_dw_build(w, &kind, &o);
    drs_dw_free(&o);

    return cmd;
}


drs_cmd_t *
drs_doc_write_webhook(const drs_doc_write_t *w)
{
    drs_cmd_t   *cmd;
    drs_dw_ops_t o;

    static const drs_dw_kind_t kind = { DRS_DOC_HOOK, "webhook", "settings",
                                        "webhookId",  "name",    NULL };

    drs_dw_init(&o);
    cmd = drs_dw_build(w, &kind, &o);
    drs_dw_free(&o);

    return cmd;
}
