
/*
 * AWS client of the worker.
 *
 * drsw_aws_shared_t  one per process: configuration, credential caches, call
 *                    budgets, clock skew.  Thread-safe, locks inside.
 * drsw_aws_t         one per thread: a libcurl handle with its kept
 *                    connections.  Must not be used by two threads at once.
 * drsw_aws_ctx_t     whom a call is made for: account, Region, role.
 * drsw_aws_result_t  what became of a call; filled by every call, no pointers
 *                    inside, nothing to free.
 *
 * This folder knows neither the engine nor Redis.  Lists and objects are
 * jansson values with the member names of the AWS service models, for the XML
 * services too (EC2 DescribeInstances: "Reservations", "InstanceId", ...;
 * numbers and booleans typed; members without a value are absent).
 *
 * Ownership: json_t arguments are borrowed and never changed; every json_t **
 * result is a new reference that the caller owns, and NULL unless the call
 * returned DRSW_AWS_OK.  Strings in arguments are borrowed for the call.
 *
 * Every call blocks.  It ends within the deadline of its context
 * (timeout_ms), retries and waits included, or earlier after
 * drsw_aws_shared_stop().
 */

#ifndef DRSW_AWS_H
#define DRSW_AWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>


typedef struct drsw_aws_shared_s drsw_aws_shared_t;
typedef struct drsw_aws_s        drsw_aws_t;


/* Class of a result: decides what the caller does next (engine.md 7.5). */

typedef enum {
    DRSW_AWS_OK = 0,
    DRSW_AWS_THROTTLE,    /* asked too often; retry_after_ms if told */
    DRSW_AWS_TRANSIENT,   /* 5xx, or no connection */
    DRSW_AWS_AMBIGUOUS,   /* may have taken effect: look before again */
    DRSW_AWS_CREDENTIALS, /* none found, expired, not accepted */
    DRSW_AWS_CLOCK,       /* our clock or signature was refused */
    DRSW_AWS_DENIED,      /* permission, trust, SCP, opt-in */
    DRSW_AWS_CONFLICT,    /* ConflictException; resource_id if told */
    DRSW_AWS_QUOTA,       /* ServiceQuotaExceededException and kin */
    DRSW_AWS_VALIDATION,  /* our request is wrong */
    DRSW_AWS_NOT_FOUND,
    DRSW_AWS_UNINITIALIZED,   /* DRS not initialised in account + Region */
    DRSW_AWS_REGION_DISABLED, /* Region not opted in for the account */
    DRSW_AWS_PROTOCOL,        /* answer not understood; sent = ANSWERED */
    DRSW_AWS_ACCOUNT,         /* credentials are of another account */
    DRSW_AWS_STOPPED,         /* deadline over or worker stopping */
    DRSW_AWS_LOCAL            /* bad argument, configuration, memory */
} drsw_aws_class_e;


/* How far the last attempt got. */

typedef enum {
    DRSW_AWS_NOT_SENT = 0, /* no byte of the request left the process */
    DRSW_AWS_SENT,         /* sent at least partly, no answer */
    DRSW_AWS_ANSWERED      /* a complete HTTP answer was read */
} drsw_aws_sent_e;


typedef struct {
    drsw_aws_class_e class;
    drsw_aws_sent_e sent;
    int             http_status;    /* 0 without an answer */
    int             attempts;       /* requests sent or tried, >= 0 */
    int64_t         retry_after_ms; /* -1 unless the answer said so */
    int64_t         latency_ms;     /* whole call, waits included */
    char            code[96];       /* "ConflictException"; local codes
                                          begin with "Local" */
    char            message[512];   /* for people; no secrets */
    char            request_id[80];
    char            resource_id[96]; /* Conflict, NotFound: as told */
} drsw_aws_result_t;


/*
 * Whom a call is made for.  role_arn NULL = the hub's own credentials;
 * otherwise the role is assumed (cached per account, role, external id and
 * session name, renewed at 80 % of its life) and the account of the credentials is verified
 * once by GetCallerIdentity when account is given: a difference is
 * DRSW_AWS_ACCOUNT and nothing is sent (engine.md 5.3).
 */

typedef struct {
    const char *account;         /* 12 digits or NULL: not verified */
    const char *region;          /* required */
    const char *role_arn;        /* NULL: hub */
    const char *external_id;     /* NULL: none */
    const char *session_name;    /* NULL: "drsorch" */
    const char *source_identity; /* NULL: none; left out when refused */
    int64_t     timeout_ms;      /* whole call; 0: default 60,000 */
    int         max_attempts;    /* 0: by class; 1: never retry */
} drsw_aws_ctx_t;


