
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Task `subs`: e-mail addresses of plans and of the administrator are
 * subscribed to the topics (engine.md 6.4, data-model.md 11).  What is wanted
 * follows from plans and settings; what was done is in the hash `subs`; SNS is
 * asked what there is.  A plan write never waits for it.
 */

#include <stdlib.h>
#include <string.h>

#include "drsw_notify.h"
#include "drsw_tasks.h"


#define DRSW_SUB_PENDING "PendingConfirmation"


typedef struct {
    drsw_ctx_t *ctx;
    json_t     *settings;
    json_t     *plans;  /* planId -> document */
    json_t     *want;   /* "<topic> <address>" -> {plans: [...], all} */
    json_t     *known;  /* the same -> {arn, filter, status, error?} */
    json_t     *topics; /* topic -> list of subscriptions, null: unknown */
    int         unsettled;
} drsw_subs_t;


/* -- what is wanted ----------------------------------------------------------- */

static int
drsw_subs_plans(drsw_subs_t *s)
{
    int          rc;
    size_t       i;
    json_t      *ids;
    drs_cmd_t   *cmd;
    drs_str_t    m;
    const char  *p;
    drsw_reply_t reply;

    cmd = drs_key_cmd0("ZRANGE", drsw_redis_prefix(s->ctx->redis),
                       DRS_KEY_PLAN_IDS);
    (void) drs_cmd_addz(cmd, "0");
    (void) drs_cmd_addz(cmd, "-1");
    memset(&reply, 0, sizeof(reply));
    rc = drs_cmd_ok(cmd) ? drsw_redis_cmd(s->ctx->redis, cmd, &reply)
                         : DRS_ERROR;
    drs_cmd_free(cmd);
    ids = json_array();

    for (i = 0; rc == DRS_OK && i < reply.r.n; i++) {
        m = reply.r.v[i];
        p = m.len > 0 ? memchr(m.data, '\0', m.len) : NULL;

        if (p != NULL) {
            (void) json_array_append_new(
                ids, drs_json_new_str(
                         drs_strn(p + 1, m.len - (size_t) (p - m.data) - 1)));
        }
    }

    drsw_reply_free(&reply);

    if (rc == DRS_OK) {
        rc = drsw_load_docs(s->ctx, DRS_KEY_PLAN, ids, &s->plans);
    }

    json_decref(ids);
    return rc;
}


static json_t *
drsw_subs_want(drsw_subs_t *s, drs_str_t topic, drs_str_t address)
{
    char    key[1024];
    json_t *w;

    (void) snprintf(key, sizeof(key), "%.*s %.*s", DRS_STR_ARG(topic),
                    DRS_STR_ARG(address));
    w = json_object_get(s->want, key);

    if (w == NULL) {
        w = json_pack("{s:[], s:b}", "plans", "all", 0);
        (void) json_object_set_new(s->want, key, w);
    }

    return w;
}


static void
drsw_subs_wanted(drsw_subs_t *s)
{
    json_t     *plan, *w;
    drs_str_t   topic, alerts, address;
    const char *id;

    topic = drs_json_field(s->settings, "executionTopicArn");
    alerts = drs_json_field(s->settings, "alertsTopicArn");
    address = drs_json_field(s->settings, "adminEmail");

    if (address.len > 0 && topic.len > 0) {
        (void) drs_json_set_bool(drsw_subs_want(s, topic, address), "all", 1);
    }

    if (address.len > 0 && alerts.len > 0) {
        (void) drs_json_set_bool(drsw_subs_want(s, alerts, address), "all", 1);
    }

    json_object_foreach (s->plans, id, plan) {
        address = drs_json_field(plan, "notificationEmail");

        if (address.len > 0 && topic.len > 0) {
            w = json_object_get(drsw_subs_want(s, topic, address), "plans");
            (void) json_array_append_new(w, json_string(id));
        }
    }
}


static int
drsw_subs_has(const json_t *list, const json_t *id)
{
    size_t  i;
    json_t *v;

    json_array_foreach (list, i, v) {
        if (json_equal(v, (json_t *) id)) {
            return 1;
        }
    }

    return 0;
}


/*
 * FilterPolicy of what is wanted; "{}" takes everything.  keep: what a
 * subscription that somebody else made had before, a list of plans or true for
 * everything; NULL for ours.  malloc'ed.
 */
