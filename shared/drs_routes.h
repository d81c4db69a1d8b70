/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * The routes of the API (api.md 3 and 10.2): one table is the single source
 * for method, path, permissions, body limit and handler.  openapi/drs.yaml is
 * checked against it (scripts/check_openapi.py).
 *
 * What the table does not name does not exist: an operation without a row has
 * no handler, and a row without a permission says PUBLIC or AUTHENTICATED in
 * so many words, else drs_routes_check() fails and the module does not start.
 */

#ifndef DRS_ROUTES_H_INCLUDED
#define DRS_ROUTES_H_INCLUDED


#include "drs_list_page.h"
#include "drs_rbac.h"


/* flags */
#define DRS_ROUTE_PUBLIC     0x01  /* no token */
#define DRS_ROUTE_ANY_USER   0x02  /* a token, no permission needed */
#define DRS_ROUTE_LOCAL      0x04  /* users of the local issuer only */
#define DRS_ROUTE_STREAM     0x08  /* may answer with an event stream */
#define DRS_ROUTE_JSON_ONLY  0x10  /* 415 without application/json */
#define DRS_ROUTE_PW_CHANGE  0x20  /* open while a password is due */
#define DRS_ROUTE_BY_ADDRESS 0x40  /* free for configured addresses */
#define DRS_ROUTE_NO_IDEM    0x80  /* answers are secret: never kept */
#define DRS_ROUTE_PAGE       0x100 /* answers are pages; a token is optional */

#define DRS_BODY_NONE   (4 * 1024) /* ignored bodies */
#define DRS_BODY_STD    (256 * 1024)
#define DRS_BODY_IMPORT (8 * 1024 * 1024)

#define DRS_ROUTE_MAX_PARAMS 4
#define DRS_ROUTE_PATH_MAX   2048


typedef enum {
    DRS_METHOD_NONE = 0,
    DRS_METHOD_GET = 0x01,
    DRS_METHOD_POST = 0x02,
    DRS_METHOD_PUT = 0x04,
    DRS_METHOD_DELETE = 0x08
} drs_method_t;

/* Who answers (decisions.md 9). */
typedef enum {
    DRS_KIND_NONE = 0,
    DRS_KIND_EDGE,  /* the module itself */
    DRS_KIND_STORE, /* the module, from Redis */
    DRS_KIND_WORKER /* a command and a bounded wait */
} drs_kind_t;


/*
 * X(id, reference, method, pattern, all, any, flags, kind, body, handler)
 *
 * id          enum member DRS_ROUTE_<id>
 * reference   row of the specification
 * all, any    permissions that must all be held; of which one must be held
 * handler     the module's function ngx_http_drs_api_<handler>
 */
#define DRS_P(p) drs_perm_bit(DRS_PERM_##p)