/* Told after every attempt (log line, counters).  Runs in the caller's
 * thread; must not call back into this client. */

typedef struct {
    const char              *service;   /* "drs" */
    const char              *operation; /* "StartRecovery" */
    const char              *account;   /* "" if not known */
    const char              *region;
    int                      attempt;    /* from 1 */
    int64_t                  latency_ms; /* of this attempt */
    const drsw_aws_result_t *result;
    bool                     mutates; /* not an operation that reads */
    const json_t            *input;   /* as given; may be NULL */
} drsw_aws_call_t;

typedef void (*drsw_aws_observer_pt)(void *data, const drsw_aws_call_t *call);


/* Who waits last when the call budget gets short. */

typedef enum {
    DRSW_LANE_RECOVERY = 0, /* recoveries, polls of jobs */
    DRSW_LANE_NORMAL,       /* drills, requests of people */
    DRSW_LANE_BACKGROUND    /* scans, synchronisation */
} drsw_aws_lane_e;

/*
 * Call budgets kept elsewhere.  take: up to `want` tokens of the bucket of
 * account, Region and api ("drs.StartRecovery"), which is not to go below
 * `keep`; returns how many, 0 and *wait_ms, or -1: not known now.  slow: the
 * service throttled.  Called from any thread.
 */
typedef int64_t (*drsw_aws_rate_take_pt)(void *data, const char *account,
                                         const char *region, const char *api,
                                         int64_t per_minute, int64_t burst,
                                         int64_t want, int64_t keep,
                                         int64_t *wait_ms);
typedef void (*drsw_aws_rate_slow_pt)(void *data, const char *account,
                                      const char *region, const char *api,
                                      int64_t per_minute, int64_t burst);


/* All members may be zero: defaults, environment, files (aws-wire.md 11, 12).
 * Strings are copied. */

typedef struct {
    const char *endpoint_url;       /* for every service; wins over env */
    const char *ca_bundle;          /* PEM file; NULL: AWS_CA_BUNDLE, system */
    const char *region;             /* for STS of web identity, IAM */
    const char *profile;            /* NULL: AWS_PROFILE, "default" */
    const char *user_agent;         /* NULL: "drs-orchestrator" */
    int64_t     connect_timeout_ms; /* 0: 5,000 */
    int64_t     read_timeout_ms;    /* per attempt; 0: by service (60 s DRS,
                                        30 s EC2, 10 s STS) */
    int64_t     session_duration_s; /* of assumed roles; 0: 3,600 */
    double      budget_scale;       /* token buckets of engine.md 2.7: 1 =
                                        as there, 0 = off */

    drsw_aws_rate_take_pt rate_take; /* NULL: within the process */
    drsw_aws_rate_slow_pt rate_slow;
    void                 *rate_data;

    drsw_aws_observer_pt observer;
    void                *observer_data;

    /* hooks for tests; NULL: getenv(), CLOCK_REALTIME, a wait that
     * drsw_aws_shared_stop() ends, RAND_bytes() */
    const char *(*env)(void *data, const char *name);
    int64_t (*now_ms)(void *data);
    void (*sleep_ms)(void *data, int64_t ms);
    double (*random)(void *data); /* [0, 1) */
    void *hook_data;
} drsw_aws_config_t;


/* Once per process, before threads start and after they ended
 * (curl_global_init / cleanup).  0 or -1. */
int  drsw_aws_global_init(void);
void drsw_aws_global_cleanup(void);

/* conf may be NULL.  NULL result: out of memory or bad configuration; err
 * then says what is wrong. */
drsw_aws_shared_t *
drsw_aws_shared_create(const drsw_aws_config_t *conf, char *err, size_t errlen);
/* Makes waits end at once and further calls answer DRSW_AWS_STOPPED.  A
 * request on the wire is not cut.  Callable from any thread. */
void drsw_aws_shared_stop(drsw_aws_shared_t *sh);
/* After every drsw_aws_t of it was destroyed. */
void drsw_aws_shared_destroy(drsw_aws_shared_t *sh);

drsw_aws_t *drsw_aws_create(drsw_aws_shared_t *sh);
void        drsw_aws_destroy(drsw_aws_t *aws);

/* Lane of this client's calls from now on; NORMAL at first.  What was reserved
 * before is given up. */
