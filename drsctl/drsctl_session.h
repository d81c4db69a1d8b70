
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * The document behind `login`: sessions by base URL, so that no token is ever
 * sent to another server than the one that gave it.  Pure; no clock.
 */

#ifndef DRSCTL_SESSION_H_INCLUDED
#define DRSCTL_SESSION_H_INCLUDED


#include "drs_json.h"


/* A token that lives no longer than this is renewed before its use. */
#define DRSCTL_SESSION_MARGIN_S 60


/* Borrowed from the document; empty views when there is no session. */
typedef struct {
    drs_str_t token;
    drs_str_t refresh_token;
    int64_t   expires_at; /* epoch seconds */
    int64_t   refresh_expires_at;
} drsctl_session_t;


/* A new document, also when the text is empty or broken. */
json_t *drsctl_session_parse(drs_str_t text);

/* 1 if there is a session for the URL. */
int
drsctl_session_find(const json_t *doc, const char *url, drsctl_session_t *s);

/* Keeps a LocalSession (api.md 10.4); DRS_DECLINED if it is none. */
int drsctl_session_put(json_t *doc, const char *url, const json_t *local,
                       int64_t now_s);

/* 1 if there was one. */
int drsctl_session_drop(json_t *doc, const char *url);

/* 1 if the access token, or the refresh token, may still be used. */
int drsctl_session_fresh(const drsctl_session_t *s, int64_t now_s);
int drsctl_session_renewable(const drsctl_session_t *s, int64_t now_s);


#endif /* DRSCTL_SESSION_H_INCLUDED */