static char *
drsw_subs_filter(const json_t *want, const json_t *keep)
{
    char   *text;
    size_t  i;
    json_t *v, *plans, *id;

    if (json_is_true(json_object_get(want, "all")) || json_is_true(keep)) {
        return strdup("{}");
    }

    plans = json_copy(json_object_get(want, "plans"));
    plans = plans != NULL ? plans : json_array();

    json_array_foreach (keep, i, id) {
        if (!drsw_subs_has(plans, id)) {
            (void) json_array_append(plans, id);
        }
    }

    v = json_pack("{s:o}", "recoveryPlanId", plans);
    text = drs_json_text(v, NULL);
    json_decref(v);
    return text;
}


/* -- what there is -------------------------------------------------------------- */

static int
drsw_subs_known(drsw_subs_t *s)
{
    int          rc;
    size_t       i;
    char        *key;
    json_t      *v;
    drs_cmd_t   *cmd;
    drsw_reply_t reply;

    s->known = json_object();
    cmd =
        drs_key_cmd0("HGETALL", drsw_redis_prefix(s->ctx->redis), DRS_KEY_SUBS);
    memset(&reply, 0, sizeof(reply));
    rc = drs_cmd_ok(cmd) ? drsw_redis_cmd(s->ctx->redis, cmd, &reply)
                         : DRS_ERROR;
    drs_cmd_free(cmd);

    for (i = 0; rc == DRS_OK && i + 1 < reply.r.n; i += 2) {
        key = drs_str_dup(reply.r.v[i]);
        v = drs_json_parse(reply.r.v[i + 1], &drs_json_store_limits, NULL);

        if (key != NULL && v != NULL) {
            (void) json_object_set(s->known, key, v);
        }

        json_decref(v);
        free(key);
    }

    drsw_reply_free(&reply);
    return rc;
}


/* v NULL: forget. */
static int
drsw_subs_note(drsw_subs_t *s, const char *key, const json_t *v)
{
    int          rc;
    char        *text;
    drs_cmd_t   *cmd;
    drsw_reply_t reply;

    if (v != NULL && json_equal(json_object_get(s->known, key), (json_t *) v)) {
        return DRS_OK;
    }

    text = v != NULL ? drs_json_text(v, NULL) : NULL;
    cmd = drs_key_cmd0(v != NULL ? "HSET" : "HDEL",
                       drsw_redis_prefix(s->ctx->redis), DRS_KEY_SUBS);
    (void) drs_cmd_addz(cmd, key);

    if (v != NULL) {
        (void) drs_cmd_addz(cmd, text != NULL ? text : "{}");
        (void) json_object_set(s->known, key, (json_t *) v);

    } else {
        (void) json_object_del(s->known, key);
    }

    rc = drs_cmd_ok(cmd) ? drsw_redis_cmd(s->ctx->redis, cmd, &reply)
                         : DRS_ERROR;
    drs_cmd_free(cmd);
    free(text);

    if (rc == DRS_OK) {
        drsw_reply_free(&reply);
    }

    return rc;
}


/* Subscriptions of a topic, asked once in a step; NULL: SNS cannot tell. */
static json_t *
drsw_subs_topic(drsw_subs_t *s, const char *topic)
{
    char              region[32];
    json_t           *list;
    drsw_aws_ctx_t    aws;
    drsw_aws_result_t res;

    list = json_object_get(s->topics, topic);

    if (list != NULL) {
        return json_is_array(list) ? list : NULL;
    }

    drsw_topic_ctx(drs_str(topic), region, &aws);

    if (drsw_sns_list_subscriptions(s->ctx->aws, &aws, topic, &list, &res)
        != DRSW_AWS_OK)
    {
        drsw_warn(s->ctx->log, "subscriptions of %s: %s %.160s", topic,
                  res.code, res.message);
        s->unsettled = 1;
        list = json_null();
    }

    (void) json_object_set_new(s->topics, topic, list);
    return json_is_array(list) ? list : NULL;
}


/* The subscription of an address; a confirmed one first. */
static const json_t *
drsw_subs_find(const json_t *list, const char *address)
{
    size_t        i;
    json_t       *v;
    const json_t *found;

    found = NULL;

    json_array_foreach (list, i, v) {
        if (drs_str_eqz(drs_json_field(v, "Protocol"), "email")
            && drs_str_ieqz(drs_json_field(v, "Endpoint"), address)
            && (found == NULL
                || drs_str_eqz(drs_json_field(found, "SubscriptionArn"),
                               DRSW_SUB_PENDING)))
        {
            found = v;
        }
    }

    return found;
}