void            drsw_aws_set_lane(drsw_aws_t *aws, drsw_aws_lane_e lane);
drsw_aws_lane_e drsw_aws_lane(const drsw_aws_t *aws);

/* A second observer for the calls of this client alone. */
void drsw_aws_watch(drsw_aws_t *aws, drsw_aws_observer_pt observer, void *data);

/* "throttle", "denied", ...: stable names for logs, metrics, records. */
const char *drsw_aws_class_name(drsw_aws_class_e class);
const char *drsw_aws_sent_name(drsw_aws_sent_e sent);

/* Forgets cached credentials of the context (negative ones too). */
void drsw_aws_forget(drsw_aws_t *aws, const drsw_aws_ctx_t *ctx);

/* Fetches and verifies the credentials of the context now, so that a later
 * call does not have to.  Call it before arming a launch. */
drsw_aws_class_e drsw_aws_prepare(drsw_aws_t *aws, const drsw_aws_ctx_t *ctx,
                                  drsw_aws_result_t *res);

/*
 * Takes the token of the next call of this operation now: 0, and that call does
 * not wait any more; or how long to wait in ms, and nothing is taken.  For a
 * caller that has better things to do than to wait in the call.
 */
int64_t drsw_aws_reserve(drsw_aws_t *aws, const drsw_aws_ctx_t *ctx,
                         const char *service, const char *operation);

/* Partition of a Region by its name ("aws", "aws-cn", "aws-us-gov", ...), NULL
 * when the name is no Region. */
const char *drsw_aws_partition(const char *region);


/*
 * Any operation of the tables (aws_ops.c) by name: "drs", "DescribeJobs".
 * input: object with the model's members, or NULL.  With all_pages the pages
 * are joined and *output is the array of items; else the answer's object
 * (a pager's next token included).  The typed calls below are this with names.
 */
drsw_aws_class_e
drsw_aws_call(drsw_aws_t *aws, const drsw_aws_ctx_t *ctx, const char *service,
              const char *operation, const json_t *input, bool all_pages,
              json_t **output, drsw_aws_result_t *res);


/* --- Elastic Disaster Recovery ------------------------------------------ */

/* filters: {"sourceServerIDs": [...], "stagingAccountIDs": [...]} or NULL for
 * all; more than 200 ids are split into several calls.  items: array. */
drsw_aws_class_e
drsw_drs_describe_source_servers(drsw_aws_t *aws, const drsw_aws_ctx_t *ctx,
                                 const json_t *filters, json_t **items,
                                 drsw_aws_result_t *res);

/*
 * StartRecovery has no idempotency token: exactly one attempt on a fresh
 * connection, no retry of any kind, signed for sign_at.
 *
 *  NOT_SENT  nothing left the process; class says why
 *  REFUSED   4xx (not a timeout): definite, class and code say why
 *  ACCEPTED  *job holds the Job object, its jobID a non-empty string
 *  UNKNOWN   anything else: timeout or reset after sending, 5xx, 3xx, 408,
 *            RequestTimeout, 2xx without a job id.  class is AMBIGUOUS.
 *
 * timeout_ms covers all, credentials included; when less than a second is left
 * after these, the call is NOT_SENT.
 */
typedef enum {
    DRSW_START_NOT_SENT = 0,
    DRSW_START_REFUSED,
    DRSW_START_ACCEPTED,
    DRSW_START_UNKNOWN
} drsw_start_e;

typedef struct {
    const char *source_server_id;
    const char *recovery_snapshot_id; /* NULL: latest point */
} drsw_start_server_t;

typedef struct {
    const drsw_start_server_t *servers;
    size_t                     nservers; /* 1..200 */
    bool                       is_drill;
    const json_t              *tags;       /* object or NULL: none sent */
    int64_t                    sign_at_s;  /* epoch, our system clock; the
                                                 intent's time; 0: now */
    int64_t                    timeout_ms; /* R; 0: 30,000 */
} drsw_start_recovery_t;

drsw_start_e drsw_drs_start_recovery(drsw_aws_t *aws, const drsw_aws_ctx_t *ctx,
                                     const drsw_start_recovery_t *req,
                                     json_t **job, drsw_aws_result_t *res);
const char  *drsw_start_name(drsw_start_e outcome);

/* One attempt as above, at most 200 ids; safe to repeat on the same ids after
 * a look (launch-protocol.md).  ids: array of strings. */
drsw_start_e
drsw_drs_terminate_recovery_instances(drsw_aws_t           *aws,
                                      const drsw_aws_ctx_t *ctx,
                                      const json_t *ids, json_t **job,
                                      drsw_aws_result_t *res);

