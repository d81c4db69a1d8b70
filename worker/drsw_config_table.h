
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Every option of the worker, in the order of conf/worker.conf.
 *
 * X(type, name, default, minimum, maximum, floor in ms, description)
 *
 * STR, SECRET   text; minimum and maximum unused
 * INT           whole number
 * BOOL          on, off
 * ENUM          the table drsw_config_enum_<name>
 * REAL_MS       duration, never scaled; bounds in seconds
 * MS            duration divided by time_scale, not below its floor (an option
 *               set below the floor stays as it is); bounds in seconds
 */

#ifndef DRSW_CONFIG_TABLE_H
#define DRSW_CONFIG_TABLE_H


#define DRSW_CONFIG_DAY  86400
#define DRSW_CONFIG_YEAR (366 * DRSW_CONFIG_DAY)


#define DRSW_CONFIG_TABLE(X)                                                   \
    /* process */                                                              \
    X(STR, log_file, "", 0, 0, 0,                                              \
      "file of the JSON log; empty: standard error")                           \
    X(ENUM, log_level, "info", 0, 0, 0, "error, warn, notice, info or debug")  \
    X(STR, pid_file, "", 0, 0, 0,                                              \
      "file for the process id, removed at the end; empty: none")              \
    X(STR, state_dir, "/var/lib/drs-orchestrator", 0, 0, 0,                    \
      "folder of the worker's own keys, mode 0700")                            \
    X(INT, threads, "8", 1, 256, 0,                                            \
      "threads that run tasks; half of them never run background scans")       \
    X(INT, command_threads, "3", 1, 64, 0,                                     \
      "threads that answer commands of the API")                               \
    X(INT, time_scale, "1", 1, 100000, 0,                                      \
      "divides cadences and deadlines; for simulated time only")               \
    X(BOOL, test_clock, "off", 0, 0, 0,                                        \
      "the store honours a clock offset; for tests only")                      \
    X(REAL_MS, drain_timeout, "45s", 1, 3600, 0,                               \
      "longest wait for running steps at SIGTERM")                             \
    /* Redis */                                                                \
    X(STR, redis, "unix:/run/redis/redis-server.sock", 0, 0, 0,                \
      "unix:/path, host:port or redis://user:password@host:port/db")           \
    X(STR, redis_user, "", 0, 0, 0, "ACL user; empty: default user")           \
    X(SECRET, redis_password, "", 0, 0, 0,                                     \
      "password; better from the environment or a file")                       \
    X(INT, redis_db, "0", 0, 15, 0, "data base number")                        \
    X(STR, redis_sentinels, "", 0, 0, 0,                                       \
      "host:port of the Sentinels, separated by spaces; replaces redis")       \
    X(STR, redis_sentinel_master, "drs", 0, 0, 0,                              \
      "name of the primary that the Sentinels watch")                          \
    X(SECRET, redis_sentinel_password, "", 0, 0, 0,                            \
      "password of the Sentinels")                                             \
    X(REAL_MS, redis_connect_timeout, "3s", 0, 60, 0, "time to connect")       \
    X(REAL_MS, redis_timeout, "10s", 0, 300, 0, "time for one reply")          \
    X(INT, redis_min_replica_acks, "0", 0, 16, 0,                              \
      "replicas that must have a launch intent before the call is made")       \
    X(REAL_MS, redis_ack_timeout, "2s", 0, 60, 0,                              \
      "time for these acknowledgements")                                       \
    X(BOOL, redis_allow_unsafe, "off", 0, 0, 0,                                \
      "start although Redis could lose or evict data")                         \
    X(STR, prefix, "{drs}", 0, 0, 0,                                           \
      "prefix of every key: one hash tag, without the colon")                  \
    /* scheduling */                                                           \
    X(MS, lease, "60s", 1, 3600, 3000, "life of a task lease")                 \
    X(MS, renew, "20s", 0, 1200, 1000, "a lease is renewed this often")        \
    X(MS, scan, "1s", 0, 60, 100, "pause between looks for due tasks")         \
    X(MS, heartbeat, "5s", 0, 300, 1000, "this worker says that it lives")     \
    X(MS, heartbeat_ttl, "15s", 1, 900, 5000,                                  \
      "a worker not heard of for so long is dead")                             \
    X(INT, command_max_deliveries, "5", 1, 100, 0,                             \
      "tries of a failing command before it goes to cmd:dead")                 \
    X(MS, command_retry, "2s", 0, 600, 200,                                    \
      "pause before a failed command is tried again")                          \
    X(MS, housekeeping, "60s", 1, 3600, 1000,                                  \
      "trimming and repair of indexes")                                        \
    X(INT, events_keep, "10000", 100, 10000000, 0,                             \
      "entries kept in the global event stream")                               \
    X(MS, audit_seal, "1s", 0, 60, 200,                                        \
      "pause between looks for audit entries to be sealed")                    \
    X(REAL_MS, audit_keep, "400d", 400 * DRSW_CONFIG_DAY,                      \
      50 * DRSW_CONFIG_YEAR, 0,                                                \
      "audit entries are kept this long, at least 400 days")                   \
    X(STR, audit_file, "", 0, 0, 0,                                            \
      "file to which sealed audit entries are appended; empty: none")          \
    X(MS, pending_requeue, "5m", 1, 86400, 3000,                               \
      "a PENDING execution that nobody touched is made due again")             \
    /* AWS */                                                                  \
    X(STR, region, "us-east-1", 0, 0, 0,                                       \
      "hub Region: Region of the worker's own account")                        \
    X(STR, hub_account, "", 0, 0, 0,                                           \
      "account id of the worker's own credentials; empty: asked from STS")     \
    X(STR, regions, "", 0, 0, 0,                                               \
      "Regions that may be named, separated by spaces; empty: all")            \
    X(STR, role_name, "DRSOrchestrationRole", 0, 0, 0,                         \
      "role to assume in other accounts unless the account names one")         \
    X(STR, external_id, "drs-orchestration-cross-account", 0, 0, 0,            \
      "external id for these roles unless the account names one")              \
    X(STR, session_name, "drsorch", 0, 0, 0,                                   \
      "begin of the session names of assumed roles")                           \
    X(STR, aws_endpoint_url, "", 0, 0, 0,                                      \
      "one endpoint for every service; for simulators and proxies")            \
    X(STR, aws_ca_bundle, "", 0, 0, 0,                                         \
      "PEM file of trusted authorities; empty: AWS_CA_BUNDLE or the system")   \
    X(STR, aws_profile, "", 0, 0, 0,                                           \
      "profile of the shared credentials files")                               \
    X(REAL_MS, aws_connect_timeout, "5s", 0, 60, 0,                            \
      "time to connect to an endpoint")                                        \
    X(REAL_MS, aws_read_timeout, "0", 0, 600, 0,                               \
      "time of one attempt; 0: by service")                                    \
    X(REAL_MS, aws_call_timeout, "60s", 1, 3600, 0,                            \
      "time of one call with its retries")                                     \
    X(REAL_MS, aws_session, "1h", 900, 43200, 0, "life of assumed roles")      \
    X(INT, aws_budget_percent, "100", 0, 1000000, 0,                           \
      "call budget per account and Region; 100: as documented, 0: none")       \
    /* engine */                                                               \
    X(ENUM, limits, "queue", 0, 0, 0,                                          \
      "queue: launches wait for capacity; strict: they are refused")           \
    X(ENUM, launch_settle, "quiet", 0, 0, 0,                                   \
      "window before a second call after a lost answer: quiet or strict")      \
    X(ENUM, launch_ambiguity, "adopt", 0, 0, 0,                                \
      "one job that fits a lost call: adopt it, or hold for an operator")      \
    X(BOOL, launch_job_tags, "off", 0, 0, 0, "send tags with StartRecovery")   \
    X(MS, launch_request_timeout, "30s", 1, 600, 5000,                         \
      "R: total time of one StartRecovery call")                               \
    X(MS, listing_lag, "30s", 0, 600, 1000,                                    \
      "L: longest time until an accepted job is listed")                       \
    X(MS, signature_validity, "15m", 1, 7200, 5000,                            \
      "V: longest age at which AWS accepts a signed request")                  \
    X(MS, window_margin, "30s", 0, 600, 1000, "safety added to both windows")  \
    X(MS, quiet_window, "0", 0, 86400, 0, "Q; 0: R + L + margin")              \
    X(MS, hard_window, "0", 0, 86400, 0, "H; 0: V + L + margin")               \
    X(MS, first_look, "15s", 0, 600, 200,                                      \
      "first look for a job after a lost answer")                              \
    X(MS, look_interval, "15s", 0, 600, 200, "pause between these looks")      \
    X(REAL_MS, look_skew, "5s", 0, 300, 0,                                     \
      "clock tolerance when job times are compared")                           \
    X(INT, launch_max_attempts, "3", 1, 10, 0,                                 \
      "StartRecovery calls for one launch unit")                               \
    X(MS3, conflict_waits, "30s 60s 120s", 0, 3600, 200,                       \
      "pauses after ConflictException before servers fail")                    \
    X(MS, poll_fast, "5s", 0, 600, 100, "polling while a job begins or ends")  \
    X(MS, poll_normal, "15s", 0, 600, 100, "polling while a job runs")         \
    X(MS, poll_slow, "30s", 0, 600, 100,                                       \
      "polling of long jobs and after throttling")                             \
    X(MS, wave_timeout, "6h", 1, DRSW_CONFIG_YEAR, 60000,                      \
      "a wave that takes longer fails")                                        \
    X(MS, pause_timeout, "365d", 1, 2 * DRSW_CONFIG_YEAR, 600000,              \
      "a pause that takes longer ends the execution")                          \
    X(MS, completed_grace, "10m", 0, 86400, 3000,                              \
      "wait for servers that are pending although their job is complete")      \
    X(INT, max_servers_per_job, "100", 1, 200, 0,                              \
      "servers in one launch unit")                                            \
    X(INT, max_jobs, "20", 1, 1000, 0, "active jobs per account and Region")   \
    X(INT, max_jobs_reserve, "1", 0, 999, 0, "of these, left free for people") \
    X(INT, max_servers_in_jobs, "500", 1, 100000, 0,                           \
      "servers in active jobs per account and Region")                         \
    X(BOOL, service_quotas, "on", 0, 0, 0,                                     \
      "limits are read from Service Quotas where that is allowed")             \
    X(MS, quota_refresh, "6h", 1, 604800, 60000, "how often they are read")    \
    X(MS, capacity_fresh, "5s", 0, 600, 200,                                   \
      "one listing of the active jobs serves every launch within this time")   \
    X(MS, capacity_aging, "10m", 1, 86400, 1000,                               \
      "waiting for capacity that makes up for one step of priority")           \
    X(INT, max_replicating, "300", 1, 100000, 0,                               \
      "replicating servers per account and Region")                            \
    X(INT, max_source_servers, "4000", 1, 1000000, 0,                          \
      "source servers per account and Region")                                 \
    X(INT, config_parallel, "10", 1, 100, 0,                                   \
      "launch settings applied at once per account and Region")                \
    X(INT, config_attempts, "3", 1, 20, 0,                                     \
      "attempts to apply the settings of one server")                          \
    X(MS, config_drift, "1h", 0, 604800, 600000,                               \
      "how often applied settings are compared with AWS; 0: never")            \
    X(MS, terminate_timeout, "1h", 1, 604800, 60000,                           \
      "a terminate job that takes longer counts as failed")                    \
    /* accounts */                                                             \
    X(MS, staging_sync, "5m", 1, 86400, 60000,                                 \
      "staging accounts are looked up and their servers extended")             \
    X(MS, region_idle, "60m", 1, 604800, 30000,                                \
      "Regions without servers are asked again after this time")               \
    /* inventory */                                                            \
    X(MS, inventory, "5m", 0, 86400, 30000,                                    \
      "scan of the source servers; 0: only when somebody asks")                \
    X(MS, inventory_fresh, "15m", 1, 604800, 5000,                             \
      "age up to which lists are answered from the inventory")                 \
    X(MS, inventory_launch_fresh, "10m", 1, 604800, 5000,                      \
      "age up to which a launch may use it when DRS cannot be asked")          \
    X(MS, live_scan, "30s", 0, 600, 1000,                                      \
      "one live scan serves every start within this time")                     \
    X(MS, instances, "5m", 1, 86400, 30000,                                    \
      "reading of the recovery instances")                                     \
    /* schedules */                                                            \
    X(STR, zoneinfo, "/usr/share/zoneinfo", 0, 0, 0,                           \
      "folder of the compiled time zones")                                     \
    X(REAL_MS, schedule_grace, "15m", 60, DRSW_CONFIG_DAY, 0,                  \
      "a scheduled drill that cannot begin within this time is left out")      \
    X(MS, schedule_jitter, "10s", 0, 600, 0,                                   \
      "drills that are due at once begin spread over this time")               \
    X(REAL_MS, schedule_retry, "1m", 1, 3600, 0,                               \
      "pause before a start that failed for a passing reason is tried again")  \
    /* notifications */                                                        \
    X(ENUM, callback_require_login, "recovery", 0, 0, 0,                       \
      "links that resume or cancel need a login: recovery, always, never")     \
    X(STR, public_api_path, "/api", 0, 0, 0,                                   \
      "path of the API below publicBaseUrl, for these links")                  \
    X(MS, notify_retry, "10s", 0, 3600, 200,                                   \
      "pause before a notification is sent again; doubled each time")          \
    X(MS, notify_retry_max, "5m", 1, 86400, 1000, "longest of these pauses")   \
    X(MS, notify_keep, "72h", 60, 30 * DRSW_CONFIG_DAY, 60000,                 \
      "a notification that cannot be delivered for so long is given up")       \
    X(MS, subscriptions, "15m", 1, 86400, 5000,                                \
      "subscriptions of e-mail addresses are compared with SNS")               \
    X(REAL_MS, webhook_timeout, "10s", 1, 60, 0, "time of one webhook call")   \
    X(STR, webhook_hosts, "", 0, 0, 0,                                         \
      "hosts that webhooks may name, separated by spaces; empty: all")         \
    X(BOOL, webhook_private, "off", 0, 0, 0,                                   \
      "hosts of webhook_hosts may have private addresses")                     \
    X(STR, webhook_ca_bundle, "", 0, 0, 0,                                     \
      "PEM file of authorities for webhooks; empty: the system")               \
    /* identity */                                                             \
    X(BOOL, local_issuer, "on", 0, 0, 0,                                       \
      "this worker issues tokens to the break-glass users")                    \
    X(STR, issuer_url, "urn:drs-orchestrator:local", 0, 0, 0,                  \
      "claim iss of these tokens")                                             \
    X(STR, issuer_audience, "drs-orchestrator", 0, 0, 0,                       \
      "claim aud of these tokens")                                             \
    X(ENUM, issuer_algorithm, "ES256", 0, 0, 0, "ES256 or RS256")              \
    X(STR, issuer_key_file, "", 0, 0, 0,                                       \
      "private key, made at first start; empty: issuer.key in state_dir")      \
    X(STR, seal_key_file, "", 0, 0, 0,                                         \
      "key that opens sealed passwords; empty: seal.key in state_dir")         \
    X(REAL_MS, issuer_token, "15m", 30, DRSW_CONFIG_DAY, 0,                    \
      "life of an access token")                                               \
    X(REAL_MS, issuer_refresh, "12h", 60, 30 * DRSW_CONFIG_DAY, 0,             \
      "life of a session without a new log-in")                                \
    X(INT, login_rate, "10", 1, 10000, 0,                                      \
      "log-ins per second and worker; bursts of twice as many")                \
    X(INT, login_max_failures, "10", 1, 1000, 0,                               \
      "failed log-ins of one user before a lock-out")                          \
    X(REAL_MS, login_lock, "15m", 1, DRSW_CONFIG_DAY, 0,                       \
      "length of the lock-out")                                                \
    X(INT, password_cost, "5", 1, 11, 0,                                       \
      "yescrypt cost of new password hashes")                                  \
    X(REAL_MS, jwks_refresh, "6h", 60, 7 * DRSW_CONFIG_DAY, 0,                 \
      "key sets of the issuers are fetched this often")                        \
    X(REAL_MS, jwks_min_interval, "60s", 1, 3600, 0,                           \
      "shortest pause between two fetches")


#endif /* DRSW_CONFIG_TABLE_H */