/* -- making it so ----------------------------------------------------------------- */

typedef struct {
    const char    *key;
    char           topic[512];
    char           region[32];
    const char    *address;
    drsw_aws_ctx_t aws;
} drsw_sub_t;


static int
drsw_sub_init(drsw_sub_t *u, const char *key)
{
    const char *space;

    memset(u, 0, sizeof(*u));
    u->key = key;
    space = strchr(key, ' ');

    if (space == NULL || (size_t) (space - key) >= sizeof(u->topic)) {
        return DRS_ERROR;
    }

    memcpy(u->topic, key, (size_t) (space - key));
    u->topic[space - key] = '\0';
    u->address = space + 1;
    drsw_topic_ctx(drs_str(u->topic), u->region, &u->aws);

    return u->region[0] != '\0' ? DRS_OK : DRS_ERROR;
}


/* Keeps `keep` of the record before. */
static int
drsw_sub_record(drsw_subs_t *s, const drsw_sub_t *u, const char *arn,
                const char *filter, const char *status,
                const drsw_aws_result_t *res)
{
    int     rc;
    json_t *v, *keep;

    v = json_pack("{s:s, s:s, s:s}", "arn", arn, "filter", filter, "status",
                  status);
    keep = json_object_get(json_object_get(s->known, u->key), "keep");

    if (keep != NULL) {
        (void) json_object_set(v, "keep", keep);
    }

    if (res != NULL) {
        (void) json_object_set_new(
            v, "error", json_sprintf("%s %.160s", res->code, res->message));
        drsw_warn(s->ctx->log, "subscription of an address to %s: %s %.160s",
                  u->topic, res->code, res->message);
    }

    if (strcmp(status, "CONFIRMED") != 0) {
        s->unsettled = 1;
    }

    rc = drsw_subs_note(s, u->key, v);
    json_decref(v);
    return rc;
}


static int
drsw_sub_new(drsw_subs_t *s, const drsw_sub_t *u, const char *filter)
{
    int               rc;
    char              arn[512];
    json_t           *attributes;
    drsw_aws_result_t res;

    attributes = NULL;

    if (strcmp(filter, "{}") != 0) {
        attributes = json_pack("{s:s, s:s}", "FilterPolicy", filter,
                               "FilterPolicyScope", "MessageAttributes");
    }

    if (drsw_sns_subscribe(s->ctx->aws, &u->aws, u->topic, "email", u->address,
                           attributes, arn, sizeof(arn), &res)
        == DRSW_AWS_OK)
    {
        rc = drsw_sub_record(s, u, arn, filter, "PENDING", NULL);

    } else {
        rc = drsw_sub_record(s, u, "", "", "FAILED", &res);
    }

    json_decref(attributes);
    return rc;
}


/*
 * A confirmed subscription that we did not make: notes what it had, so that it
 * stays.  1: known now; 0: SNS cannot tell, or DRS_ERROR.
 */
static int
drsw_sub_foreign(drsw_subs_t *s, const drsw_sub_t *u, const char *arn)
{
    int               rc;
    json_t           *attributes, *old, *ids, *v;
    drsw_aws_result_t res;

    if (drsw_sns_get_attributes(s->ctx->aws, &u->aws, arn, &attributes, &res)
        != DRSW_AWS_OK)
    {
        rc = drsw_sub_record(s, u, arn, "", "FAILED", &res);
        return rc == DRS_OK ? 0 : DRS_ERROR;
    }

    old =
        drs_json_parse(drs_json_field(attributes, "FilterPolicy"), NULL, NULL);
    ids = json_object_get(old, "recoveryPlanId");
    v = json_pack("{s:s, s:s, s:s, s:o}", "arn", arn, "filter",
                  ids != NULL ? "?" : "{}", "status", "CONFIRMED", "keep",
                  json_is_array(ids) ? json_incref(ids) : json_true());
    json_decref(attributes);
    json_decref(old);
    rc = drsw_subs_note(s, u->key, v);
    json_decref(v);

    return rc == DRS_OK ? 1 : DRS_ERROR;
}


