
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include "drsctl_session.h"


json_t *
drsctl_session_parse(drs_str_t text)
{
    json_t *doc;

    doc = drs_json_parse(text, NULL, NULL);

    if (!json_is_object(doc)) {
        json_decref(doc);
        doc = json_object();
    }

    if (!json_is_object(json_object_get(doc, "sessions"))) {
        (void) json_object_set_new(doc, "sessions", json_object());
    }

    return doc;
}


int
drsctl_session_find(const json_t *doc, const char *url, drsctl_session_t *s)
{
    const json_t *entry;

    entry = json_object_get(json_object_get(doc, "sessions"), url);

    s->token = drs_json_field(entry, "token");
    s->refresh_token = drs_json_field(entry, "refreshToken");
    s->expires_at = drs_json_int(entry, "expiresAt", 0);
    s->refresh_expires_at = drs_json_int(entry, "refreshExpiresAt", 0);

    return s->token.len > 0;
}


int
drsctl_session_put(json_t *doc, const char *url, const json_t *local,
                   int64_t now_s)
{
    json_t   *entry;
    int64_t   life, refresh_life;
    drs_str_t token, refresh;

    token = drs_json_field(local, "token");
    refresh = drs_json_field(local, "refreshToken");
    life = drs_json_int(local, "expiresIn", 0);
    refresh_life = drs_json_int(local, "refreshExpiresIn", 0);

    if (token.len == 0 || life <= 0) {
        return DRS_DECLINED;
    }

    entry = json_object();
    (void) drs_json_set_str(entry, "token", token);
    (void) drs_json_set_int(entry, "expiresAt", now_s + life);

    if (refresh.len && refresh_life > 0) {
        (void) drs_json_set_str(entry, "refreshToken", refresh);
        (void) drs_json_set_int(entry, "refreshExpiresAt",
                                now_s + refresh_life);
    }

    return json_object_set_new(json_object_get(doc, "sessions"), url, entry)
                   == 0
               ? DRS_OK
               : DRS_ERROR;
}


int
drsctl_session_drop(json_t *doc, const char *url)
{
    return json_object_del(json_object_get(doc, "sessions"), url) == 0;
}


int
drsctl_session_fresh(const drsctl_session_t *s, int64_t now_s)
{
    return s->token.len > 0 && s->expires_at - DRSCTL_SESSION_MARGIN_S > now_s;
}


int
drsctl_session_renewable(const drsctl_session_t *s, int64_t now_s)
{
    return s->refresh_token.len > 0 && s->refresh_expires_at > now_s;
}
