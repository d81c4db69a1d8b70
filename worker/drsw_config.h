
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Configuration of the worker: read once at start, read-only afterwards and
 * shared by all threads.
 *
 * All durations are milliseconds AFTER `time_scale` and its floors, so that
 * nobody else has to know about scaling.  Strings are never NULL unless said
 * otherwise: an option that is not set is "".
 */

#ifndef DRSW_CONFIG_H
#define DRSW_CONFIG_H


#include <stddef.h>
#include <stdint.h>

#include "drs_buf.h"


#define DRSW_CONFIG_DEFAULT_FILE "/etc/drs-orchestrator/worker.conf"


typedef enum {
    DRSW_LIMITS_QUEUE = 0,
    DRSW_LIMITS_STRICT
} drsw_limits_e;

typedef enum {
    DRSW_SETTLE_QUIET = 0,
    DRSW_SETTLE_STRICT
} drsw_settle_e;

typedef enum {
    DRSW_AMBIGUITY_ADOPT = 0,
    DRSW_AMBIGUITY_HOLD
} drsw_ambiguity_e;

typedef enum {
    DRSW_CALLBACK_RECOVERY = 0,
    DRSW_CALLBACK_ALWAYS,
    DRSW_CALLBACK_NEVER
} drsw_callback_e;

typedef enum {
    DRSW_ALG_ES256 = 0,
    DRSW_ALG_RS256
} drsw_alg_e;


/* A trusted issuer whose keys the worker fetches: section [issuer NAME] */

typedef struct {
    char *name;
    char *issuer;   /* claim iss, exact */
    char *jwks_url; /* https:// */
    char *ca_file;  /* "": system */
} drsw_config_issuer_t;


