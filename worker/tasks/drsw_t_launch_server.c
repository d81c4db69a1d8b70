/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Commands launch.server, launch.delete, launch.bulk, launch.ip: settings of
 * single servers (api.md PG10 to PG13).
 */

#include <stdio.h>
#include <string.h>

#include "drsw_launch_server.h"
#include "drsw_tasks.h"


static int
drsw_ls_refused(drsw_ls_t *s, drsw_answer_t *answer, int rc)
{
    return rc == DRS_DECLINED ? drsw_answer_model(answer, &s->e) : DRS_ERROR;
}


static json_t *
drsw_ls_trail(const drsw_ls_t *s, drs_str_t server, const char *action)
{
    json_t *before, *after, *changed, *o;

    before = drs_model_launch_effective(s->old, server);
    after = drs_model_launch_effective(s->doc, server);
    changed = drs_launch_changed(before, after);
    o = drs_view_launch_trail(drsw_actor_label(s->cmd->actor), action, changed,
                              drsw_ls_result(s), drsw_wall_ms());
    json_decref(changed);
    json_decref(before);
    json_decref(after);

    return o;
}


static void
drsw_ls_warn(const drsw_ls_t *s, json_t *body)
{
    if (json_array_size(s->warnings) > 0) {
        (void) json_object_set(body, "warnings", s->warnings);
    }
}


int
drsw_cmd_launch_server(drsw_ctx_t *ctx, const drsw_command_t *cmd,
                       drsw_answer_t *answer)
{
    int           rc;
    json_t       *body, *entry;
    drs_str_t     server;
    drsw_ls_t     s;
    const json_t *in;

    drsw_ls_init(&s, ctx, cmd);
    server = drs_json_field(cmd->payload, "serverId");
    in = json_object_get(cmd->payload, "body");
    rc = drsw_ls_load(&s, server);

    if (rc == DRS_OK) {
        rc = drs_launch_override(&s.e, in, server, &entry);
    }

    if (rc == DRS_OK) {
        drsw_ls_one(&s, server, entry);
        rc = drsw_ls_write(&s, in);
    }

    if (rc != DRS_OK) {
        rc = drsw_ls_refused(&s, answer, rc);
        drsw_ls_free(&s);
        return rc;
    }

    body = drs_view_launch_server(s.doc, server);
    (void) json_object_set_new(
        body, "message",
        json_string(entry != NULL
                        ? "The server configuration was stored."
                        : "The server uses the settings of the group."));
    (void) json_object_set(body, "version", json_object_get(s.doc, "version"));
    (void) json_object_set_new(body, "auditTrail",
                               drsw_ls_trail(&s, server,
                                             entry != NULL
                                                 ? "updated_server_config"
                                                 : "reset_to_defaults"));
    drsw_ls_warn(&s, body);
    drsw_ls_free(&s);

    return drsw_answer_body(answer, 200, body);
}


int
drsw_cmd_launch_delete(drsw_ctx_t *ctx, const drsw_command_t *cmd,
                       drsw_answer_t *answer)
{
    int       rc;
    json_t   *body;
    drs_str_t server;
    drsw_ls_t s;

    drsw_ls_init(&s, ctx, cmd);
    server = drs_json_field(cmd->payload, "serverId");
    rc = drsw_ls_load(&s, server);

    if (rc == DRS_OK && drs_model_launch_entry(s.old, server) == NULL) {
        rc = drs_model_fail(&s.e, DRS_ERR_SERVER_NOT_FOUND, "",
                            json_pack("{s:s%, s:s%}", "serverId", server.data,
                                      server.len, "groupId", s.id.data,
                                      s.id.len),
                            "The server has no configuration of its own.");
    }

    if (rc == DRS_OK) {
        drsw_ls_one(&s, server, NULL);
        rc = drsw_ls_access(&s);
        rc = (rc == DRS_OK) ? drsw_ls_document(&s) : rc;
        rc = (rc == DRS_OK) ? drsw_ls_store(&s) : rc;
        rc = (rc == DRS_OK) ? drsw_ls_apply(&s) : rc;
    }

    if (rc != DRS_OK) {
        rc = drsw_ls_refused(&s, answer, rc);
        drsw_ls_free(&s);
        return rc;
    }

    body = json_pack("{s:s%, s:s, s:o, s:o}", "sourceServerId", server.data,
                     server.len, "message",
                     "The server configuration was deleted.", "effectiveConfig",
                     drs_model_launch_effective(s.doc, server), "auditTrail",
                     drsw_ls_trail(&s, server, "deleted_server_config"));
    drsw_ls_free(&s);

    return drsw_answer_body(answer, 200, body);
}