#define DRS_ROUTES(X)                                                          \
    X(HEALTH, "H1", GET, "/health", 0, 0, DRS_ROUTE_PUBLIC, EDGE,              \
      DRS_BODY_NONE, health)                                                   \
    X(METRICS, "X-21", GET, "/metrics", DRS_P(VIEW_EXECUTIONS), 0,             \
      DRS_ROUTE_BY_ADDRESS, EDGE, DRS_BODY_NONE, metrics)                      \
    X(OPENAPI, "X-22", GET, "/openapi.yaml", 0, 0, DRS_ROUTE_PUBLIC, EDGE,     \
      DRS_BODY_NONE, openapi)                                                  \
    X(EVENTS, "X-2", GET, "/events", DRS_P(VIEW_EXECUTIONS), 0,                \
      DRS_ROUTE_STREAM, EDGE, DRS_BODY_NONE, events)                           \
                                                                               \
    X(USER_PERMISSIONS, "U1", GET, "/user/permissions", 0, 0,                  \
      DRS_ROUTE_ANY_USER | DRS_ROUTE_PW_CHANGE, EDGE, DRS_BODY_NONE,           \
      user_permissions)                                                        \
    X(USER_PROFILE, "U2", GET, "/user/profile", 0, 0,                          \
      DRS_ROUTE_ANY_USER | DRS_ROUTE_PW_CHANGE, EDGE, DRS_BODY_NONE,           \
      user_profile)                                                            \
    X(USER_CURRENT, "U2", GET, "/users/current", 0, 0,                         \
      DRS_ROUTE_ANY_USER | DRS_ROUTE_PW_CHANGE, EDGE, DRS_BODY_NONE,           \
      user_profile)                                                            \
    X(USER_ROLES, "U3", GET, "/user/roles", 0, 0,                              \
      DRS_ROUTE_ANY_USER | DRS_ROUTE_PW_CHANGE, EDGE, DRS_BODY_NONE,           \
      user_roles)                                                              \
                                                                               \
    X(GROUP_LIST, "PG1", GET, "/protection-groups",                            \
      DRS_P(VIEW_PROTECTION_GROUPS), 0, 0, STORE, DRS_BODY_NONE, group_list)   \
    X(GROUP_CREATE, "PG2", POST, "/protection-groups",                         \
      DRS_P(CREATE_PROTECTION_GROUPS), 0, 0, WORKER, DRS_BODY_STD,             \
      group_create)                                                            \
    X(GROUP_RESOLVE, "PG6", POST, "/protection-groups/resolve",                \
      DRS_P(VIEW_PROTECTION_GROUPS), 0, 0, WORKER, DRS_BODY_STD,               \
      group_resolve)                                                           \
    X(LAUNCH_APPLY, "PG7", POST,                                               \
      "/protection-groups/{id}"                                                \
      "/apply-launch-configs",                                                 \
      DRS_P(MODIFY_PROTECTION_GROUPS), 0, 0, STORE, DRS_BODY_STD,              \
      launch_apply)                                                            \
    X(LAUNCH_STATUS, "PG8", GET,                                               \
      "/protection-groups/{id}"                                                \
      "/launch-config-status",                                                 \
      DRS_P(VIEW_PROTECTION_GROUPS), 0, 0, STORE, DRS_BODY_NONE,               \
      launch_status)                                                           \
    X(LAUNCH_SERVER_GET, "PG9", GET,                                           \
      "/protection-groups/{id}/servers"                                        \
      "/{serverId}/launch-config",                                             \
      DRS_P(VIEW_PROTECTION_GROUPS), 0, 0, STORE, DRS_BODY_NONE,               \
      launch_server_get)                                                       \
    X(LAUNCH_SERVER_PUT, "PG10", PUT,                                          \
      "/protection-groups/{id}/servers"                                        \
      "/{serverId}/launch-config",                                             \
      DRS_P(MODIFY_PROTECTION_GROUPS), 0, 0, WORKER, DRS_BODY_STD,             \
      launch_server_put)                                                       \
    X(LAUNCH_SERVER_DELETE, "PG11", DELETE,                                    \
      "/protection-groups/{id}/servers"                                        \
      "/{serverId}/launch-config",                                             \
      DRS_P(MODIFY_PROTECTION_GROUPS), 0, 0, WORKER, DRS_BODY_NONE,            \
      launch_server_delete)                                                    \
    X(LAUNCH_IP, "PG12", POST,                                                 \
      "/protection-groups/{id}/servers"                                        \
      "/{serverId}/validate-ip",                                               \
      DRS_P(VIEW_PROTECTION_GROUPS), 0, 0, WORKER, DRS_BODY_STD, launch_ip)    \
    X(LAUNCH_BULK, "PG13", POST,                                               \
      "/protection-groups/{id}/servers"                                        \
      "/bulk-launch-config",                                                   \
      DRS_P(MODIFY_PROTECTION_GROUPS), 0, 0, WORKER, DRS_BODY_STD,             \
      launch_bulk)                                                             \
    X(GROUP_GET, "PG3", GET, "/protection-groups/{id}",                        \
      DRS_P(VIEW_PROTECTION_GROUPS), 0, 0, STORE, DRS_BODY_NONE, group_get)    \
    X(GROUP_UPDATE, "PG4", PUT, "/protection-groups/{id}",                     \
      DRS_P(MODIFY_PROTECTION_GROUPS), 0, 0, WORKER, DRS_BODY_STD,             \
      group_update)                                                            \
    X(GROUP_DELETE, "PG5", DELETE, "/protection-groups/{id}",                  \
      DRS_P(DELETE_PROTECTION_GROUPS), 0, 0, STORE, DRS_BODY_NONE,             \
      group_delete)                                                            \
    X(GROUP_SERVER_AUDIT, "PG14", GET,                                         \
      "/protection-groups/{id}/servers/{serverId}/audit-log", 0,               \
      DRS_P(VIEW_PROTECTION_GROUPS) | DRS_P(AUDIT_READ), 0, STORE,             \
      DRS_BODY_NONE, group_server_audit)                                       \
                                                                               \
    X(PLAN_LIST, "RP1", GET, "/recovery-plans", DRS_P(VIEW_RECOVERY_PLANS), 0, \
      0, STORE, DRS_BODY_NONE, plan_list)                                      \
    X(PLAN_CREATE, "RP2", POST, "/recovery-plans",                             \
      DRS_P(CREATE_RECOVERY_PLANS), 0, 0, STORE, DRS_BODY_STD, plan_create)    \
    X(PLAN_GET, "RP3", GET, "/recovery-plans/{id}",                            \
      DRS_P(VIEW_RECOVERY_PLANS), 0, 0, STORE, DRS_BODY_NONE, plan_get)        \
    X(PLAN_UPDATE, "RP4", PUT, "/recovery-plans/{id}",                         \
      DRS_P(MODIFY_RECOVERY_PLANS), 0, 0, STORE, DRS_BODY_STD, plan_update)    \
    X(PLAN_DELETE, "RP5", DELETE, "/recovery-plans/{id}",                      \
      DRS_P(DELETE_RECOVERY_PLANS), 0, 0, STORE, DRS_BODY_NONE, plan_delete)   \
    X(PLAN_EXISTING, "RP6", GET,                                               \
      "/recovery-plans/{id}/check-existing-instances",                         \
      DRS_P(VIEW_RECOVERY_PLANS), 0, 0, WORKER, DRS_BODY_NONE, plan_existing)  \
    X(PLAN_EXISTING_POST, "RP7", POST,                                         \
      "/recovery-plans/{id}/check-existing-instances",                         \
      DRS_P(VIEW_RECOVERY_PLANS), 0, 0, WORKER, DRS_BODY_STD, plan_existing)   \
    X(PLAN_PRECHECK, "X-4", POST, "/recovery-plans/{id}/precheck",             \
      DRS_P(VIEW_RECOVERY_PLANS), 0, 0, WORKER, DRS_BODY_STD, plan_precheck)   \
    X(PLAN_EXECUTE, "RP8", POST, "/recovery-plans/{id}/execute",               \
      DRS_P(START_RECOVERY), 0, 0, WORKER, DRS_BODY_STD, plan_execute)         \
    X(SCHEDULE_LIST, "X-8", GET, "/recovery-plans/{id}/schedules",             \
      DRS_P(VIEW_RECOVERY_PLANS), 0, 0, STORE, DRS_BODY_NONE, schedule_list)   \
    X(SCHEDULE_CREATE, "X-9", POST, "/recovery-plans/{id}/schedules",          \
      DRS_P(MODIFY_RECOVERY_PLANS) | DRS_P(START_RECOVERY), 0, 0, WORKER,      \
      DRS_BODY_STD, schedule_create)                                           \
    X(SCHEDULE_GET, "X-10", GET,                                               \
      "/recovery-plans/{id}/schedules/{scheduleId}",                           \
      DRS_P(VIEW_RECOVERY_PLANS), 0, 0, STORE, DRS_BODY_NONE, schedule_get)    \
    X(SCHEDULE_UPDATE, "X-11", PUT,                                            \
      "/recovery-plans/{id}/schedules/{scheduleId}",                           \
      DRS_P(MODIFY_RECOVERY_PLANS) | DRS_P(START_RECOVERY), 0, 0, WORKER,      \
      DRS_BODY_STD, schedule_update)                                           \
    X(SCHEDULE_DELETE, "X-12", DELETE,                                         \
      "/recovery-plans/{id}/schedules/{scheduleId}",                           \
      DRS_P(MODIFY_RECOVERY_PLANS), 0, 0, STORE, DRS_BODY_NONE,                \
      schedule_delete)                                                         \
    X(SCHEDULE_RUN, "X-28", POST,                                              \
      "/recovery-plans/{id}/schedules/{scheduleId}/run",                       \
      DRS_P(START_RECOVERY), 0, 0, STORE, DRS_BODY_NONE, schedule_run)         \
    X(SCHEDULE_ALL, "X-29", GET, "/schedules", DRS_P(VIEW_RECOVERY_PLANS), 0,  \
      0, STORE, DRS_BODY_NONE, schedule_all)                                   \
                                                                               \
    X(EXEC_LIST, "EX1", GET, "/executions", DRS_P(VIEW_EXECUTIONS), 0, 0,      \
      STORE, DRS_BODY_NONE, exec_list)                                         \
    X(EXEC_START, "EX2", POST, "/executions", DRS_P(START_RECOVERY), 0, 0,     \
      WORKER, DRS_BODY_STD, exec_start)                                        \
    X(EXEC_DELETE, "EX3", DELETE, "/executions", DRS_P(STOP_RECOVERY), 0, 0,   \
      WORKER, DRS_BODY_STD, exec_delete)                                       \
    X(EXEC_DELETE_IDS, "EX4", POST, "/executions/delete",                      \
      DRS_P(STOP_RECOVERY), 0, 0, WORKER, DRS_BODY_STD, exec_delete_ids)       \
    X(EXEC_DELETE_ENDED, "EX15", DELETE, "/executions/completed",              \
      DRS_P(STOP_RECOVERY), 0, 0, WORKER, DRS_BODY_NONE, exec_delete_ended)    \
    X(EXEC_CANCEL, "EX6", POST, "/executions/{id}/cancel",                     \
      DRS_P(STOP_RECOVERY), 0, 0, STORE, DRS_BODY_STD, exec_cancel)            \
    X(EXEC_PAUSE, "EX7", POST, "/executions/{id}/pause", DRS_P(STOP_RECOVERY), \
      0, 0, STORE, DRS_BODY_STD, exec_pause)                                   \
    X(EXEC_RESUME, "EX8", POST, "/executions/{id}/resume",                     \
      DRS_P(START_RECOVERY), 0, 0, WORKER, DRS_BODY_STD, exec_resume)          \
    X(EXEC_TERMINATE, "EX9", POST, "/executions/{id}/terminate-instances",     \
      DRS_P(TERMINATE_INSTANCES), 0, 0, WORKER, DRS_BODY_STD, exec_terminate)  \
    X(EXEC_RETRY, "X-5", POST, "/executions/{id}/waves/{n}/retry",             \
      DRS_P(START_RECOVERY), 0, 0, WORKER, DRS_BODY_STD, exec_retry)           \
    X(EXEC_SKIP, "X-6", POST, "/executions/{id}/waves/{n}/skip",               \
      DRS_P(START_RECOVERY), 0, 0, WORKER, DRS_BODY_STD, exec_skip)            \
    X(EXEC_RESOLVE, "X-7", POST, "/executions/{id}/units/{unitId}/resolve",    \
      DRS_P(START_RECOVERY), 0, 0, WORKER, DRS_BODY_STD, exec_resolve)         \
    X(EXEC_INSTANCES, "EX10", GET, "/executions/{id}/recovery-instances",      \
      DRS_P(VIEW_EXECUTIONS), 0, 0, STORE, DRS_BODY_NONE, exec_instances)      \
    X(EXEC_JOBLOGS, "EX11", GET, "/executions/{id}/job-logs",                  \
      DRS_P(VIEW_EXECUTIONS), 0, 0, STORE, DRS_BODY_NONE, exec_joblogs)        \
    X(EXEC_TERMINATION, "EX12", GET, "/executions/{id}/termination-status",    \
      DRS_P(VIEW_EXECUTIONS), 0, 0, STORE, DRS_BODY_NONE, exec_termination)    \
    X(CALLBACK_GET, "EX13", GET, "/execution-callback", 0, 0,                  \
      DRS_ROUTE_PUBLIC | DRS_ROUTE_PAGE, STORE, DRS_BODY_NONE, callback_get)   \
    X(CALLBACK_POST, "EX13", POST, "/execution-callback", 0, 0,                \
      DRS_ROUTE_PUBLIC | DRS_ROUTE_PAGE | DRS_ROUTE_NO_IDEM, WORKER,           \
      DRS_BODY_NONE, callback_post)                                            \
    X(EXEC_EVENTS, "X-1", GET, "/executions/{id}/events",                      \
      DRS_P(VIEW_EXECUTIONS), 0, DRS_ROUTE_STREAM, EDGE, DRS_BODY_NONE,        \
      exec_events)                                                             \
    X(EXEC_SERVERS, "X-27", GET, "/executions/{id}/servers",                   \
      DRS_P(VIEW_EXECUTIONS), 0, 0, STORE, DRS_BODY_NONE, exec_servers)        \
    X(EXEC_REALTIME, "EX14", GET, "/executions/{id}/realtime",                 \
      DRS_P(VIEW_EXECUTIONS), 0, 0, STORE, DRS_BODY_NONE, exec_realtime)       \
    X(EXEC_GET, "EX5", GET, "/executions/{id}", DRS_P(VIEW_EXECUTIONS), 0, 0,  \
      STORE, DRS_BODY_NONE, exec_get)                                          \
                                                                               \
    X(DRS_SERVERS, "DRS1", GET, "/drs/source-servers",                         \
      DRS_P(VIEW_PROTECTION_GROUPS), 0, 0, WORKER, DRS_BODY_NONE, drs_servers) \
    X(DRS_QUOTAS, "DRS2", GET, "/drs/quotas", DRS_P(VIEW_PROTECTION_GROUPS),   \
      0, 0, WORKER, DRS_BODY_NONE, drs_quotas)                                 \
    X(DRS_ACCOUNTS, "DRS3", GET, "/drs/accounts", DRS_P(VIEW_ACCOUNTS), 0, 0,  \
      STORE, DRS_BODY_NONE, account_list)                                      \
    X(TAGSYNC_START, "DRS4", POST, "/drs/tag-sync",                            \
      DRS_P(MODIFY_PROTECTION_GROUPS), 0, 0, WORKER, DRS_BODY_STD,             \
      tagsync_start)                                                           \
    X(TAGSYNC_STATUS, "DRS11", GET, "/drs/tag-sync",                           \
      DRS_P(VIEW_PROTECTION_GROUPS), 0, 0, STORE, DRS_BODY_NONE,               \
      tagsync_status)                                                          \
    X(DRS_JOBS, "DRS5", GET, "/drs/jobs", DRS_P(VIEW_EXECUTIONS), 0, 0,        \
      WORKER, DRS_BODY_NONE, drs_jobs)                                         \
    X(DRS_REPLICATION, "DRS6", GET, "/drs/replication",                        \
      DRS_P(VIEW_PROTECTION_GROUPS), 0, 0, WORKER, DRS_BODY_NONE,              \
      drs_replication)                                                         \
    X(DRS_SERVICE, "DRS7", GET, "/drs/service", DRS_P(VIEW_PROTECTION_GROUPS), \
      0, 0, WORKER, DRS_BODY_NONE, drs_service)                                \
    X(DRS_FAILOVER, "DRS8", GET, "/drs/failover", DRS_P(VIEW_EXECUTIONS), 0,   \
      0, WORKER, DRS_BODY_NONE, drs_failover)                                  \
    X(DRS_START, "DRS9", POST, "/drs/failover/start-recovery",                 \
      DRS_P(START_RECOVERY), 0, 0, WORKER, DRS_BODY_STD, drs_start)            \
    X(DRS_START_ALIAS, "DRS9", POST, "/drs/start-recovery",                    \
      DRS_P(START_RECOVERY), 0, 0, WORKER, DRS_BODY_STD, drs_start)            \
    X(DRS_INVENTORY, "DRS10", GET, "/drs/source-server-inventory",             \
      DRS_P(VIEW_PROTECTION_GROUPS), 0, 0, WORKER, DRS_BODY_NONE,              \
      drs_inventory)                                                           \
    X(DRS_LIMITS, "DRS12", GET, "/drs/service-limits",                         \
      DRS_P(VIEW_PROTECTION_GROUPS), 0, 0, STORE, DRS_BODY_NONE, drs_limits)   \
    X(DRS_INSTANCES_SYNC, "DRS13", POST, "/drs/recovery-instance-sync",        \
      DRS_P(MODIFY_ACCOUNTS), 0, 0, WORKER, DRS_BODY_STD, instances_sync)      \
    X(DRS_INSTANCES_STATUS, "DRS14", GET, "/drs/recovery-instance-sync",       \
      DRS_P(VIEW_EXECUTIONS), 0, 0, STORE, DRS_BODY_NONE, instances_status)    \
                                                                               \
    X(EC2_SUBNETS, "EC1", GET, "/ec2/subnets", DRS_P(VIEW_ACCOUNTS), 0, 0,     \
      WORKER, DRS_BODY_NONE, ec2_subnets)                                      \
    X(EC2_GROUPS, "EC2", GET, "/ec2/security-groups", DRS_P(VIEW_ACCOUNTS), 0, \
      0, WORKER, DRS_BODY_NONE, ec2_groups)                                    \
    X(EC2_PROFILES, "EC3", GET, "/ec2/instance-profiles",                      \
      DRS_P(VIEW_ACCOUNTS), 0, 0, WORKER, DRS_BODY_NONE, ec2_profiles)         \
    X(EC2_TYPES, "EC4", GET, "/ec2/instance-types", DRS_P(VIEW_ACCOUNTS), 0,   \
      0, WORKER, DRS_BODY_NONE, ec2_types)                                     \
                                                                               \
    X(CONFIG_EXPORT, "CF1", GET, "/config/export",                             \
      DRS_P(EXPORT_CONFIGURATION), 0, 0, STORE, DRS_BODY_NONE, config_export)  \
    X(CONFIG_IMPORT, "CF2", POST, "/config/import",                            \
      DRS_P(IMPORT_CONFIGURATION), 0, 0, WORKER, DRS_BODY_IMPORT,              \
      config_import)                                                           \
    X(CONFIG_TAGSYNC_GET, "CF3", GET, "/config/tag-sync",                      \
      DRS_P(VIEW_PROTECTION_GROUPS), 0, 0, STORE, DRS_BODY_NONE,               \
      config_tagsync_get)                                                      \
    X(CONFIG_TAGSYNC_PUT, "CF4", PUT, "/config/tag-sync",                      \
      DRS_P(MODIFY_PROTECTION_GROUPS), 0, 0, STORE, DRS_BODY_STD,              \
      config_tagsync_put)                                                      \
    X(CONFIG_VALIDATE, "CF5", POST, "/config/validate-manifest",               \
      DRS_P(IMPORT_CONFIGURATION), 0, 0, STORE, DRS_BODY_IMPORT,               \
      config_validate)                                                         \
                                                                               \
    X(WEBHOOK_LIST, "X-13", GET, "/config/webhooks",                           \
      DRS_P(EXPORT_CONFIGURATION), 0, 0, STORE, DRS_BODY_NONE, webhook_list)   \
    X(WEBHOOK_CREATE, "X-14", POST, "/config/webhooks",                        \
      DRS_P(IMPORT_CONFIGURATION), 0, 0, STORE, DRS_BODY_STD, webhook_create)  \
    X(WEBHOOK_GET, "X-15", GET, "/config/webhooks/{webhookId}",                \
      DRS_P(EXPORT_CONFIGURATION), 0, 0, STORE, DRS_BODY_NONE, webhook_get)    \
    X(WEBHOOK_UPDATE, "X-16", PUT, "/config/webhooks/{webhookId}",             \
      DRS_P(IMPORT_CONFIGURATION), 0, 0, STORE, DRS_BODY_STD, webhook_update)  \
    X(WEBHOOK_DELETE, "X-17", DELETE, "/config/webhooks/{webhookId}",          \
      DRS_P(IMPORT_CONFIGURATION), 0, 0, STORE, DRS_BODY_NONE, webhook_delete) \
    X(WEBHOOK_TEST, "X-18", POST, "/config/webhooks/{webhookId}/test",         \
      DRS_P(IMPORT_CONFIGURATION), 0, 0, STORE, DRS_BODY_NONE, webhook_test)   \
    X(CONFIG_NOTIFY_GET, "X-19", GET, "/config/notifications",                 \
      DRS_P(EXPORT_CONFIGURATION), 0, 0, STORE, DRS_BODY_NONE,                 \
      config_notify_get)                                                       \
    X(CONFIG_NOTIFY_PUT, "X-20", PUT, "/config/notifications",                 \
      DRS_P(IMPORT_CONFIGURATION), 0, 0, STORE, DRS_BODY_STD,                  \
      config_notify_put)                                                       \
                                                                               \
    X(AUDIT_LIST, "X-3", GET, "/audit", DRS_P(AUDIT_READ), 0, 0, STORE,        \
      DRS_BODY_NONE, audit_list)                                               \
                                                                               \
    X(ACCOUNT_CURRENT, "AC1", GET, "/accounts/current", DRS_P(VIEW_ACCOUNTS),  \
      0, 0, STORE, DRS_BODY_NONE, account_current)                             \
    X(ACCOUNT_LIST, "AC2", GET, "/accounts/targets", DRS_P(VIEW_ACCOUNTS), 0,  \
      0, STORE, DRS_BODY_NONE, account_list)                                   \
    X(ACCOUNT_CREATE, "AC3", POST, "/accounts/targets",                        \
      DRS_P(REGISTER_ACCOUNTS), 0, 0, STORE, DRS_BODY_STD, account_create)     \
    X(ACCOUNT_GET, "AC4", GET, "/accounts/targets/{id}", DRS_P(VIEW_ACCOUNTS), \
      0, 0, STORE, DRS_BODY_NONE, account_get)                                 \
    X(ACCOUNT_UPDATE, "AC5", PUT, "/accounts/targets/{id}",                    \
      DRS_P(MODIFY_ACCOUNTS), 0, 0, STORE, DRS_BODY_STD, account_update)       \
    X(ACCOUNT_DELETE, "AC6", DELETE, "/accounts/targets/{id}",                 \
      DRS_P(DELETE_ACCOUNTS), 0, 0, STORE, DRS_BODY_NONE, account_delete)      \
    X(ACCOUNT_VALIDATE, "AC7", POST, "/accounts/targets/{id}/validate",        \
      DRS_P(VIEW_ACCOUNTS), 0, 0, WORKER, DRS_BODY_NONE, account_validate)     \
    X(STAGING_VALIDATE, "AC8", POST, "/staging-accounts/validate",             \
      DRS_P(VIEW_ACCOUNTS), 0, 0, WORKER, DRS_BODY_STD, staging_validate)      \
    X(STAGING_ADD, "AC9", POST, "/accounts/targets/{id}/staging-accounts",     \
      DRS_P(MODIFY_ACCOUNTS), 0, 0, STORE, DRS_BODY_STD, staging_add)          \
    X(STAGING_REMOVE, "AC10", DELETE,                                          \
      "/accounts/targets/{id}/staging-accounts/{stagingAccountId}",            \
      DRS_P(MODIFY_ACCOUNTS), 0, 0, STORE, DRS_BODY_NONE, staging_remove)      \
    X(STAGING_DISCOVER, "AC11", GET,                                           \
      "/accounts/targets/{id}/staging-accounts/discover",                      \
      DRS_P(VIEW_ACCOUNTS), 0, 0, WORKER, DRS_BODY_NONE, staging_discover)     \
    X(STAGING_DISCOVER_ALIAS, "AC11", GET,                                     \
      "/accounts/{id}/staging-accounts/discover", DRS_P(VIEW_ACCOUNTS), 0, 0,  \
      WORKER, DRS_BODY_NONE, staging_discover)                                 \
    X(STAGING_SYNC, "AC12", POST,                                              \
      "/accounts/targets/{id}/staging-accounts/sync", DRS_P(MODIFY_ACCOUNTS),  \
      0, 0, WORKER, DRS_BODY_NONE, staging_sync)                               \
    X(CAPACITY_ACCOUNT, "AC13", GET, "/accounts/targets/{id}/capacity",        \
      DRS_P(VIEW_ACCOUNTS), 0, 0, WORKER, DRS_BODY_NONE, capacity_account)     \
    X(CAPACITY_ALIAS, "AC13", GET, "/accounts/{id}/capacity",                  \
      DRS_P(VIEW_ACCOUNTS), 0, 0, WORKER, DRS_BODY_NONE, capacity_account)     \
    X(CAPACITY_ALL, "AC14", GET, "/accounts/capacity/all",                     \
      DRS_P(VIEW_ACCOUNTS), 0, 0, WORKER, DRS_BODY_NONE, capacity_all)         \
                                                                               \
    X(AUTH_LOGIN, "X-23", POST, "/auth/login", 0, 0,                           \
      DRS_ROUTE_PUBLIC | DRS_ROUTE_JSON_ONLY | DRS_ROUTE_NO_IDEM, WORKER,      \
      DRS_BODY_NONE, auth_login)                                               \
    X(AUTH_REFRESH, "X-24", POST, "/auth/refresh", 0, 0,                       \
      DRS_ROUTE_PUBLIC | DRS_ROUTE_JSON_ONLY | DRS_ROUTE_NO_IDEM, WORKER,      \
      DRS_BODY_NONE, auth_refresh)                                             \
    X(AUTH_LOGOUT, "X-25", POST, "/auth/logout", 0, 0,                         \
      DRS_ROUTE_ANY_USER | DRS_ROUTE_LOCAL | DRS_ROUTE_JSON_ONLY               \
          | DRS_ROUTE_PW_CHANGE | DRS_ROUTE_NO_IDEM,                           \
      WORKER, DRS_BODY_NONE, auth_logout)                                      \
    X(AUTH_PASSWORD, "X-26", POST, "/auth/password", 0, 0,                     \
      DRS_ROUTE_ANY_USER | DRS_ROUTE_LOCAL | DRS_ROUTE_JSON_ONLY               \
          | DRS_ROUTE_PW_CHANGE | DRS_ROUTE_NO_IDEM,                           \
      WORKER, DRS_BODY_NONE, auth_password)


