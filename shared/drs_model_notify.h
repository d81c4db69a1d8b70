
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Webhooks and notification settings of api.md
 * 10.3 and 10.4: checks of requests, stored documents, answers.
 *
 * Stored webhook: {webhookId, name, url, events, planIds, enabled, secret
 * (sealed text), createdAt, updatedAt, createdBy, version}.  Stored settings:
 * the members of NotificationSettings that were given, and `version`.
 */

#ifndef DRS_MODEL_NOTIFY_H_INCLUDED
#define DRS_MODEL_NOTIFY_H_INCLUDED


#include "drs_model.h"


#define DRS_WEBHOOK_SECRET_MIN 16
#define DRS_WEBHOOK_SECRET_MAX 256
#define DRS_WEBHOOK_PLANS_MAX  1000
#define DRS_REMINDERS_MAX      20
#define DRS_REMINDER_HOURS_MAX 8760


/* What addresses are allowed (settings:hub). */
typedef struct {
    drs_str_t hosts; /* list of drs_notify_host_listed() */
    int       allow_private;
} drs_webhook_rules_t;


/*
 * Create (old NULL) or update.  *doc is a new document without the secret, with
 * the version it will have; *secret a view of the new one in the body, empty
 * if it stays.  id: of a new webhook.
 *
 * Refusals: MISSING_FIELD (name, url, secret), INVALID_NAME, INVALID_URL,
 * INVALID_PARAMETER, VERSION_CONFLICT.
 */
int
drs_model_webhook(drs_model_error_t *e, const json_t *body, const json_t *old,
                  drs_str_t id, const drs_webhook_rules_t *rules,
                  const drs_model_env_t *env, json_t **doc,
                  drs_str_t *secret) DRS_MUST_CHECK;

/* Webhook of api.md 10.4; last: JSON text of hook:last, may be empty. */
json_t *drs_view_webhook(const json_t *doc, drs_str_t last);

/* 1 if a webhook wants this event of this plan (may be empty). */
int drs_webhook_wants(const json_t *doc, drs_str_t event, drs_str_t plan);


/*
 * Refusals: INVALID_PARAMETER, INVALID_EMAIL, VERSION_CONFLICT.  old NULL:
 * nothing was stored, version 0.
 */
int drs_model_notify(drs_model_error_t *e, const json_t *body,
                     const json_t *old, json_t **doc) DRS_MUST_CHECK;

/* NotificationSettings; the numbers are those of drs_outbox_stat. */
json_t *drs_view_notify(const json_t *doc, int64_t pending, int64_t failed,
                        int64_t oldest_age_s);

/* 1 unless the settings switch the event off. */
int drs_notify_wanted(const json_t *settings, drs_str_t event);

/* "arn:aws:sns:<region>:<account>:<name>"; parts may be NULL. */
int drs_id_topic_arn(drs_str_t s, drs_str_t *region, drs_str_t *account);


#endif /* DRS_MODEL_NOTIFY_H_INCLUDED */
