
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * T1: the record of a new execution, stored in one call with its claims.
 */

#include <stdlib.h>
#include <string.h>

#include "drs_model_group.h"
#include "drs_store_exec.h"

#include "drsw_start.h"


/* What the call points into; freed together. */
typedef struct {
    char                   *doc;
    char                   *out;
    char                   *audit;
    char                   *event;
    char                  **texts; /* wave documents */
    size_t                  ntexts;
    drs_exec_create_wave_t *waves;
    drs_str_t              *claims;
    char                  **claim_texts;
    size_t                  nclaims;
    drs_exec_create_check_t check;
    drs_buf_t               accounts;
    char                   *by, *source;
} drsw_create_t;


/* Several groups may be in one account: each account once. */
static json_t *
drsw_create_contexts(drsw_start_t *s, drs_buf_t *accounts)
{
    int         own;
    size_t      i, n, seen;
    json_t     *list, *c;
    drs_str_t   role;
    const char *a, *slash;

    list = json_array();

    for (i = 0; i < s->resolver.nplaces; i++) {
        a = s->resolver.places[i]->access.account;
        seen = 0;

        json_array_foreach (list, n, c) {
            seen += drs_str_eqz(drs_json_field(c, "accountId"), a);
        }

        if (seen) {
            continue;
        }

        own = (s->resolver.places[i]->access.aws.role_arn == NULL);
        slash = strrchr(s->resolver.places[i]->access.role_arn, '/');
        role = (own || slash == NULL) ? drs_str("") : drs_str(slash + 1);

        (void) json_array_append_new(
            list,
            json_pack("{s:s, s:s%, s:b}", "accountId", a, "assumeRoleName",
                      role.data, role.len, "isCurrentAccount", own));
        (void) drs_buf_printf(accounts, "%s%s", accounts->len > 0 ? " " : "",
                              a);
    }

    return list;
}


static int
drsw_create_by_tags(drsw_start_t *s)
{
    json_t     *group;
    const char *id;

    json_object_foreach (s->resolver.groups, id, group) {
        if (drs_model_group_by_tags(group)) {
            return 1;
        }
    }

    return 0;
}


/* Who starts what, and which safety checks he set aside. */

static char *
drsw_create_audit(drsw_start_t *s, const json_t *request)
{
    char   *text;
    size_t  i;
    json_t *after, *more, *v;

    static const char *const names[] = {
        "executionType",      "initiatedBy",   "waves",
        "recoveryPoint",      "reason",        "allowDegraded",
        "allowUnknownLimits", "overrideReason"
    };

    after = json_object();
    more = json_object();
    (void) json_object_set(after, "planId", json_object_get(s->plan, "planId"));

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        v = json_object_get(request, names[i]);

        if (v != NULL) {
            (void) json_object_set(after, names[i], v);
        }
    }

    (void) json_object_set(more, "resourceName",
                           json_object_get(s->plan, "planName"));
    (void) json_object_set(more, "overrideReason",
                           json_object_get(request, "overrideReason"));

    text = drsw_audit_text(s->cmd, "exec.start", "execution", s->id, NULL,
                           after, more);
    json_decref(after);
    json_decref(more);

    return text;
}


