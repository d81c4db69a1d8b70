/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drs_time.h"

#include "drsw_source.h"


typedef struct {
    drsw_ctx_t          *ctx;
    const drsw_access_t *access;
    int64_t              now;
    json_t              *known;     /* owned: id -> what is kept */
    json_t              *due;       /* owned: id -> server, to be asked for */
    json_t              *instances; /* owned: instance id -> Instance */
    char template[64];
    int changed;
} drsw_source_t;


/* -- instances ------------------------------------------------------------ */

drs_str_t
drsw_source_instance(const json_t *server)
{
    return drs_json_field(
        json_object_get(json_object_get(server, "sourceProperties"),
                        "identificationHints"),
        "awsInstanceID");
}


/* A member of sourceCloudProperties, or the place's own. */
static drs_str_t
drsw_source_origin(const json_t *server, const char *name, const char *own)
{
    drs_str_t s;

    s = drs_json_field(json_object_get(server, "sourceCloudProperties"), name);

    return s.len > 0 ? s : drs_str(own);
}


/* "<account> <Region>" -> [instance ids] */
static json_t *
drsw_source_group(const drsw_access_t *access, const json_t *servers)
{
    char        key[96];
    json_t     *groups, *server, *list;
    drs_str_t   instance;
    const char *id;

    groups = json_object();

    json_object_foreach ((json_t *) servers, id, server) {
        instance = drsw_source_instance(server);

        if (instance.len == 0) {
            continue;
        }

        (void) snprintf(key, sizeof(key), "%.*s %.*s",
                        DRS_STR_ARG(drsw_source_origin(
                            server, "originAccountID", access->account)),
                        DRS_STR_ARG(drsw_source_origin(server, "originRegion",
                                                       access->region)));
        list = json_object_get(groups, key);

        if (list == NULL) {
            list = json_array();
            (void) json_object_set_new(groups, key, list);
        }

        (void) json_array_append_new(list, drs_json_new_str(instance));
    }

    return groups;
}


/* The role of the source account, else that of the place. */
static int
drsw_source_access(drsw_ctx_t *ctx, const drsw_access_t *place, const char *key,
                   drsw_access_t *access, char *err, size_t size)
{
    int       rc;
    drs_str_t account, region;

    region = drs_str(key);
    (void) drs_str_split(&region, ' ', &account);
    rc = drsw_access(ctx, account, region, access, err, size);

    if (rc == DRS_DECLINED) {
        rc = drsw_access(ctx, drs_str(place->account), region, access, err,
                         size);
    }

    return rc;
}


int
drsw_source_instances(drsw_ctx_t *ctx, const drsw_access_t *access,
                      const json_t *servers, drsw_source_error_pt error,
                      void *data, json_t **instances)
{
    int               rc;
    char              text[1024];
    size_t            i;
    json_t           *groups, *ids, *list, *v;
    const char       *key, *id;
    drsw_access_t     source;
    drsw_aws_result_t res;

    rc = DRS_OK;
    *instances = json_object();
    groups = drsw_source_group(access, servers);

    json_object_foreach (groups, key, ids) {
        rc = drsw_source_access(ctx, access, key, &source, text, sizeof(text));

        if (rc == DRS_ERROR) {
            break;
        }

        if (rc == DRS_OK
            && drsw_ec2_describe_instances(ctx->aws, &source.aws, ids, NULL,
                                           &list, &res)
                   != DRSW_AWS_OK)
        {
            drsw_aws_explain(&source, "reading the source instances", &res,
                             text, sizeof(text));
            rc = DRS_DECLINED;
        }

        if (rc == DRS_DECLINED) {
            error(data, text);
            rc = DRS_OK;
            continue;
        }

        json_array_foreach (list, i, v) {
            id = json_string_value(json_object_get(v, "InstanceId"));

            if (id != NULL) {
                (void) json_object_set(*instances, id, v);
            }
        }

        json_decref(list);
    }

    json_decref(groups);

    return rc;
}


/* -- what is kept --------------------------------------------------------- */

