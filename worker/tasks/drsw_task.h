
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * What tasks and commands share: calls of the store with their answers,
 * stored documents, access to an AWS account, audit entries and events.
 */

#ifndef DRSW_TASK_H
#define DRSW_TASK_H


#include <jansson.h>

#include "drs_error.h"
#include "drs_json.h"
#include "drs_model.h"
#include "drs_store.h"

#include "drsw.h"


/* --- store ---------------------------------------------------------------- */

/*
 * Sends a function call and frees the command (NULL is allowed: DRS_ERROR).
 *
 *  DRS_OK        answer->v is what follows "OK"
 *  DRS_DECLINED  refused: answer->code, text, details
 *  DRS_ERROR     no answer (logged)
 *
 * The answer's views live until drsw_reply_free(reply), which is the caller's
 * in every case.
 */
int drsw_store_call(drsw_ctx_t *ctx, drs_cmd_t *cmd, drsw_reply_t *reply,
                    drs_answer_t *answer);

/* The same when only the result matters; a refusal is logged. */
int drsw_store_do(drsw_ctx_t *ctx, drs_cmd_t *cmd);

/*
 * JSON document of a string key with one part.  *doc is owned by the caller.
 * DRS_DECLINED: there is none.
 */
int drsw_load_doc(drsw_ctx_t *ctx, drs_key_t key, drs_str_t id, json_t **doc);

/* JSON documents of many ids, as an object id -> document; absent ones are
 * left out.  ids: array of strings. */
int drsw_load_docs(drsw_ctx_t *ctx, drs_key_t key, const json_t *ids,
                   json_t **docs);


/* --- requests ---------------------------------------------------------------- */

/* Settings of the models; views live as long as the configuration.  regions
 * points to a static buffer of the configuration's list. */
void drsw_model_env(drsw_ctx_t *ctx, const drsw_command_t *cmd,
                    drs_model_env_t *env);

/* Label of a command's actor: e-mail, else user name, else id. */
drs_str_t drsw_actor_label(const json_t *actor);

/* Refusal of a model as the answer of a command; frees the error. */
int drsw_answer_model(drsw_answer_t *answer, drs_model_error_t *e);

/*
 * Audit entry (api.md 10.4 AuditEntry without id, time, hashes) as compact
 * text.  cmd NULL: the actor is "system".  before, after, more may be NULL and
 * are borrowed; of two objects the changed members are kept, and secrets are
 * replaced (drs_audit.h).  more: further members.  The caller frees the text;
 * NULL without memory.
 */
char *
drsw_audit_text(const drsw_command_t *cmd, const char *action,
                const char *resource_type, drs_str_t resource_id,
                const json_t *before, const json_t *after, const json_t *more);

/*
 * Event (api.md 10.5) without id, as compact text, freed by the caller.  data
 * is taken over.  execution, plan, account may be empty.
 */
char *drsw_event_text(int64_t now_ms, const char *event, const char *topic,
                      const char *resource_type, drs_str_t resource_id,
                      drs_str_t actor, drs_str_t execution, drs_str_t plan,
                      drs_str_t account, json_t *data);


/* --- AWS accounts -------------------------------------------------------------- */

/* Access to one account and Region.  Self-contained: `aws` points inside. */
typedef struct {
    char           account[16];
    char           region[32];
    char           role_arn[160];
    char           external_id[1232];
    char           session[65];  /* at most 64 by STS */
    char           identity[65]; /* as well */
    drsw_aws_ctx_t aws;
} drsw_access_t;

/* ctx->user; characters that STS does not take are replaced. */
void drsw_access_user(drsw_ctx_t *ctx, drs_str_t user);

/*
 * HUB for the hub's own account, otherwise ASSUME with the registered
 * account's role and external id; never defaulted (engine.md 5.3).
 *
 *  DRS_OK
 *  DRS_DECLINED  not registered or not active: err says so
 *  DRS_ERROR     the store cannot be read
 *
 * hub_account "" in the configuration: found by GetCallerIdentity once per
 * process (err then may carry why not).
 */
int drsw_access(drsw_ctx_t *ctx, drs_str_t account, drs_str_t region,
                drsw_access_t *access, char *err, size_t errlen);

/*
 * The same with a record that the caller has: an account's document or an entry
 * of its stagingAccounts (roleArn, externalId; status, if it has one, must be
 * active).
 */
int drsw_access_as(drsw_ctx_t *ctx, drs_str_t account, drs_str_t region,
                   const json_t *doc, drsw_access_t *access, char *err,
                   size_t errlen);

/* Account of the hub: configured, else asked once; "" if unknown. */
const char *drsw_hub_account(drsw_ctx_t *ctx);

/*
 * Text for people about a failed AWS call: what, role, account, external id
 * named but not shown, cause (engine.md 5.4).
 */
void drsw_aws_explain(const drsw_access_t *access, const char *what,
                      const drsw_aws_result_t *res, char *dst, size_t size);

/* API error code of a failed AWS read (api.md DRS1): DRS_NOT_INITIALIZED,
 * REGION_NOT_ENABLED, REGION_ACCESS_DENIED, ... */
const char *drsw_aws_error_code(const drsw_aws_result_t *res);


#endif /* DRSW_TASK_H */