/* Brings the filter of a confirmed subscription to what is wanted. */
static int
drsw_sub_confirmed(drsw_subs_t *s, const drsw_sub_t *u, const char *arn,
                   const json_t *want)
{
    int               rc;
    char             *text;
    char              had[128];
    json_t           *known;
    drs_str_t         filter;
    drsw_aws_result_t res;

    known = json_object_get(s->known, u->key);

    if (drs_json_field(known, "filter").len == 0) {
        rc = drsw_sub_foreign(s, u, arn);

        if (rc != 1) {
            return rc == 0 ? DRS_OK : rc;
        }

        known = json_object_get(s->known, u->key);
    }

    text = drsw_subs_filter(want, json_object_get(known, "keep"));

    if (text == NULL) {
        return DRS_ERROR;
    }

    filter = drs_json_field(known, "filter");
    rc = DRS_OK;

    if (!drs_str_eqz(filter, text)
        && drsw_sns_set_attribute(s->ctx->aws, &u->aws, arn, "FilterPolicy",
                                  text, &res)
               != DRSW_AWS_OK)
    {
        (void) snprintf(had, sizeof(had), "%s", filter.len > 0 ? "?" : "");
        rc = drsw_sub_record(s, u, arn, had, "FAILED", &res);

    } else {
        rc = drsw_sub_record(s, u, arn, text, "CONFIRMED", NULL);
    }

    free(text);
    return rc;
}


static int
drsw_subs_make(drsw_subs_t *s, const char *key, const json_t *want)
{
    int           rc;
    char         *filter;
    json_t       *list;
    drsw_sub_t    u;
    const char   *arn, *had;
    const json_t *found;

    if (drsw_sub_init(&u, key) != DRS_OK
        || (list = drsw_subs_topic(s, u.topic)) == NULL)
    {
        return DRS_OK;
    }

    found = drsw_subs_find(list, u.address);
    arn = json_string_value(json_object_get(found, "SubscriptionArn"));

    if (arn == NULL) {
        filter = drsw_subs_filter(want, NULL);
        rc = filter != NULL ? drsw_sub_new(s, &u, filter) : DRS_ERROR;
        free(filter);
        return rc;
    }

    if (strcmp(arn, DRSW_SUB_PENDING) == 0) {
        /* cannot be changed until the address has confirmed */
        had = json_string_value(
            json_object_get(json_object_get(s->known, key), "filter"));

        return drsw_sub_record(s, &u, arn, had != NULL ? had : "", "PENDING",
                               NULL);
    }

    return drsw_sub_confirmed(s, &u, arn, want);
}


static int
drsw_subs_give_back(drsw_subs_t *s, const drsw_sub_t *u, const char *arn,
                    const json_t *keep)
{
    char *text;
    drsw_aws_class_e class;
    drsw_aws_result_t res;

    text = drsw_subs_filter(NULL, keep);

    if (text == NULL) {
        return DRS_ERROR;
    }

    class = drsw_sns_set_attribute(s->ctx->aws, &u->aws, arn, "FilterPolicy",
                                   text, &res);
    free(text);

    if (class != DRSW_AWS_OK) {
        return drsw_sub_record(s, u, arn, "?", "FAILED", &res);
    }

    return drsw_subs_note(s, u->key, NULL);
}


/* What nobody wants any more.  An address that has not confirmed cannot be
 * removed: it is kept in mind until SNS forgets it. */
static int
drsw_subs_remove(drsw_subs_t *s, const char *key)
{
    json_t           *list, *keep;
    drsw_sub_t        u;
    const char       *arn;
    drsw_aws_result_t res;

    if (drsw_sub_init(&u, key) != DRS_OK) {
        return drsw_subs_note(s, key, NULL);
    }

    list = drsw_subs_topic(s, u.topic);

    if (list == NULL) {
        return DRS_OK;
    }

    arn = json_string_value(
        json_object_get(drsw_subs_find(list, u.address), "SubscriptionArn"));

    if (arn == NULL) {
        return drsw_subs_note(s, key, NULL);
    }

    if (strcmp(arn, DRSW_SUB_PENDING) == 0) {
        s->unsettled = 1;
        return DRS_OK;
    }

    keep = json_object_get(json_object_get(s->known, key), "keep");

    if (keep != NULL) {
        /* somebody else's: gets back what it had */
        return drsw_subs_give_back(s, &u, arn, keep);
    }

    if (drsw_sns_unsubscribe(s->ctx->aws, &u.aws, arn, &res) != DRSW_AWS_OK
        && res.class != DRSW_AWS_NOT_FOUND)
    {
        return drsw_sub_record(s, &u, arn, "?", "FAILED", &res);
    }

    return drsw_subs_note(s, key, NULL);
}


/* -- what plans show ---------------------------------------------------------------- */

