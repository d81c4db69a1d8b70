/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Settings of single servers: validation, storing, applying.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drs_time.h"

#include "drsw_launch_server.h"


#define DRSW_LS_MARGIN_MS 4000
#define DRSW_LS_APPLY_MS  15000
#define DRSW_LS_JOB_MS    30000


void
drsw_ls_free(drsw_ls_t *s)
{
    size_t i;

    for (i = 0; s->items != NULL && i < json_array_size(s->entries); i++) {
        json_decref(s->items[i].settings);
    }

    free(s->items);
    json_decref(s->old);
    json_decref(s->doc);
    json_decref(s->entries);
    json_decref(s->others);
    json_decref(s->warnings);
    drs_model_error_free(&s->e);
}


void
drsw_ls_init(drsw_ls_t *s, drsw_ctx_t *ctx, const drsw_command_t *cmd)
{
    memset(s, 0, sizeof(*s));
    s->ctx = ctx;
    s->cmd = cmd;
    s->id = drs_json_field(cmd->payload, "groupId");
    s->warnings = json_array();
    drs_model_error_init(&s->e);
}


/* The group and, if one is named, the membership of the server. */
int
drsw_ls_load(drsw_ls_t *s, drs_str_t server)
{
    int rc;

    rc = drsw_load_doc(s->ctx, DRS_KEY_PG, s->id, &s->old);

    if (rc == DRS_DECLINED) {
        return drs_model_fail(
            &s->e, DRS_ERR_PROTECTION_GROUP_NOT_FOUND, "",
            json_pack("{s:s%}", "groupId", s->id.data, s->id.len),
            "The protection group does not exist.");
    }

    if (rc == DRS_OK && server.len > 0 && !drs_launch_member(s->old, server)) {
        return drs_model_fail(&s->e, DRS_ERR_SERVER_NOT_FOUND, "",
                              json_pack("{s:s%, s:s%}", "serverId", server.data,
                                        server.len, "groupId", s->id.data,
                                        s->id.len),
                              "The server is not in the protection group.");
    }

    return rc;
}


/* {sourceServerId, index, entry} of the one server of PG10 and PG11. */
void
drsw_ls_one(drsw_ls_t *s, drs_str_t server, json_t *entry)
{
    s->entries = json_pack("[{s:s%, s:i, s:o}]", "sourceServerId", server.data,
                           server.len, "index", 0, "entry",
                           entry != NULL ? entry : json_null());
}


/* The new document: entries, version, times, a pending status. */
int
drsw_ls_document(drsw_ls_t *s)
{
    char    job[40], iso[DRS_TIME_ISO_SIZE];
    size_t  i;
    json_t *v, *entry;
    int64_t now;

    if (drsw_uuid(job) != DRS_OK) {
        return DRS_ERROR;
    }

    s->doc = json_deep_copy(s->old);

    json_array_foreach (s->entries, i, v) {
        entry = json_object_get(v, "entry");
        drs_launch_set_entry(s->doc, drs_json_field(v, "sourceServerId"),
                             json_is_object(entry) ? entry : NULL);
    }

    now = drsw_wall_ms();
    (void) drs_time_iso_ms(iso, now);
    (void) json_object_set_new(s->doc, "updatedAt", json_string(iso));
    (void) drs_json_set_int(s->doc, "lastModifiedDate", now / 1000);
    (void) drs_json_set_int(s->doc, "version",
                            drs_model_doc_version(s->old) + 1);
    drs_model_launch_release(s->old, s->doc);
    drs_model_launch_pending(s->doc, drs_str(job),
                             drsw_actor_label(s->cmd->actor));

    if (s->cmd->request_id[0] != '\0' && drs_model_launch_configured(s->doc)) {
        (void) drs_json_set_str(json_object_get(s->doc, "launchConfigStatus"),
                                "requestId", drs_str(s->cmd->request_id));
    }

    return s->doc != NULL ? DRS_OK : DRS_ERROR;
}


static json_t *
drsw_ls_batch(const drsw_ls_t *s)
{
    size_t  i;
    json_t *set, *v;

    if (!s->bulk) {
        return NULL;
    }

    set = json_object();

    json_array_foreach (s->entries, i, v) {
        (void) json_object_set_new(
            set, drs_json_field(v, "sourceServerId").data, json_true());
    }

    return set;
}