static json_t *
drsw_ls_bulk_body(const drsw_ls_t *s)
{
    int         ok;
    size_t      i, done, total;
    char        text[128];
    json_t     *results, *o, *body;
    const char *status, *why;

    results = json_array();
    total = json_array_size(s->entries);
    done = 0;

    for (i = 0; i < total; i++) {
        status = drsw_ls_outcome(&s->items[i], &why);
        ok = (status[0] != 'f');
        done += (size_t) ok;
        o = json_pack("{s:s, s:s, s:s, s:b, s:O}", "sourceServerId",
                      s->items[i].server, "serverId", s->items[i].server,
                      "status", ok ? "applied" : "failed", "success", ok,
                      "effectiveConfig", s->items[i].settings);

        if (why != NULL) {
            (void) json_object_set_new(o, "message", json_string(why));
        }

        if (!ok) {
            (void) json_object_set_new(
                o, "error",
                json_string(s->items[i].result.code[0] != '\0'
                                ? s->items[i].result.code
                                : "DRS_ERROR"));
        }

        (void) json_array_append_new(results, o);
    }

    (void) snprintf(text, sizeof(text),
                    "%zu of %zu server configurations "
                    "were applied.",
                    done, total);
    body = json_pack("{s:s, s:{s:I, s:I, s:I}, s:I, s:I, s:I, s:o}", "message",
                     text, "summary", "total", (json_int_t) total, "applied",
                     (json_int_t) done, "failed", (json_int_t) (total - done),
                     "totalRequested", (json_int_t) total, "successCount",
                     (json_int_t) done, "failureCount",
                     (json_int_t) (total - done), "results", results);
    (void) json_object_set(body, "version", json_object_get(s->doc, "version"));

    return body;
}


int
drsw_cmd_launch_bulk(drsw_ctx_t *ctx, const drsw_command_t *cmd,
                     drsw_answer_t *answer)
{
    int           rc;
    json_t       *body;
    drsw_ls_t     s;
    const json_t *in;

    drsw_ls_init(&s, ctx, cmd);
    s.bulk = 1;
    in = json_object_get(cmd->payload, "body");
    rc = drsw_ls_load(&s, drs_str(NULL));

    if (rc == DRS_OK) {
        rc = drs_launch_overrides(&s.e, in, s.old, &s.entries);
    }

    rc = (rc == DRS_OK) ? drsw_ls_write(&s, in) : rc;

    if (rc != DRS_OK) {
        rc = drsw_ls_refused(&s, answer, rc);
        drsw_ls_free(&s);
        return rc;
    }

    body = drsw_ls_bulk_body(&s);
    drsw_ls_warn(&s, body);
    drsw_ls_free(&s);

    return drsw_answer_body(answer, 200, body);
}