static int
drsw_subs_plan(drsw_subs_t *s, const char *id, const json_t *plan)
{
    int       rc;
    char      key[1024], *text;
    json_t   *doc, *known;
    drs_str_t topic, address, shown;

    topic = drs_json_field(s->settings, "executionTopicArn");
    address = drs_json_field(plan, "notificationEmail");
    shown = drs_str("");

    if (topic.len > 0 && address.len > 0) {
        (void) snprintf(key, sizeof(key), "%.*s %.*s", DRS_STR_ARG(topic),
                        DRS_STR_ARG(address));
        known = json_object_get(s->known, key);

        if (drs_str_eqz(drs_json_field(known, "status"), "CONFIRMED")) {
            shown = drs_json_field(known, "arn");

        } else if (drs_str_eqz(drs_json_field(known, "status"), "PENDING")) {
            shown = drs_str(DRSW_SUB_PENDING);
        }
    }

    if (drs_str_eq(shown, drs_json_field(plan, "snsSubscriptionArn"))) {
        return DRS_OK;
    }

    doc = json_copy((json_t *) plan);
    (void) drs_json_set_str(doc, "snsSubscriptionArn", shown);
    text = drs_json_text(doc, NULL);
    json_decref(doc);

    /* changed meanwhile: the next step looks again */

    rc = text != NULL ? drsw_store_do(
             s->ctx,
             drs_store_plan_mark(drsw_redis_prefix(s->ctx->redis), drs_str(id),
                                 drs_model_doc_version(plan), drs_str(text)))
                      : DRS_ERROR;
    free(text);

    if (rc == DRS_DECLINED) {
        s->unsettled = 1;
        return DRS_OK;
    }

    return rc;
}


/* The settings may say other hours for reminders than before. */
static int
drsw_subs_paused(drsw_subs_t *s)
{
    int          rc;
    char         task[80];
    size_t       i;
    drs_cmd_t   *cmd;
    drsw_reply_t reply;

    cmd = drs_key_cmd1("ZRANGE", drsw_redis_prefix(s->ctx->redis),
                       DRS_KEY_EXEC_STATUS, drs_str("PAUSED"));
    (void) drs_cmd_addz(cmd, "0");
    (void) drs_cmd_addz(cmd, "-1");
    memset(&reply, 0, sizeof(reply));
    rc = drs_cmd_ok(cmd) ? drsw_redis_cmd(s->ctx->redis, cmd, &reply)
                         : DRS_ERROR;
    drs_cmd_free(cmd);

    for (i = 0; rc == DRS_OK && i < reply.r.n; i++) {
        (void) snprintf(task, sizeof(task), "exec:%.*s",
                        DRS_STR_ARG(reply.r.v[i]));
        rc = drsw_task_due(s->ctx, task, DRSW_NOW);
    }

    drsw_reply_free(&reply);
    return rc;
}


static int
drsw_subs_run(drsw_subs_t *s)
{
    int         rc;
    void       *tmp;
    json_t     *v;
    const char *key;

    rc = drsw_notify_settings(s->ctx, &s->settings);
    rc = rc == DRS_OK ? drsw_subs_plans(s) : rc;
    rc = rc == DRS_OK ? drsw_subs_known(s) : rc;
    rc = rc == DRS_OK ? drsw_subs_paused(s) : rc;

    if (rc != DRS_OK) {
        return rc;
    }

    drsw_subs_wanted(s);

    json_object_foreach (s->want, key, v) {
        rc = rc == DRS_OK ? drsw_subs_make(s, key, v) : rc;
    }

    json_object_foreach_safe(s->known, tmp, key, v)
    {
        if (rc == DRS_OK && json_object_get(s->want, key) == NULL) {
            rc = drsw_subs_remove(s, key);
        }
    }

    json_object_foreach (s->plans, key, v) {
        rc = rc == DRS_OK ? drsw_subs_plan(s, key, v) : rc;
    }

    return rc;
}


int
drsw_step_subs(drsw_ctx_t *ctx, int64_t *next_at)
{
    int         rc;
    int64_t     pause;
    drsw_subs_t s;

    memset(&s, 0, sizeof(s));
    s.ctx = ctx;
    s.want = json_object();
    s.topics = json_object();
    rc = drsw_subs_run(&s);

    pause = ctx->conf->subscriptions_ms;
    *next_at = drsw_now_ms(ctx) + (s.unsettled ? pause / 5 + 1 : pause);

    json_decref(s.settings);
    json_decref(s.plans);
    json_decref(s.want);
    json_decref(s.known);
    json_decref(s.topics);

    return rc;
}