static json_t *
drsw_ls_facts(drsw_ls_t *s)
{
    size_t  i;
    json_t *lookups, *facts, *v, *effective;

    lookups = drs_launch_lookups();

    json_array_foreach (s->entries, i, v) {
        effective = drs_model_launch_effective(
            s->doc, drs_json_field(v, "sourceServerId"));
        (void) drs_launch_lookup(lookups, effective);
        json_decref(effective);
    }

    facts = drsw_launch_facts(s->ctx, &s->access, lookups);
    json_decref(lookups);

    return facts;
}


/* Against AWS: VALIDATION_FAILED. */
static int
drsw_ls_validate(drsw_ls_t *s)
{
    int                rc;
    size_t             i, from;
    json_t            *errors, *facts, *batch, *v, *item;
    drs_launch_check_t c;

    rc = drsw_group_list(s->ctx, drs_str(s->access.account),
                         drs_str(s->access.region), s->id, &s->others);

    if (rc != DRS_OK) {
        return rc;
    }

    facts = drsw_ls_facts(s);

    if (facts == NULL) {
        return DRS_ERROR;
    }

    errors = json_array();
    batch = drsw_ls_batch(s);

    memset(&c, 0, sizeof(c));
    c.group = s->doc;
    c.old = s->old;
    c.facts = facts;
    c.batch = batch;
    c.others = s->others;

    json_array_foreach (s->entries, i, v) {
        c.server = drs_json_field(v, "sourceServerId");
        from = json_array_size(errors);
        drs_launch_check(&c, errors, s->warnings);

        for (; s->bulk && from < json_array_size(errors); from++) {
            item = json_array_get(errors, from);
            (void) json_object_set(item, "index", json_object_get(v, "index"));
            (void) drs_json_set_str(item, "sourceServerId", c.server);
        }
    }

    if (json_array_size(errors) > 0) {
        rc = drs_launch_invalid(&s->e, errors);
    }

    json_decref(batch);
    json_decref(errors);
    json_decref(facts);
    return rc;
}


int
drsw_ls_access(drsw_ls_t *s)
{
    int  rc;
    char err[512];

    rc = drsw_access(s->ctx, drsw_group_account(s->ctx, s->old),
                     drs_json_field(s->old, "region"), &s->access, err,
                     sizeof(err));

    if (rc == DRS_DECLINED) {
        (void) drs_model_fail(&s->e, DRS_ERR_INVALID_ACCOUNT, "accountId",
                              json_pack("{s:O?}", "accountId",
                                        json_object_get(s->old, "accountId")),
                              "%s", err);
    }

    return rc;
}


/* The history of a server (api.md PG14) is read from before and after. */
int
drsw_ls_store(drsw_ls_t *s)
{
    int     rc;
    size_t  i;
    json_t *more, *list, *v;

    list = json_array();

    json_array_foreach (s->entries, i, v) {
        (void) json_array_append(list, json_object_get(v, "sourceServerId"));
    }

    more = json_pack("{s:o}", "serverIds", list);
    rc = drsw_group_store_as(s->ctx, s->cmd, s->old, s->doc,
                             strcmp(s->cmd->type, "launch.delete") == 0
                                 ? "group.server_config.delete"
                                 : "group.server_config.update",
                             more, drsw_now_ms(s->ctx) + DRSW_LS_JOB_MS, &s->e);
    json_decref(more);

    return rc;
}