/* The first problem of an address as PG12 tells it, or the good answer. */
static json_t *
drsw_ls_ip_body(const json_t *settings, const json_t *facts,
                const json_t *errors)
{
    json_t     *o, *first, *details, *v;
    size_t      i;
    const char *subnet;

    static const char *const more[] = { "reservedRange", "cidr", "subnet",
                                        "conflictingServer" };

    first = json_array_get(errors, 0);
    subnet = json_string_value(json_object_get(settings, "subnetId"));
    o = json_pack("{s:b, s:O, s:O}", "valid", first == NULL, "ip",
                  json_object_get(settings, "staticPrivateIp"), "subnetId",
                  json_object_get(settings, "subnetId"));

    if (first == NULL) {
        v = json_object_get(
            json_object_get(json_object_get(facts, "subnets"), subnet),
            "CidrBlock");
        (void) json_object_set_new(o, "details",
                                   json_pack("{s:b, s:b, s:b, s:O?}",
                                             "inCidrRange", 1, "notReserved", 1,
                                             "available", 1, "subnetCidr", v));
        return o;
    }

    (void) json_object_set(o, "error", json_object_get(first, "error"));
    (void) json_object_set(o, "message", json_object_get(first, "message"));
    v = json_object_get(first, "conflictingResource");

    if (v != NULL) {
        (void) json_object_set(o, "conflictingResource", v);
    }

    details = json_object();

    for (i = 0; i < sizeof(more) / sizeof(more[0]); i++) {
        v = json_object_get(first, more[i]);

        if (v != NULL) {
            (void) json_object_set(details, more[i], v);
        }
    }

    if (json_object_size(details) > 0) {
        (void) json_object_set(o, "details", details);
    }

    json_decref(details);

    return o;
}


/* Errors of formats, then of the group, then of AWS; *facts may stay NULL. */
static int
drsw_ls_ip_check(drsw_ls_t *s, drs_str_t server, const json_t *settings,
                 json_t *errors, json_t **facts)
{
    json_t            *entry, *lookups;
    drs_launch_check_t c;

    if (drs_launch_override(&s->e, json_object_get(s->cmd->payload, "probe"),
                            server, &entry)
        != DRS_OK)
    {
        if (s->e.err != DRS_ERR_VALIDATION_FAILED) {
            return DRS_DECLINED;
        }

        (void) json_array_extend(
            errors, json_object_get(s->e.fields, "validationErrors"));
        drs_model_error_free(&s->e);
        drs_model_error_init(&s->e);
        return DRS_OK;
    }

    s->doc = json_deep_copy(s->old);
    drs_launch_set_entry(s->doc, server, entry);
    json_decref(entry);

    lookups = drs_launch_lookups();
    (void) drs_launch_lookup(lookups, settings);
    *facts = drsw_launch_facts(s->ctx, &s->access, lookups);
    json_decref(lookups);

    if (*facts == NULL) {
        return DRS_ERROR;
    }

    memset(&c, 0, sizeof(c));
    c.group = s->doc;
    c.facts = *facts;
    c.server = server;
    drs_launch_check(&c, errors, NULL);

    return DRS_OK;
}


int
drsw_cmd_launch_ip(drsw_ctx_t *ctx, const drsw_command_t *cmd,
                   drsw_answer_t *answer)
{
    int       rc;
    json_t   *settings, *errors, *facts, *body;
    drs_str_t server;
    drsw_ls_t s;

    drsw_ls_init(&s, ctx, cmd);
    server = drs_json_field(cmd->payload, "serverId");
    settings = json_object_get(json_object_get(cmd->payload, "probe"),
                               "launchTemplate");
    errors = json_array();
    facts = NULL;

    rc = drsw_ls_load(&s, server);
    rc = (rc == DRS_OK) ? drsw_ls_access(&s) : rc;
    rc = (rc == DRS_OK) ? drsw_ls_ip_check(&s, server, settings, errors, &facts)
                        : rc;

    if (rc == DRS_OK) {
        body = drsw_ls_ip_body(settings, facts, errors);
        rc = drsw_answer_body(answer, 200, body);

    } else {
        rc = drsw_ls_refused(&s, answer, rc);
    }

    json_decref(errors);
    json_decref(facts);
    drsw_ls_free(&s);
    return rc;
}
