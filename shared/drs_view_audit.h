
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * History of one server's launch settings (api.md PG14) as a view of the audit
 * trail: what entries about its group say about its member of `servers`.
 */

#ifndef DRS_VIEW_AUDIT_H_INCLUDED
#define DRS_VIEW_AUDIT_H_INCLUDED


#include <jansson.h>

#include "drs_str.h"


/*
 * Appends what an AuditEntry says about the server, if anything: {timestamp,
 * user, action, protectionGroupId, serverId, changes}.  DRS_OK or DRS_ERROR.
 */
int drs_view_audit_server(json_t *list, const json_t *entry, drs_str_t group,
                          drs_str_t server) DRS_MUST_CHECK;

/* 1 if the server belongs to a stored group, or has settings in it. */
int drs_view_audit_has_server(const json_t *group, drs_str_t server);


#endif /* DRS_VIEW_AUDIT_H_INCLUDED */