typedef enum {
#define DRS_ROUTE_ENUM(id, ref, m, pat, all, any, fl, kind, body, h)           \
    DRS_ROUTE_##id,
    DRS_ROUTES(DRS_ROUTE_ENUM)
#undef DRS_ROUTE_ENUM
    DRS_ROUTE_N
} drs_route_id_t;


typedef struct {
    drs_route_id_t id;
    const char    *reference; /* "PG1" */
    drs_method_t   method;
    const char    *pattern; /* "/protection-groups/{id}" */
    drs_perms_t    all;
    drs_perms_t    any;
    unsigned       flags;
    drs_kind_t     kind;
    size_t         body_limit; /* bytes; more is 413 */
    const char    *handler;
} drs_route_t;

typedef enum {
    DRS_ROUTE_FOUND = 0,
    DRS_ROUTE_NO_PATH,  /* 404 */
    DRS_ROUTE_NO_METHOD /* 405; `allow` tells the others */
} drs_route_rc_t;

typedef struct {
    const drs_route_t *route; /* NULL unless found */
    drs_str_t          params[DRS_ROUTE_MAX_PARAMS];
    size_t             n_params;
    unsigned           allow; /* methods of the path, drs_method_t */
} drs_route_match_t;


/* The row of an id. */
const drs_route_t *drs_route(drs_route_id_t id);

