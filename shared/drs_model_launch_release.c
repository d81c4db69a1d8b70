/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Static addresses that servers had and have no longer.  Templates are based on
 * their former version, so an address that is only left out would stay in them:
 * the group remembers it (`releasedIps`, server id -> address, never shown) and
 * whoever applies settings takes exactly this address away.
 */

#include "drs_model_launch_check.h"
#include "drs_model_launch_int.h"


#define DRS_LR_MEMBER "releasedIps"


static json_t *
drs_lr_address(const json_t *group, drs_str_t server)
{
    json_t *settings, *ip;

    settings = drs_model_launch_effective(group, server);
    ip = json_incref(json_object_get(settings, "staticPrivateIp"));
    json_decref(settings);

    return ip;
}


static void
drs_lr_server(const json_t *old, const json_t *doc, drs_str_t server,
              json_t *released)
{
    json_t *before, *after;

    before = drs_lr_address(old, server);
    after = drs_lr_address(doc, server);

    if (before != NULL && after == NULL) {
        (void) json_object_setn(released, server.data, server.len, before);
    }

    json_decref(before);
    json_decref(after);
}


/*
 * Those that have an address again or are no members of the group.  The members
 * of a group whose tags change are not known yet.
 */
static void
drs_lr_forget(const json_t *doc, json_t *released)
{
    int         known;
    void       *next;
    json_t     *ip, *v;
    const char *id;

    known = json_array_size(json_object_get(doc, "sourceServerIds")) > 0;

    json_object_foreach_safe(released, next, id, v)
    {
        ip = drs_lr_address(doc, drs_str(id));

        if (ip != NULL || (known && !drs_launch_member(doc, drs_str(id)))) {
            (void) json_object_del(released, id);
        }

        json_decref(ip);
    }
}


void
drs_model_launch_release(const json_t *old, json_t *doc)
{
    size_t  i;
    json_t *released, *v;

    released = json_copy(json_object_get(old, DRS_LR_MEMBER));

    if (released == NULL) {
        released = json_object();
    }

    json_array_foreach (json_object_get(old, "servers"), i, v) {
        drs_lr_server(old, doc, drs_json_field(v, "sourceServerId"), released);
    }

    if (json_object_get(json_object_get(old, "launchConfig"), "staticPrivateIp")
        != NULL)
    {
        json_array_foreach (json_object_get(old, "sourceServerIds"), i, v) {
            drs_lr_server(old, doc, drs_json_str(v), released);
        }
    }

    drs_lr_forget(doc, released);

    if (json_object_size(released) > 0) {
        (void) json_object_set(doc, DRS_LR_MEMBER, released);
    } else {
        (void) json_object_del(doc, DRS_LR_MEMBER);
    }

    json_decref(released);
}


drs_str_t
drs_model_launch_released(const json_t *group, drs_str_t server)
{
    json_t *ips;

    ips = json_object_get(group, DRS_LR_MEMBER);

    return drs_json_str(
        server.len > 0 ? json_object_getn(ips, server.data, server.len) : NULL);
}