/* The servers of the request at once; the job of the group looks again. */
int
drsw_ls_apply(drsw_ls_t *s)
{
    char      task[64];
    size_t    i, n;
    json_t   *v;
    int64_t   left;
    drs_str_t id;

    n = json_array_size(s->entries);
    s->items = calloc(n, sizeof(*s->items));

    if (s->items == NULL) {
        return DRS_ERROR;
    }

    json_array_foreach (s->entries, i, v) {
        id = drs_json_field(v, "sourceServerId");
        s->items[i].server = id.data;
        s->items[i].settings = drs_model_launch_effective(s->doc, id);
    }

    left = DRSW_LS_APPLY_MS;

    if (s->cmd->deadline_ms > 0
        && s->cmd->deadline_ms - drsw_now_ms(s->ctx) - DRSW_LS_MARGIN_MS < left)
    {
        left = s->cmd->deadline_ms - drsw_now_ms(s->ctx) - DRSW_LS_MARGIN_MS;
    }

    drsw_launch_many(s->ctx, &s->access, s->doc, s->items, n, 0,
                     drsw_mono_ms() + left);

    (void) snprintf(task, sizeof(task), "launch:%.*s", DRS_STR_ARG(s->id));

    return drsw_task_due(s->ctx, task, DRSW_NOW);
}


const char *
drsw_ls_outcome(const drsw_launch_item_t *item, const char **why)
{
    *why = NULL;

    if (item->rc == DRS_OK) {
        if (json_object_size(item->settings) == 0 && item->result.version == 0)
        {
            *why = "Nothing is set for the server.";
            return "skipped";
        }

        if (item->result.warning[0] != '\0') {
            *why = item->result.warning;
        }

        return "applied";
    }

    if (item->rc == DRS_AGAIN) {
        *why = "The settings are applied in the background.";
        return "skipped";
    }

    *why = item->rc == DRS_DECLINED ? item->result.error : "Out of memory.";

    return "failed";
}


/* {applied, skipped, failed, details} */
json_t *
drsw_ls_result(const drsw_ls_t *s)
{
    size_t      i, n[3];
    json_t     *details, *o;
    const char *status, *why;

    memset(n, 0, sizeof(n));
    details = json_array();

    for (i = 0; i < json_array_size(s->entries); i++) {
        status = drsw_ls_outcome(&s->items[i], &why);
        n[status[0] == 'a' ? 0 : status[0] == 's' ? 1 : 2]++;
        o = json_pack("{s:s, s:s}", "serverId", s->items[i].server, "status",
                      status);

        if (why != NULL) {
            (void) json_object_set_new(o, status[0] == 'f' ? "error" : "reason",
                                       json_string(why));
        }

        if (s->items[i].result.template[0] != '\0') {
            (void) json_object_set_new(
                o, "templateId", json_string(s->items[i].result.template));
        }

        (void) json_array_append_new(details, o);
    }

    return json_pack("{s:I, s:I, s:I, s:o}", "applied", (json_int_t) n[0],
                     "skipped", (json_int_t) n[1], "failed", (json_int_t) n[2],
                     "details", details);
}


/* 1 if an earlier try of the command has stored this already. */
static int
drsw_ls_repeated(const drsw_ls_t *s, int64_t version)
{
    size_t        i;
    json_t       *v, *entry;
    const json_t *have;

    if (!s->cmd->again || drs_model_doc_version(s->old) != version + 1) {
        return 0;
    }

    json_array_foreach (s->entries, i, v) {
        entry = json_object_get(v, "entry");
        have =
            drs_model_launch_entry(s->old, drs_json_field(v, "sourceServerId"));

        if (json_is_object(entry) != (have != NULL)
            || (have != NULL
                && !drs_json_equal(json_object_get(entry, "launchTemplate"),
                                   json_object_get(have, "launchTemplate"))))
        {
            return 0;
        }
    }

    return 1;
}


/* Everything from the parsed entries to the applied settings. */
int
drsw_ls_write(drsw_ls_t *s, const json_t *body)
{
    int     rc;
    int64_t version;

    version = 0;

    if (drs_model_version(&s->e, body, &version) != DRS_OK) {
        return DRS_DECLINED;
    }

    if (version != 0 && version != drs_model_doc_version(s->old)
        && !drsw_ls_repeated(s, version))
    {
        return drs_model_version_conflict(&s->e, version,
                                          drs_model_doc_version(s->old), s->id);
    }

    rc = drsw_ls_access(s);
    rc = (rc == DRS_OK) ? drsw_ls_document(s) : rc;
    rc = (rc == DRS_OK) ? drsw_ls_validate(s) : rc;
    rc = (rc == DRS_OK) ? drsw_ls_store(s) : rc;
    rc = (rc == DRS_OK) ? drsw_ls_apply(s) : rc;

    return rc;
}