int
drsw_source_load(drsw_ctx_t *ctx, const drsw_access_t *access, json_t **sources)
{
    int          rc;
    size_t       i;
    json_t      *v;
    drs_cmd_t   *cmd;
    drsw_reply_t reply;

    *sources = json_object();
    memset(&reply, 0, sizeof(reply));
    cmd = drs_key_cmd2("HGETALL", drsw_redis_prefix(ctx->redis),
                       DRS_KEY_INV_SOURCE, drs_str(access->account),
                       drs_str(access->region));
    rc = drs_cmd_ok(cmd) ? drsw_redis_cmd(ctx->redis, cmd, &reply) : DRS_ERROR;
    drs_cmd_free(cmd);

    for (i = 0; rc == DRS_OK && i + 1 < reply.r.n; i += 2) {
        v = drs_json_parse(reply.r.v[i + 1], &drs_json_store_limits, NULL);

        if (v != NULL) {
            (void) json_object_setn_new(*sources, reply.r.v[i].data,
                                        reply.r.v[i].len, v);
        }
    }

    drsw_reply_free(&reply);

    return rc;
}


/* Servers to ask EC2 about; 1 if one was never seen. */
static int
drsw_source_due(drsw_source_t *s, const json_t *servers)
{
    int           news;
    json_t       *server;
    drs_str_t     instance;
    const char   *id;
    const json_t *kept;

    news = 0;
    s->due = json_object();

    json_object_foreach ((json_t *) servers, id, server) {
        kept = json_object_get(s->known, id);
        instance = drsw_source_instance(server);
        news |= (kept == NULL);

        if (instance.len > 0
            && (!drs_str_eq(instance, drs_json_field(kept, "instanceId"))
                || s->now - drs_json_int(kept, "at", 0)
                       >= s->ctx->conf->region_idle_ms))
        {
            (void) json_object_set(s->due, id, server);
        }
    }

    return news;
}


/* Of new servers; DRS has one for each account and Region. */
static void
drsw_source_template(drsw_source_t *s)
{
    json_t           *items;
    drsw_aws_result_t res;

    if (drsw_drs_describe_replication_configuration_templates(
            s->ctx->aws, &s->access->aws, &items, &res)
        == DRSW_AWS_OK)
    {
        (void) snprintf(
            s->template, sizeof(s->template), "%.*s",
            DRS_STR_ARG(drs_json_field(json_array_get(items, 0),
                                       "replicationConfigurationTemplateID")));
        json_decref(items);
    }
}


static void
drsw_source_error(void *data, const char *text)
{
    drsw_source_t *s;

    s = data;
    drsw_info(s->ctx->log, "inventory of %s %s: %s", s->access->account,
              s->access->region, text);
}


/* Where it replicated from when it was first seen. */
static json_t *
drsw_source_topology(const drsw_source_t *s, const json_t *server)
{
    char    at[DRS_TIME_ISO_SIZE];
    json_t *o;

    o = json_object();
    (void) drs_time_iso_ms(at, s->now);
    (void) drs_json_set_str(
        o, "originalAccountId",
        drsw_source_origin(server, "originAccountID", s->access->account));
    (void) drs_json_set_str(
        o, "originalSourceRegion",
        drsw_source_origin(server, "originRegion", s->access->region));

    if (s->template[0] != '\0') {
        (void) drs_json_set_str(o, "originalReplicationConfigTemplateId",
                                drs_str(s->template));
    }

    (void) drs_json_set_str(o, "topologyLastUpdated", drs_str(at));

    return o;
}


static json_t *
drsw_source_tags(const json_t *instance)
{
    size_t    i;
    json_t   *tags, *tag;
    drs_str_t key;

    tags = json_object();

    json_array_foreach (json_object_get(instance, "Tags"), i, tag) {
        key = drs_json_field(tag, "Key");

        if (key.len > 0 && !drs_str_starts(key, "aws:")) {
            (void) json_object_setn(tags, key.data, key.len,
                                    json_object_get(tag, "Value"));
        }
    }

    return tags;
}


static json_t *
drsw_source_network(const json_t *instance)
{
    size_t  i;
    json_t *o, *groups, *group;

    groups = json_array();

    json_array_foreach (json_object_get(instance, "SecurityGroups"), i, group) {
        (void) json_array_append(groups, json_object_get(group, "GroupId"));
    }

    o = json_pack("{s:o}", "securityGroups", groups);
    (void) json_object_set(o, "vpcId", json_object_get(instance, "VpcId"));
    (void) json_object_set(o, "subnetId",
                           json_object_get(instance, "SubnetId"));
    (void) json_object_set(o, "privateIp",
                           json_object_get(instance, "PrivateIpAddress"));
    (void) json_object_set(
        o, "instanceProfile",
        json_object_get(json_object_get(instance, "IamInstanceProfile"),
                        "Arn"));

    return o;
}