typedef struct {
    /* process */
    char   *log_file;  /* "": stderr */
    int64_t log_level; /* drsw_log_level_e */
    char   *pid_file;
    char   *state_dir;
    int64_t threads; /* task threads */
    int64_t command_threads;
    int64_t time_scale; /* 1: real time */
    int64_t test_clock;
    int64_t drain_timeout_ms;

    /* Redis */
    char   *redis;
    char   *redis_user;
    char   *redis_password; /* secret */
    int64_t redis_db;
    char   *redis_sentinels; /* "host:port host:port" */
    char   *redis_sentinel_master;
    char   *redis_sentinel_password; /* secret */
    int64_t redis_connect_timeout_ms;
    int64_t redis_timeout_ms;
    int64_t redis_min_replica_acks;
    int64_t redis_ack_timeout_ms;
    int64_t redis_allow_unsafe;
    char   *prefix; /* "{drs}", without the colon */

    /* scheduling */
    int64_t lease_ms;
    int64_t renew_ms;
    int64_t scan_ms; /* look for due tasks at least this often */
    int64_t heartbeat_ms;
    int64_t heartbeat_ttl_ms;
    int64_t command_max_deliveries;
    int64_t command_retry_ms;
    int64_t housekeeping_ms;
    int64_t events_keep;
    int64_t audit_seal_ms;
    int64_t audit_keep_ms;
    char   *audit_file;
    int64_t pending_requeue_ms;

    /* AWS */
    char   *region;      /* hub Region */
    char   *hub_account; /* 12 digits or "" */
    char   *regions;     /* allow-list, space separated; "": all */
    char   *role_name;
    char   *external_id;
    char   *session_name;
    char   *aws_endpoint_url;
    char   *aws_ca_bundle;
    char   *aws_profile;
    int64_t aws_connect_timeout_ms;
    int64_t aws_read_timeout_ms; /* per attempt; 0: by service */
    int64_t aws_call_timeout_ms; /* one call with its retries */
    int64_t aws_session_ms;      /* life of assumed roles, never scaled */
    int64_t aws_budget_percent;  /* 100: token buckets as documented */

    /* engine */
    int64_t limits;                    /* drsw_limits_e */
    int64_t launch_settle;             /* drsw_settle_e */
    int64_t launch_ambiguity;          /* drsw_ambiguity_e */
    int64_t launch_job_tags;           /* 0, 1 */
    int64_t launch_request_timeout_ms; /* R */
    int64_t listing_lag_ms;            /* L */
    int64_t signature_validity_ms;     /* V */
    int64_t window_margin_ms;          /* the 30 s of Q and H */
    int64_t quiet_window_ms;           /* Q = R + L + margin */
    int64_t hard_window_ms;            /* H = V + L + margin */
    int64_t first_look_ms;
    int64_t look_interval_ms;
    int64_t look_skew_ms; /* AWS clock tolerance, never scaled */
    int64_t launch_max_attempts;
    int64_t conflict_waits_ms[3]; /* 30, 60, 120 s */
    int64_t poll_fast_ms;         /* 5 s */
    int64_t poll_normal_ms;       /* 15 s */
    int64_t poll_slow_ms;         /* 30 s */
    int64_t wave_timeout_ms;
    int64_t pause_timeout_ms;
    int64_t completed_grace_ms;
    int64_t max_servers_per_job;
    int64_t max_jobs;
    int64_t max_jobs_reserve;
    int64_t max_servers_in_jobs;
    int64_t service_quotas;
    int64_t quota_refresh_ms;
    int64_t capacity_fresh_ms;
    int64_t capacity_aging_ms;
    int64_t max_replicating;
    int64_t max_source_servers;
    int64_t config_parallel;
    int64_t config_attempts;
    int64_t config_drift_ms;
    int64_t terminate_timeout_ms;

    /* accounts */
    int64_t staging_sync_ms; /* cadence */
    int64_t region_idle_ms;  /* age of the state of an idle Region */

    /* inventory */
    int64_t inventory_ms;       /* cadence */
    int64_t inventory_fresh_ms; /* readers */
    int64_t inventory_launch_fresh_ms;
    int64_t live_scan_ms; /* one live scan serves this long */
    int64_t instances_ms; /* cadence */

    /* schedules; due times are wall-clock times */
    char   *zoneinfo;          /* folder */
    int64_t schedule_grace_ms; /* latest start behind the due time */
    int64_t schedule_jitter_ms;
    int64_t schedule_retry_ms;

    /* notifications */
    int64_t callback_require_login; /* drsw_callback_e */
    char   *public_api_path;
    int64_t notify_retry_ms;
    int64_t notify_retry_max_ms;
    int64_t notify_keep_ms;
    int64_t subscriptions_ms;   /* cadence */
    int64_t webhook_timeout_ms; /* never scaled */
    char   *webhook_hosts;      /* space separated; "": all */
    int64_t webhook_private;    /* 0, 1 */
    char   *webhook_ca_bundle;

    /* identity */
    int64_t local_issuer; /* 0, 1 */
    char   *issuer_url;   /* claim iss of local tokens */
    char   *issuer_audience;
    int64_t issuer_algorithm; /* drsw_alg_e */
    char   *issuer_key_file;  /* "": state_dir/issuer.key */
    char   *seal_key_file;    /* "": state_dir/seal.key */
    int64_t issuer_token_ms;  /* never scaled, as all below */
    int64_t issuer_refresh_ms;
    int64_t login_rate; /* per second and process */
    int64_t login_max_failures;
    int64_t login_lock_ms;
    int64_t password_cost;
    int64_t jwks_refresh_ms;
    int64_t jwks_min_interval_ms;

    drsw_config_issuer_t *issuers;
    size_t                n_issuers;

} drsw_config_t;


/*
 * Reads `file` (NULL: defaults only) and the environment: DRS_<OPTION> in
 * upper case overrides an option of the same name, DRS_<OPTION>_FILE names a
 * file that holds it (for secrets).  *out is owned by the caller.
 * DRS_DECLINED: err says file, line, option and what is wrong.
 */
int  drsw_config_load(drsw_config_t **out, const char *file, char *err,
                      size_t errlen);
void drsw_config_free(drsw_config_t *conf);

/* "name\tdefault\ttype\tdescription" one a line, for --options and checks. */
int drsw_config_describe(drs_buf_t *b);

/*
 * "30" (seconds), "500ms", "30s", "10m", "6h", "365d" to milliseconds;
 * DRS_DECLINED for anything else or overflow.
 */
int drsw_config_duration(drs_str_t s, int64_t *ms);


#endif /* DRSW_CONFIG_H */