/*
 * Where the list stands in the route's answer, if that is a list which is sent
 * whole unless `limit` or `nextToken` ask for a page; else NULL.
 */
const drs_list_page_t *drs_route_list(const drs_route_t *route);

/*
 * Finds the row of a path below the API prefix ("/executions/x/cancel"),
 * percent-decoded once.  `method` may be DRS_METHOD_NONE (OPTIONS): then the
 * result is NO_METHOD with the allowed ones, or NO_PATH.  Literals win over
 * parameters.  Parameters are views into `path`, never empty, without '/'.
 */
drs_route_rc_t
drs_route_find(drs_method_t method, drs_str_t path, drs_route_match_t *m);

/* drs_method_t of "GET" ..., or DRS_METHOD_NONE.  HEAD is looked up as GET. */
drs_method_t drs_method_by_name(drs_str_t name);
const char  *drs_method_name(drs_method_t method);
const char  *drs_kind_name(drs_kind_t kind);

/* "GET,POST,OPTIONS"; dst of at least 32 bytes. */
size_t drs_methods_text(char *dst, size_t size, unsigned allow);

/*
 * 1 if the route changes something: a successful request leaves an entry in
 * the audit trail, and so does a failed one.
 */
int drs_route_changes(const drs_route_t *route);

/* 1 if a successful answer is audited although nothing changed (exports,
 * reads of the trail). */
int drs_route_audited_read(const drs_route_t *route);

/* Action of the audit trail, "group.delete", from the handler's name. */
void drs_route_action(char *dst, size_t size, const drs_route_t *route);

/* 1 if a caller with these permissions may use the route. */
int drs_route_permits(const drs_route_t *route, drs_perms_t held);

/*
 * NULL if every row says who may use it and no two rows are the same, else a
 * sentence about the first bad one (static text).
 */
const char *drs_routes_check(void);


#endif /* DRS_ROUTES_H_INCLUDED */