/* What is to be kept of a server now; new reference. */
static json_t *
drsw_source_row(drsw_source_t *s, const char *id, const json_t *server)
{
    json_t       *row;
    drs_str_t     name;
    const json_t *kept, *instance;

    kept = json_object_get(s->known, id);
    row = kept != NULL ? json_copy((json_t *) kept)
                       : drsw_source_topology(s, server);

    if (json_object_get(s->due, id) == NULL) {
        return row;
    }

    name = drsw_source_instance(server);
    instance = json_object_getn(s->instances, name.data, name.len);
    (void) drs_json_set_int(row, "at", s->now);
    (void) drs_json_set_str(row, "instanceId", name);

    /* of a machine that is gone, or cannot be asked for, what was known stays */

    if (instance != NULL) {
        (void) json_object_set_new(row, "sourceTags",
                                   drsw_source_tags(instance));
        (void) json_object_set_new(row, "ec2NetworkConfig",
                                   drsw_source_network(instance));
    }

    return row;
}


/* 1 unless only the time of the question differs. */
static int
drsw_source_differs(const json_t *kept, const json_t *row)
{
    int     same;
    json_t *a, *b;

    a = json_copy((json_t *) kept);
    b = json_copy((json_t *) row);
    (void) json_object_del(a, "at");
    (void) json_object_del(b, "at");
    same = json_equal(a, b);
    json_decref(a);
    json_decref(b);

    return !same;
}


static int
drsw_source_write(drsw_source_t *s, const json_t *servers)
{
    int          rc;
    char        *text;
    size_t       i;
    json_t      *server, *row, *kept;
    drs_cmd_t   *cmds[2];
    const char  *id;
    drsw_reply_t reply;

    static const char *const names[] = { "HSET", "HDEL" };

    for (i = 0; i < 2; i++) {
        cmds[i] = drs_key_cmd2(names[i], drsw_redis_prefix(s->ctx->redis),
                               DRS_KEY_INV_SOURCE, drs_str(s->access->account),
                               drs_str(s->access->region));
    }

    json_object_foreach ((json_t *) servers, id, server) {
        kept = json_object_get(s->known, id);
        row = drsw_source_row(s, id, server);
        s->changed |= drsw_source_differs(kept, row);

        if (kept == NULL || !json_equal(kept, row)) {
            text = drs_json_text(row, NULL);
            (void) drs_cmd_addz(cmds[0], id);
            (void) drs_cmd_addz(cmds[0], text != NULL ? text : "{}");
            free(text);
        }

        json_decref(row);
    }

    json_object_foreach (s->known, id, kept) {
        if (json_object_get(servers, id) == NULL) {
            (void) drs_cmd_addz(cmds[1], id);
        }
    }

    rc = DRS_OK;

    for (i = 0; i < 2; i++) {
        if (rc == DRS_OK && cmds[i] != NULL && cmds[i]->argc > 2) {
            memset(&reply, 0, sizeof(reply));
            rc = drsw_redis_cmd(s->ctx->redis, cmds[i], &reply);
            drsw_reply_free(&reply);
        }

        drs_cmd_free(cmds[i]);
    }

    return rc;
}


int
drsw_source_refresh(drsw_ctx_t *ctx, const drsw_access_t *access,
                    const json_t *servers, int *changed)
{
    int           rc;
    drsw_source_t s;

    memset(&s, 0, sizeof(s));
    s.ctx = ctx;
    s.access = access;
    s.now = drsw_now_ms(ctx);
    rc = drsw_source_load(ctx, access, &s.known);

    if (rc == DRS_OK && drsw_source_due(&s, servers)) {
        drsw_source_template(&s);
    }

    if (rc == DRS_OK && json_object_size(s.due) > 0) {
        rc = drsw_source_instances(ctx, access, s.due, drsw_source_error, &s,
                                   &s.instances);
    }

    rc = (rc == DRS_OK) ? drsw_source_write(&s, servers) : rc;
    *changed = s.changed;
    json_decref(s.known);
    json_decref(s.due);
    json_decref(s.instances);

    return rc;
}