/* By ids (array, any number, split by 1,000) or by dates ("...Z"; NULL: open).
 * With ids the dates must be NULL.  All pages. */
drsw_aws_class_e
drsw_drs_describe_jobs(drsw_aws_t *aws, const drsw_aws_ctx_t *ctx,
                       const json_t *ids, const char *from_date,
                       const char *to_date, json_t **items,
                       drsw_aws_result_t *res);

drsw_aws_class_e
drsw_drs_describe_job_log_items(drsw_aws_t *aws, const drsw_aws_ctx_t *ctx,
                                const char *job_id, json_t **items,
                                drsw_aws_result_t *res);

/* filters: {"recoveryInstanceIDs": [...], "sourceServerIDs": [...]} or NULL;
 * split by 200. */
drsw_aws_class_e
drsw_drs_describe_recovery_instances(drsw_aws_t *aws, const drsw_aws_ctx_t *ctx,
                                     const json_t *filters, json_t **items,
                                     drsw_aws_result_t *res);

/* filters: {"fromDateTime", "toDateTime"} or NULL; order "ASC", "DESC", NULL */
drsw_aws_class_e
drsw_drs_describe_recovery_snapshots(drsw_aws_t *aws, const drsw_aws_ctx_t *ctx,
                                     const char   *source_server_id,
                                     const json_t *filters, const char *order,
                                     json_t **items, drsw_aws_result_t *res);

drsw_aws_class_e
drsw_drs_get_launch_configuration(drsw_aws_t *aws, const drsw_aws_ctx_t *ctx,
                                  const char *source_server_id, json_t **config,
                                  drsw_aws_result_t *res);
/* settings: the members to change; sourceServerID is added. */
drsw_aws_class_e
drsw_drs_update_launch_configuration(drsw_aws_t *aws, const drsw_aws_ctx_t *ctx,
                                     const char   *source_server_id,
                                     const json_t *settings, json_t **config,
                                     drsw_aws_result_t *res);
drsw_aws_class_e
drsw_drs_get_replication_configuration(drsw_aws_t           *aws,
                                       const drsw_aws_ctx_t *ctx,
                                       const char           *source_server_id,
                                       json_t **config, drsw_aws_result_t *res);
drsw_aws_class_e
drsw_drs_describe_replication_configuration_templates(drsw_aws_t           *aws,
                                                      const drsw_aws_ctx_t *ctx,
                                                      json_t           **items,
                                                      drsw_aws_result_t *res);

drsw_aws_class_e
drsw_drs_tag_resource(drsw_aws_t *aws, const drsw_aws_ctx_t *ctx,
                      const char *arn, const json_t *tags,
                      drsw_aws_result_t *res);
drsw_aws_class_e
drsw_drs_untag_resource(drsw_aws_t *aws, const drsw_aws_ctx_t *ctx,
                        const char *arn, const json_t *keys,
                        drsw_aws_result_t *res);
drsw_aws_class_e
drsw_drs_list_tags_for_resource(drsw_aws_t *aws, const drsw_aws_ctx_t *ctx,
                                const char *arn, json_t **tags,
                                drsw_aws_result_t *res);

/* One attempt; AMBIGUOUS as for StartRecovery: look for the staging ARN in
 * DescribeSourceServers before the next. tags may be NULL. */
drsw_aws_class_e drsw_drs_create_extended_source_server(
    drsw_aws_t *aws, const drsw_aws_ctx_t *ctx, const char *source_server_arn,
    const json_t *tags, json_t **source_server, drsw_aws_result_t *res);
drsw_aws_class_e
drsw_drs_list_extensible_source_servers(drsw_aws_t           *aws,
                                        const drsw_aws_ctx_t *ctx,
                                        const char *staging_account_id,
                                        json_t **items, drsw_aws_result_t *res);
drsw_aws_class_e
drsw_drs_list_staging_accounts(drsw_aws_t *aws, const drsw_aws_ctx_t *ctx,
                               json_t **accounts, drsw_aws_result_t *res);
drsw_aws_class_e
drsw_drs_disconnect_recovery_instance(drsw_aws_t           *aws,
                                      const drsw_aws_ctx_t *ctx,
                                      const char        *recovery_instance_id,
                                      drsw_aws_result_t *res);


/* --- EC2 ---------------------------------------------------------------- */