static int
drsw_create_header(drsw_start_t *s, drsw_create_t *c)
{
    json_t   *doc, *out, *request;
    drs_str_t label;

    request = json_copy((json_t *) s->request);
    (void) json_object_set_new(request, "executionType",
                               json_string(s->drill ? "DRILL" : "RECOVERY"));

    if (drs_json_field(request, "initiatedBy").len == 0) {
        label = drsw_actor_label(s->cmd->actor);
        (void) drs_json_set_str(request, "initiatedBy", label);
    }

    doc = json_pack("{s:O, s:o, s:s, s:o, s:O*}", "plan", s->plan, "request",
                    request, "selectionMode",
                    drsw_create_by_tags(s) ? "TAGS" : "PLAN", "accountContexts",
                    drsw_create_contexts(s, &c->accounts), "actor",
                    s->cmd->actor);
    out = json_pack("{s:O}", "warnings", s->warnings);

    if (doc != NULL && out != NULL) {
        c->doc = drs_json_text(doc, NULL);
        c->out = drs_json_text(out, NULL);
    }

    c->audit = drsw_create_audit(s, request);
    c->event = drsw_event_text(
        drsw_now_ms(s->ctx), "execution.created", "executions", "execution",
        s->id, drsw_actor_label(s->cmd->actor), s->id,
        drs_json_field(s->plan, "planId"), drs_str(""),
        json_pack(
            "{s:s, s:O*, s:s, s:O*, s:I}", "status", "PENDING", "planName",
            json_object_get(s->plan, "planName"), "executionType",
            s->drill ? "DRILL" : "RECOVERY", "initiatedBy",
            json_object_get(json_object_get(doc, "request"), "initiatedBy"),
            "totalWaves", (json_int_t) json_array_size(s->waves)));

    request = json_object_get(doc, "request");
    c->by = drs_str_dup(drs_json_field(request, "initiatedBy"));
    c->source = drs_str_dup(drs_json_field(request, "invocationSource"));

    json_decref(doc);
    json_decref(out);

    return (c->doc != NULL && c->out != NULL && c->audit != NULL
            && c->event != NULL && drs_buf_ok(&c->accounts) && c->by != NULL
            && c->source != NULL)
               ? DRS_OK
               : DRS_ERROR;
}


static int
drsw_create_waves(drsw_start_t *s, drsw_create_t *c)
{
    int     selected;
    size_t  n, i;
    json_t *w, *v, *doc, *ids;

    c->waves = calloc(json_array_size(s->waves) + 1, sizeof(*c->waves));
    c->texts = calloc(json_array_size(s->waves) + 1, sizeof(char *));

    if (c->waves == NULL || c->texts == NULL) {
        return DRS_ERROR;
    }

    json_array_foreach (s->waves, n, w) {
        selected = json_is_true(json_object_get(w, "selected"));
        doc = json_copy(json_object_get(w, "wave"));
        ids = json_array();

        json_array_foreach (json_object_get(w, "servers"), i, v) {
            (void) json_array_append(ids, json_object_get(v, "id"));
        }

        if (!selected) {
            (void) json_object_set_new(doc, "selected", json_false());
        }

        (void) json_object_set_new(doc, "serverIds", ids);
        (void) json_object_set_new(doc, "waveNumber",
                                   json_integer((json_int_t) n));
        (void) json_object_del(doc, "serverCount");

        c->texts[n] = drs_json_text(doc, NULL);
        c->ntexts = n + 1;
        json_decref(doc);

        if (c->texts[n] == NULL) {
            return DRS_ERROR;
        }

        c->waves[n].status = drs_str(selected ? "PENDING" : "CANCELLED");
        c->waves[n].doc = drs_str(c->texts[n]);
    }

    return DRS_OK;
}


static int
drsw_create_claims(drsw_start_t *s, drsw_create_t *c)
{
    size_t    n, i, total;
    json_t   *w, *v;
    drs_buf_t b;

    total = 0;
    json_array_foreach (s->waves, n, w) {
        total += json_array_size(json_object_get(w, "servers"));
    }

    c->claims = calloc(total + 1, sizeof(drs_str_t));
    c->claim_texts = calloc(total + 1, sizeof(char *));

    if (c->claims == NULL || c->claim_texts == NULL) {
        return DRS_ERROR;
    }

    json_array_foreach (s->waves, n, w) {
        json_array_foreach (json_object_get(w, "servers"), i, v) {
            drs_buf_init(&b, 256);
            (void) drs_buf_printf(
                &b, "%s:%s:%s",
                json_string_value(json_object_get(v, "account")),
                json_string_value(json_object_get(v, "region")),
                json_string_value(json_object_get(v, "id")));
            c->claim_texts[c->nclaims] = drs_buf_steal(&b, NULL);

            if (c->claim_texts[c->nclaims] == NULL) {
                return DRS_ERROR;
            }

            c->claims[c->nclaims] = drs_str(c->claim_texts[c->nclaims]);
            c->nclaims++;
        }
    }

    return DRS_OK;
}


