
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Notifications: the events of api.md 10.6, the entry that is written into the
 * outbox, and what is made of it for SNS, e-mail and webhooks.  Pure: no
 * clock, no network, no random numbers.
 *
 * An entry is a JSON object {eventType, time, executionId?, planId?,
 * planName?, executionType?, accountId?, region?, pauseEpoch?, data}.
 */

#ifndef DRS_NOTIFY_H_INCLUDED
#define DRS_NOTIFY_H_INCLUDED


#include <jansson.h>

#include "drs_buf.h"
#include "drs_id.h"
#include "drs_json.h"
#include "drs_str.h"


#define DRS_NOTIFY_SUBJECT_MAX    99     /* bytes; SNS wants fewer than 100 */
#define DRS_NOTIFY_MESSAGE_MAX    262144 /* bytes of one SNS message */
#define DRS_NOTIFY_SIGNATURE_SIZE 96
#define DRS_NOTIFY_TEST           "test" /* event of X-18, never selected */


typedef struct {
    const char *name;
    const char *severity;  /* of the event `notice`: info, warning, error */
    const char *text;      /* a sentence for people, without a full stop */
    unsigned    alert : 1; /* goes to the topic for alerts */
} drs_notify_event_t;


/* All of them, *n of them, in the order of api.md 10.6. */
const drs_notify_event_t *drs_notify_events(size_t *n);

/* NULL for a name that is none. */
const drs_notify_event_t *drs_notify_event(drs_str_t name);


typedef struct {
    drs_str_t event;
    int64_t   at_ms;
    drs_str_t execution, plan, plan_name; /* may be empty */
    drs_str_t type;                       /* DRILL, RECOVERY or empty */
    drs_str_t account, region;            /* may be empty */
    int64_t   pause_epoch;                /* 0: none */
} drs_notify_head_t;

/* Entry as an object; data is taken over.  NULL without memory. */
json_t *drs_notify_entry(const drs_notify_head_t *h, json_t *data);

/* The event `notice` for people who watch (api.md 10.5), without an id. */
json_t *drs_notify_notice(const json_t *entry);

/* One sentence: "drill of plan X, wave 2: launched". */
int drs_notify_line(drs_buf_t *b, const json_t *entry) DRS_MUST_CHECK;


/* Addresses that may stand in a mail; NULL or "": left out. */
typedef struct {
    const char *console; /* of the execution */
    const char *resume, *cancel;
    const char *delivery; /* id, so that a second copy can be told */
} drs_notify_links_t;

/*
 * Subject for SNS: never empty, at most DRS_NOTIFY_SUBJECT_MAX bytes, cut
 * between characters, no control characters.
 */
int drs_notify_subject(char          dst[DRS_NOTIFY_SUBJECT_MAX + 1],
                       const json_t *entry) DRS_MUST_CHECK;

/* Plain text of a mail.  Links only where the caller gives them. */
int drs_notify_text(drs_buf_t *b, const json_t *entry,
                    const drs_notify_links_t *links) DRS_MUST_CHECK;

/*
 * SNS message with MessageStructure json: `default` without links, `email`
 * with them.  Longer than DRS_NOTIFY_MESSAGE_MAX: DRS_DECLINED.
 */
int drs_notify_sns(drs_buf_t *b, const json_t *entry,
                   const drs_notify_links_t *links) DRS_MUST_CHECK;

/* Body of a webhook call: {deliveryId, eventType, time, planId?,
 * executionId?, data}. */
int drs_notify_body(drs_buf_t *b, const json_t *entry,
                    drs_str_t delivery) DRS_MUST_CHECK;

/* "t=<epoch s>,v1=<hex HMAC-SHA-256 over "<t>.<body>">" */
int drs_notify_sign(char dst[DRS_NOTIFY_SIGNATURE_SIZE], drs_str_t secret,
                    int64_t t_s, drs_str_t body) DRS_MUST_CHECK;

/* Id of one notification on one channel: the same whenever it is asked. */
int drs_notify_delivery(char dst[DRS_UUID_SIZE], drs_str_t key,
                        drs_str_t channel) DRS_MUST_CHECK;

/* Pause before try number `attempts` + 1: doubled from `base` up to `max`. */
int64_t drs_notify_backoff(int64_t attempts, int64_t base, int64_t max);


/* -- webhook addresses ------------------------------------------------------ */

typedef struct {
    drs_str_t scheme_host; /* "https://host:port" */
    drs_str_t host;        /* without brackets */
    unsigned  port;
} drs_notify_url_t;

/*
 * Takes an URL apart: https, a host name or address, a port, at most 2,048
 * visible ASCII characters, no user, no fragment.  DRS_DECLINED: *why says
 * what is wrong.
 */
int drs_notify_url(drs_notify_url_t *u, drs_str_t url,
                   const char **why) DRS_MUST_CHECK;

/*
 * Is the host in a list of names ("hooks.example.com") and suffixes
 * ("*.example.com"), separated by spaces?  An empty list holds every host.
 */
int drs_notify_host_listed(drs_str_t host, drs_str_t list);

typedef enum {
    DRS_ADDR_PUBLIC = 0,
    DRS_ADDR_PRIVATE,  /* loopback, RFC 1918, shared, unique local */
    DRS_ADDR_FORBIDDEN /* link-local (instance metadata), multicast, ... */
} drs_addr_class_t;

/* Four or sixteen bytes in network order; anything else is forbidden. */
drs_addr_class_t drs_addr_class(const unsigned char *a, size_t len);

/*
 * What an URL may not name, before anything is resolved: a host outside the
 * list, an address that is not public, a local name.  allow_private: hosts
 * that the list names may have private addresses.  DRS_DECLINED: *why.
 */
int drs_notify_url_allowed(drs_str_t url, drs_str_t hosts, int allow_private,
                           const char **why) DRS_MUST_CHECK;


#endif /* DRS_NOTIFY_H_INCLUDED */