/*
 * ids: array of strings or NULL; filters: [{"Name": "vpc-id", "Values":
 * [...]}] or NULL.  All pages; ids are split by 200 (instance types: 100).
 * describe_instances answers Instance objects, the reservations dissolved;
 * ids that EC2 does not know are left out (InvalidInstanceID.NotFound names
 * them; the call is repeated without these).
 */
drsw_aws_class_e
drsw_ec2_describe_instances(drsw_aws_t *aws, const drsw_aws_ctx_t *ctx,
                            const json_t *ids, const json_t *filters,
                            json_t **instances, drsw_aws_result_t *res);
drsw_aws_class_e
drsw_ec2_describe_subnets(drsw_aws_t *aws, const drsw_aws_ctx_t *ctx,
                          const json_t *ids, const json_t *filters,
                          json_t **subnets, drsw_aws_result_t *res);
drsw_aws_class_e
drsw_ec2_describe_security_groups(drsw_aws_t *aws, const drsw_aws_ctx_t *ctx,
                                  const json_t *ids, const json_t *filters,
                                  json_t **groups, drsw_aws_result_t *res);
drsw_aws_class_e
drsw_ec2_describe_vpcs(drsw_aws_t *aws, const drsw_aws_ctx_t *ctx,
                       const json_t *ids, const json_t *filters, json_t **vpcs,
                       drsw_aws_result_t *res);
drsw_aws_class_e
drsw_ec2_describe_network_interfaces(drsw_aws_t *aws, const drsw_aws_ctx_t *ctx,
                                     const json_t *ids, const json_t *filters,
                                     json_t           **interfaces,
                                     drsw_aws_result_t *res);
drsw_aws_class_e
drsw_ec2_describe_instance_types(drsw_aws_t *aws, const drsw_aws_ctx_t *ctx,
                                 const json_t *types, const json_t *filters,
                                 json_t           **instance_types,
                                 drsw_aws_result_t *res);
/* location_type: "region", "availability-zone" */
drsw_aws_class_e drsw_ec2_describe_instance_type_offerings(
    drsw_aws_t *aws, const drsw_aws_ctx_t *ctx, const char *location_type,
    const json_t *filters, json_t **offerings, drsw_aws_result_t *res);
/* names: array or NULL */
drsw_aws_class_e
drsw_ec2_describe_key_pairs(drsw_aws_t *aws, const drsw_aws_ctx_t *ctx,
                            const json_t *names, const json_t *filters,
                            json_t **key_pairs, drsw_aws_result_t *res);
drsw_aws_class_e
drsw_ec2_describe_tags(drsw_aws_t *aws, const drsw_aws_ctx_t *ctx,
                       const json_t *filters, json_t **tags,
                       drsw_aws_result_t *res);
/* Regions opted in for the account, or with all_regions every one */
drsw_aws_class_e
drsw_ec2_describe_regions(drsw_aws_t *aws, const drsw_aws_ctx_t *ctx,
                          bool all_regions, json_t **regions,
                          drsw_aws_result_t *res);
drsw_aws_class_e
drsw_ec2_describe_availability_zones(drsw_aws_t *aws, const drsw_aws_ctx_t *ctx,
                                     json_t **zones, drsw_aws_result_t *res);

/* versions: array ("$Default", "$Latest", "3") or NULL: all. */
drsw_aws_class_e drsw_ec2_describe_launch_template_versions(
    drsw_aws_t *aws, const drsw_aws_ctx_t *ctx, const char *template_id,
    const json_t *versions, json_t **items, drsw_aws_result_t *res);

/*
 * data: LaunchTemplateData with the model's member names: a NetworkInterfaces
 * list read by the call above may be sent back (members that only answers
 * have are left out).  client_token: required, makes retries safe.
 * source_version: NULL = nothing inherited.  description: at most 255
 * characters or NULL.  version: the LaunchTemplateVersion object.
 */
typedef struct {
    const char   *template_id;
    const char   *source_version;
    const char   *description;
    const char   *client_token;
    const json_t *data;
} drsw_ec2_template_version_t;

drsw_aws_class_e
drsw_ec2_create_launch_template_version(drsw_aws_t                        *aws,
                                        const drsw_aws_ctx_t              *ctx,
                                        const drsw_ec2_template_version_t *req,
                                        json_t           **version,
                                        drsw_aws_result_t *res);
/* lt: the LaunchTemplate object or NULL when not wanted */
drsw_aws_class_e
drsw_ec2_modify_launch_template(drsw_aws_t *aws, const drsw_aws_ctx_t *ctx,
                                const char *template_id,
                                const char *default_version,
                                const char *client_token, json_t **lt,
                                drsw_aws_result_t *res);