static void
drsw_create_free(drsw_create_t *c)
{
    size_t i;

    for (i = 0; i < c->ntexts; i++) {
        free(c->texts[i]);
    }

    for (i = 0; i < c->nclaims; i++) {
        free(c->claim_texts[i]);
    }

    free(c->texts);
    free(c->waves);
    free(c->claims);
    free(c->claim_texts);
    free(c->doc);
    free(c->out);
    free(c->audit);
    free(c->event);
    free(c->by);
    free(c->source);
    drs_buf_free(&c->accounts);
}


static int
drsw_create_refused(drsw_start_t *s, const drs_answer_t *a)
{
    drs_str_t run;

    if (drs_answer_is(a, "PLAN_ALREADY_EXECUTING")) {
        run = drs_answer_detail(a, "executionId", NULL);
        (void) drsw_answer_error(
            s->answer, "PLAN_ALREADY_EXECUTING",
            json_pack("{s:[s%], s:O}", "activeExecutions",
                      run.data != NULL ? run.data : "", run.len, "planId",
                      json_object_get(s->plan, "planId")),
            "The plan has an active execution, %.*s.", DRS_STR_ARG(run));
        return DRS_DECLINED;
    }

    if (drs_answer_is(a, "SERVER_CONFLICT")) {
        return drsw_start_conflict_store(s, a);
    }

    if (drs_answer_is(a, "VERSION_CONFLICT")) {
        (void) drsw_answer_error(s->answer, "VERSION_CONFLICT", NULL,
                                 "The plan was changed while it was being "
                                 "started; try again.");
        return DRS_DECLINED;
    }

    (void) drsw_answer_fail(s->answer, "%.*s: %.*s", DRS_STR_ARG(a->code),
                            DRS_STR_ARG(a->text));
    return DRS_ERROR;
}


int
drsw_start_create(drsw_start_t *s)
{
    int               rc;
    drsw_create_t     c;
    drsw_reply_t      reply;
    drs_answer_t      a;
    drs_exec_create_t e;

    memset(&c, 0, sizeof(c));
    memset(&e, 0, sizeof(e));
    drs_buf_init(&c.accounts, 16384);

    rc = drsw_create_header(s, &c);
    rc = (rc == DRS_OK) ? drsw_create_waves(s, &c) : rc;
    rc = (rc == DRS_OK) ? drsw_create_claims(s, &c) : rc;

    if (rc == DRS_OK) {
        c.check.kind = drs_str("plan");
        c.check.id = drs_json_field(s->plan, "planId");
        c.check.version = drs_model_doc_version(s->plan);

        e.id = s->id;
        e.command_id = drs_str(s->cmd->id);
        e.plan_id = c.check.id;
        e.plan_name = drs_json_field(s->plan, "planName");
        e.type = drs_str(s->drill ? "DRILL" : "RECOVERY");
        e.doc = drs_str(c.doc);
        e.out = drs_str(c.out);
        e.accounts = drs_buf_str(&c.accounts);
        e.waves = c.waves;
        e.nwaves = c.ntexts;
        e.claims = c.claims;
        e.nclaims = c.nclaims;
        e.checks = &c.check;
        e.nchecks = 1;
        e.audit = drs_str(c.audit);
        e.event = drs_str(c.event);
        e.deadline = s->cmd->deadline_ms;
        e.initiated_by = drs_str(c.by);
        e.source = drs_str(c.source);

        rc = drsw_store_call(
            s->ctx, drs_store_exec_create(drsw_redis_prefix(s->ctx->redis), &e),
            &reply, &a);

        if (rc == DRS_OK) {
            drsw_notice(s->ctx->log,
                        "%s of plan %.*s was created: %zu waves, "
                        "%zu servers",
                        s->drill ? "drill" : "recovery",
                        DRS_STR_ARG(e.plan_name), e.nwaves, e.nclaims);
            rc = drsw_start_answer(s);

        } else if (rc == DRS_DECLINED) {
            rc = drsw_create_refused(s, &a);
        }

        drsw_reply_free(&reply);
    }

    drsw_create_free(&c);
    return rc;
}