drsw_aws_class_e drsw_ec2_delete_launch_template_versions(
    drsw_aws_t *aws, const drsw_aws_ctx_t *ctx, const char *template_id,
    const json_t *versions, drsw_aws_result_t *res);


/* --- STS, IAM, SNS, Service Quotas -------------------------------------- */

/* identity: {"Account", "Arn", "UserId"} */
drsw_aws_class_e
drsw_sts_get_caller_identity(drsw_aws_t *aws, const drsw_aws_ctx_t *ctx,
                             json_t **identity, drsw_aws_result_t *res);

/* Assumes a role with the credentials of ctx, past every cache (validation
 * of an account).  session: AssumedRoleUser only; the keys are dropped. */
drsw_aws_class_e
drsw_sts_check_role(drsw_aws_t *aws, const drsw_aws_ctx_t *ctx,
                    const char *role_arn, const char *external_id,
                    json_t **session, drsw_aws_result_t *res);

drsw_aws_class_e
drsw_iam_list_instance_profiles(drsw_aws_t *aws, const drsw_aws_ctx_t *ctx,
                                json_t **profiles, drsw_aws_result_t *res);
drsw_aws_class_e
drsw_iam_get_instance_profile(drsw_aws_t *aws, const drsw_aws_ctx_t *ctx,
                              const char *name, json_t **profile,
                              drsw_aws_result_t *res);

/* subject: under 100 characters, no line breaks, or NULL.  attributes:
 * {"name": "value", ...} or NULL.  structure: "json" when message is an object
 * of texts by protocol, else NULL.  Not idempotent: a lost answer is AMBIGUOUS
 * and a repetition may deliver twice.  message_id may be NULL, else 64 bytes
 * at least. */
drsw_aws_class_e
drsw_sns_publish(drsw_aws_t *aws, const drsw_aws_ctx_t *ctx,
                 const char *topic_arn, const char *subject,
                 const char *message, const char *structure,
                 const json_t *attributes, char *message_id,
                 size_t message_id_len, drsw_aws_result_t *res);

/*
 * Subscribes an address to a topic.  attributes: {"FilterPolicy": "...", ...}
 * or NULL.  arn: at least 320 bytes; of the subscription, also while it waits
 * for confirmation.  The same address with other attributes is refused by SNS
 * with InvalidParameter.
 */
drsw_aws_class_e
drsw_sns_subscribe(drsw_aws_t *aws, const drsw_aws_ctx_t *ctx,
                   const char *topic_arn, const char *protocol,
                   const char *endpoint, const json_t *attributes, char *arn,
                   size_t arn_len, drsw_aws_result_t *res);
drsw_aws_class_e
drsw_sns_unsubscribe(drsw_aws_t *aws, const drsw_aws_ctx_t *ctx,
                     const char *arn, drsw_aws_result_t *res);

/* All of them: [{"SubscriptionArn", "Protocol", "Endpoint", ...}].  The ARN is
 * "PendingConfirmation" until the address has confirmed. */
drsw_aws_class_e
drsw_sns_list_subscriptions(drsw_aws_t *aws, const drsw_aws_ctx_t *ctx,
                            const char *topic_arn, json_t **list,
                            drsw_aws_result_t *res);

/* attributes: {"name": "value", ...} */
drsw_aws_class_e
drsw_sns_get_attributes(drsw_aws_t *aws, const drsw_aws_ctx_t *ctx,
                        const char *arn, json_t **attributes,
                        drsw_aws_result_t *res);
drsw_aws_class_e
drsw_sns_set_attribute(drsw_aws_t *aws, const drsw_aws_ctx_t *ctx,
                       const char *arn, const char *name, const char *value,
                       drsw_aws_result_t *res);

/* The applied value, or the default one where none was ever applied.
 * quota: the Quota object with "Value". */
drsw_aws_class_e
                 drsw_quotas_get(drsw_aws_t *aws, const drsw_aws_ctx_t *ctx,
                                 const char *service_code, const char *quota_code,
                                 json_t **quota, drsw_aws_result_t *res);
drsw_aws_class_e drsw_quotas_list(drsw_aws_t *aws, const drsw_aws_ctx_t *ctx,
                                  const char *service_code, json_t **quotas,
                                  drsw_aws_result_t *res);

#endif /* DRSW_AWS_H */
