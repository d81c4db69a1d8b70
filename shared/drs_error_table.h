
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Every error of the API in one table: api.md 1.7 and 10.3.
 *
 * X(symbol, code, error, HTTP status, retryable, default message)
 *
 * `error` is what callers of the reference see: NULL is the code itself (also
 * where they saw a sentence).  Where a code appears with two statuses or two
 * `error` texts, the first row is the usual one and the second has a symbol
 * of its own.  Messages keep clear of the words that the console tests for
 * (api.md 1.6) except where that is meant, and of slashes.
 */

#ifndef DRS_ERROR_TABLE_H_INCLUDED
#define DRS_ERROR_TABLE_H_INCLUDED


#define DRS_ERROR_TABLE(X)                                                     \
    X(INVALID_INVOCATION, "INVALID_INVOCATION", NULL, 400, 0,                  \
      "The request form was not understood.")                                  \
    X(INVALID_OPERATION, "INVALID_OPERATION", NULL, 400, 0,                    \
      "The operation is unknown.")                                             \
    X(MISSING_PARAMETER, "MISSING_PARAMETER", NULL, 400, 0,                    \
      "A required parameter is missing.")                                      \
    X(INVALID_PARAMETER, "INVALID_PARAMETER", NULL, 400, 0,                    \
      "A parameter is invalid.")                                               \
    X(AUTHORIZATION_FAILED, "AUTHORIZATION_FAILED", NULL, 403, 0,              \
      "The caller may not do this.")                                           \
    X(NOT_FOUND, "NOT_FOUND", NULL, 404, 0, "The object was not found.")       \
    X(ALREADY_EXISTS, "ALREADY_EXISTS", NULL, 409, 0,                          \
      "The object exists or the operation is running.")                        \
    X(INVALID_STATE, "INVALID_STATE", NULL, 400, 0,                            \
      "The state of the object does not allow this.")                          \
    X(INVALID_STATE_PARAMETER, "INVALID_STATE", "INVALID_PARAMETER", 400, 0,   \
      "The state of the object does not allow this.")                          \
    X(DYNAMODB_ERROR, "DYNAMODB_ERROR", NULL, 500, 1,                          \
      "The data store failed.")                                                \
    X(DRS_ERROR, "DRS_ERROR", NULL, 500, 1,                                    \
      "The recovery service call failed.")                                     \
    X(DRS_THROTTLED, "DRS_ERROR", NULL, 429, 1,                                \
      "The recovery service answered with its rate limit.")                    \
    X(DRS_UNREACHABLE, "DRS_ERROR", NULL, 502, 1,                              \
      "The recovery service endpoint is unreachable.")                         \
    X(STEP_FUNCTIONS_ERROR, "STEP_FUNCTIONS_ERROR", NULL, 500, 1,              \
      "The workflow engine failed.")                                           \
    X(STS_ERROR, "STS_ERROR", NULL, 500, 1,                                    \
      "The account role could not be assumed.")                                \
    X(INTERNAL_ERROR, "INTERNAL_ERROR", NULL, 500, 1,                          \
      "An unexpected error happened.")                                         \
    X(RATE_LIMITED, "RATE_LIMITED", NULL, 429, 1,                              \
      "Too many requests. Try again later.")                                   \
    X(PAYLOAD_TOO_LARGE, "PAYLOAD_TOO_LARGE", NULL, 413, 0,                    \
      "The request body is too large.")                                        \
    X(UNSUPPORTED_MEDIA_TYPE, "UNSUPPORTED_MEDIA_TYPE", NULL, 415, 0,          \
      "The body must be declared as JSON.")                                    \
    X(IDEMPOTENCY_KEY_REUSED, "IDEMPOTENCY_KEY_REUSED", NULL, 422, 0,          \
      "The idempotency key was used with another request.")                    \
    X(SERVICE_UNAVAILABLE, "SERVICE_UNAVAILABLE", NULL, 503, 1,                \
      "The service is temporarily unavailable.")                               \
    X(UNAUTHORIZED, "UNAUTHORIZED", "Unauthorized", 401, 0, "Unauthorized")    \
    X(FORBIDDEN, "FORBIDDEN", "Forbidden", 403, 0,                             \
      "Insufficient permissions.")                                             \
    X(METHOD_NOT_ALLOWED, "METHOD_NOT_ALLOWED", "Method Not Allowed", 405, 0,  \
      "This method is not allowed here.")                                      \
    X(ROUTE_NOT_FOUND, "ROUTE_NOT_FOUND", "NOT_FOUND", 404, 0,                 \
      "No such path.")                                                         \
    X(INVALID_JSON, "INVALID_JSON", "INVALID_PARAMETER", 400, 0,               \
      "The request body is not valid JSON.")                                   \
    X(BAD_REQUEST, "BAD_REQUEST", "INVALID_PARAMETER", 400, 0,                 \
      "The request is malformed.")                                             \
    X(ACCOUNT_EXISTS, "ACCOUNT_EXISTS", NULL, 400, 0,                          \
      "The account is registered.")                                            \
    X(ACCOUNT_IN_USE, "ACCOUNT_IN_USE", "ALREADY_EXISTS", 409, 0,              \
      "The account is still in use.")                                          \
    X(ACCOUNT_MISMATCH, "ACCOUNT_MISMATCH", NULL, 400, 0,                      \
      "The protection groups lie in different accounts.")                      \
    X(AWS_API_ERROR, "AWS_API_ERROR", NULL, 400, 0,                            \
      "A check that needs the cloud API failed.")                              \
    X(ALREADY_RUNNING, "ALREADY_RUNNING", "ALREADY_EXISTS", 409, 0,            \
      "A tag synchronisation is running.")                                     \
    X(BLOCKED_FIELDS_PRESENT, "BLOCKED_FIELDS_PRESENT", NULL, 400, 0,          \
      "The launch template has fields that may not be set.")                   \
    X(CHECK_FAILED, "CHECK_FAILED", NULL, 500, 0,                              \
      "Existing instances could not be checked.")                              \
    X(CONCURRENT_JOBS_LIMIT_EXCEEDED, "CONCURRENT_JOBS_LIMIT_EXCEEDED",        \
      "DRS_ERROR", 429, 1, "The limit of concurrent jobs is reached.")         \
    X(CROSS_ACCOUNT_ROLE_REQUIRED, "CROSS_ACCOUNT_ROLE_REQUIRED", NULL, 400,   \
      0, "Another account needs a role.")                                      \
    X(DATABASE_ERROR, "DATABASE_ERROR", NULL, 500, 0,                          \
      "The configuration could not be stored.")                                \
    X(APPLICATION_ERROR, "APPLICATION_ERROR", NULL, 500, 0,                    \
      "The configuration could not be applied.")                               \
    X(DELETE_FAILED, "DELETE_FAILED", NULL, 500, 0, "The deletion failed.")    \
    X(DRS_NOT_INITIALIZED, "DRS_NOT_INITIALIZED", NULL, 400, 0,                \
      "Elastic Disaster Recovery is not initialized in this region.")          \
    X(DUPLICATE_IP, "DUPLICATE_IP", NULL, 400, 0,                              \
      "The address is used by another server.")                                \
    X(DUPLICATE_IP_IN_BATCH, "DUPLICATE_IP_IN_BATCH", NULL, 400, 0,            \
      "The address appears twice in the request.")                             \
    X(DUPLICATE_SERVER, "DUPLICATE_SERVER", "INVALID_PARAMETER", 400, 0,       \
      "A server is in two waves.")                                             \
    X(EXECUTION_NOT_CANCELLABLE, "EXECUTION_NOT_CANCELLABLE", "INVALID_STATE", \
      400, 0, "The execution cannot be cancelled.")                            \
    X(EXECUTION_NOT_FOUND, "EXECUTION_NOT_FOUND", "NOT_FOUND", 404, 0,         \
      "The execution was not found.")                                          \
    X(EXECUTION_NOT_PAUSABLE, "EXECUTION_NOT_PAUSABLE", "INVALID_STATE", 400,  \
      0, "The execution cannot be paused.")                                    \
    X(EXECUTION_NOT_PAUSED, "EXECUTION_NOT_PAUSED", "INVALID_STATE", 400, 0,   \
      "The execution is not paused.")                                          \
    X(EXECUTION_NOT_RESUMABLE, "EXECUTION_NOT_RESUMABLE", "INVALID_STATE",     \
      400, 0, "The execution cannot be resumed.")                              \
    X(EXECUTION_NO_WAVES, "EXECUTION_NO_WAVES", "INVALID_STATE", 400, 0,       \
      "The execution has no waves.")                                           \
    X(TERMINATE_NO_WAVES, "EXECUTION_NO_WAVES", NULL, 400, 0,                  \
      "The execution has no waves.")                                           \
    X(EXISTING_RECOVERY_INSTANCES, "EXISTING_RECOVERY_INSTANCES",              \
      "ALREADY_EXISTS", 409, 0, "Live recovery instances would be replaced.")  \
    X(IAM_PROFILE_NOT_FOUND, "IAM_PROFILE_NOT_FOUND", NULL, 400, 0,            \
      "The instance profile was not found.")                                   \
    X(INSTANCE_TYPE_UNAVAILABLE, "INSTANCE_TYPE_UNAVAILABLE", NULL, 400, 0,    \
      "The instance type is not offered in this region.")                      \
    X(INVALID_ACCOUNT, "INVALID_ACCOUNT", NULL, 400, 0,                        \
      "The account is neither the own account nor registered.")                \
    X(INVALID_CIDR, "INVALID_CIDR", NULL, 400, 0,                              \
      "The address range is invalid.")                                         \
    X(INVALID_CREDENTIALS, "INVALID_CREDENTIALS", NULL, 401, 0,                \
      "The user name or the password is wrong.")                               \
    X(INVALID_CRON, "INVALID_CRON", NULL, 400, 0,                              \
      "The cron expression is invalid.")                                       \
    X(INVALID_EMAIL, "INVALID_EMAIL", NULL, 400, 0,                            \
      "The e-mail address is invalid.")                                        \
    X(INVALID_EMAIL_UPDATE, "INVALID_EMAIL", "INVALID_PARAMETER", 400, 0,      \
      "The e-mail address is invalid.")                                        \
    X(INVALID_EXECUTION_TYPE, "INVALID_EXECUTION_TYPE", "INVALID_PARAMETER",   \
      400, 0, "The execution type must be DRILL or RECOVERY.")                 \
    X(INVALID_FORMAT, "INVALID_FORMAT", NULL, 400, 0,                          \
      "The account id must have 12 digits.")                                   \
    X(INVALID_IP_FORMAT, "INVALID_IP_FORMAT", NULL, 400, 0,                    \
      "The address is not a valid IPv4 address.")                              \
    X(INVALID_LAUNCH_CONFIG, "INVALID_LAUNCH_CONFIG", NULL, 400, 0,            \
      "launchConfig must be an object.")                                       \
    X(INVALID_LAUNCH_CONFIG_FORMAT, "INVALID_LAUNCH_CONFIG_FORMAT", NULL, 400, \
      0, "The launch configuration has invalid members.")                      \
    X(INVALID_NAME, "INVALID_NAME", NULL, 400, 0, "The name is invalid.")      \
    X(INVALID_ROLE_ARN, "INVALID_ROLE_ARN", NULL, 400, 0,                      \
      "The role ARN is invalid.")                                              \
    X(INVALID_SECURITY_GROUPS, "INVALID_SECURITY_GROUPS", NULL, 400, 0,        \
      "securityGroupIds must be a list.")                                      \
    X(INVALID_SECURITY_GROUP_FORMAT, "INVALID_SECURITY_GROUP_FORMAT", NULL,    \
      400, 0, "A security group id is malformed.")                             \
    X(INVALID_SERVERS, "INVALID_SERVERS", NULL, 400, 0,                        \
      "sourceServerIds must be a non-empty list.")                             \
    X(INVALID_SUBNET_FORMAT, "INVALID_SUBNET_FORMAT", NULL, 400, 0,            \
      "The subnet id is malformed.")                                           \
    X(INVALID_TAGS, "INVALID_TAGS", NULL, 400, 0,                              \
      "serverSelectionTags must be a non-empty object.")                       \
    X(INVALID_TIME_ZONE, "INVALID_TIME_ZONE", NULL, 400, 0,                    \
      "The time zone is unknown.")                                             \
    X(INVALID_TYPE, "INVALID_TYPE", NULL, 400, 0,                              \
      "A field has the wrong type.")                                           \
    X(INVALID_URL, "INVALID_URL", NULL, 400, 0, "The URL is not acceptable.")  \
    X(INVALID_WAVES, "INVALID_WAVES", "INVALID_PARAMETER", 400, 0,             \
      "The waves are invalid.")                                                \
    X(INVALID_WAVE_DATA, "INVALID_WAVE_DATA", NULL, 400, 0,                    \
      "The data of a wave is invalid.")                                        \
    X(IP_IN_USE, "IP_IN_USE", NULL, 400, 0, "The address is in use.")          \
    X(IP_NOT_PRIVATE, "IP_NOT_PRIVATE", NULL, 400, 0,                          \
      "The address is not private.")                                           \
    X(IP_OUT_OF_RANGE, "IP_OUT_OF_RANGE", NULL, 400, 0,                        \
      "The address lies outside the subnet.")                                  \
    X(IP_RESERVED, "IP_RESERVED", NULL, 400, 0,                                \
      "The address is reserved in this subnet.")                               \
    X(JOB_NOT_ADOPTABLE, "JOB_NOT_ADOPTABLE", "ALREADY_EXISTS", 409, 0,        \
      "The job cannot be adopted by this launch unit.")                        \
    X(LAUNCH_CONFIG_APPLY_FAILED, "LAUNCH_CONFIG_APPLY_FAILED", NULL, 400, 0,  \
      "The launch configuration could not be applied.")                        \
    X(LAUNCH_CONFIG_SYNC_IN_PROGRESS, "LAUNCH_CONFIG_SYNC_IN_PROGRESS", NULL,  \
      409, 0, "The launch configuration is being synchronised.")               \
    X(LIMITS_UNKNOWN, "LIMITS_UNKNOWN", "DRS_ERROR", 503, 1,                   \
      "Limits or health cannot be determined now.")                            \
    X(LOCAL_AUTH_DISABLED, "LOCAL_AUTH_DISABLED", "NOT_FOUND", 404, 0,         \
      "Local sign-in is switched off.")                                        \
    X(MISSING_ACCOUNT_ID, "MISSING_ACCOUNT_ID", NULL, 400, 0,                  \
      "The account id is missing.")                                            \
    X(MISSING_BODY, "MISSING_BODY", NULL, 400, 0,                              \
      "The request body is missing.")                                          \
    X(MISSING_EXECUTION_IDS, "MISSING_EXECUTION_IDS", NULL, 400, 0,            \
      "No execution ids were given.")                                          \
    X(MISSING_FIELD, "MISSING_FIELD", NULL, 400, 0,                            \
      "A required field is missing.")                                          \
    X(MISSING_FIELD_PARAMETER, "MISSING_FIELD", "MISSING_PARAMETER", 400, 0,   \
      "A required field is missing.")                                          \
    X(MISSING_REGION, "MISSING_REGION", "MISSING_PARAMETER", 400, 0,           \
      "The region is missing.")                                                \
    X(MISSING_SERVER_ID, "MISSING_SERVER_ID", NULL, 400, 0,                    \
      "The server id is missing.")                                             \
    X(MISSING_SUBNET, "MISSING_SUBNET", NULL, 400, 0,                          \
      "A static address needs a subnet.")                                      \
    X(NO_PENDING_WAVES, "NO_PENDING_WAVES", "INVALID_STATE", 400, 0,           \
      "No wave is left to wait for.")                                          \
    X(PASSWORD_CHANGE_REQUIRED, "PASSWORD_CHANGE_REQUIRED", "Forbidden", 403,  \
      0, "The password must be changed first.")                                \
    X(PG_IN_ACTIVE_EXECUTION, "PG_IN_ACTIVE_EXECUTION", NULL, 409, 0,          \
      "The protection group is used by a running execution.")                  \
    X(PG_IN_USE, "PG_IN_USE", NULL, 409, 0,                                    \
      "The protection group is used by recovery plans.")                       \
    X(PG_NAME_EXISTS, "PG_NAME_EXISTS", NULL, 409, 0,                          \
      "A protection group with this name exists.")                             \
    X(PG_NOT_FOUND, "PG_NOT_FOUND", NULL, 400, 0,                              \
      "A protection group of a wave was not found.")                           \
    X(PLAN_ALREADY_EXECUTING, "PLAN_ALREADY_EXECUTING", "ALREADY_EXISTS", 409, \
      0, "The recovery plan is being executed.")                               \
    X(PLAN_HAS_ACTIVE_EXECUTION, "PLAN_HAS_ACTIVE_EXECUTION", NULL, 409, 0,    \
      "The recovery plan has an active execution.")                            \
    X(PLAN_HAS_NO_WAVES, "PLAN_HAS_NO_WAVES", "INVALID_STATE", 400, 0,         \
      "The recovery plan has no waves.")                                       \
    X(PROTECTION_GROUP_NOT_FOUND, "PROTECTION_GROUP_NOT_FOUND", "NOT_FOUND",   \
      404, 0, "The protection group was not found.")                           \
    X(QUOTA_EXCEEDED, "QUOTA_EXCEEDED", NULL, 400, 0,                          \
      "A service quota would be exceeded.")                                    \
    X(RECOVERY_PLAN_NOT_FOUND, "RECOVERY_PLAN_NOT_FOUND", "NOT_FOUND", 404, 0, \
      "The recovery plan was not found.")                                      \
    X(RECOVERY_PLAN_UNKNOWN, "RECOVERY_PLAN_NOT_FOUND", NULL, 404, 0,          \
      "The recovery plan was not found.")                                      \
    X(RECOVERY_POINT_UNAVAILABLE, "RECOVERY_POINT_UNAVAILABLE",                \
      "INVALID_PARAMETER", 400, 0, "No recovery point fits.")                  \
    X(REGION_ACCESS_DENIED, "REGION_ACCESS_DENIED", NULL, 403, 0,              \
      "The role is not authorized in this region.")                            \
    X(REGION_NOT_ENABLED, "REGION_NOT_ENABLED", NULL, 400, 0,                  \
      "The region is not enabled for the account.")                            \
    X(RP_NAME_EXISTS, "RP_NAME_EXISTS", NULL, 409, 0,                          \
      "A recovery plan with this name exists.")                                \
    X(RULE_NOT_FOUND, "RULE_NOT_FOUND", NULL, 400, 0,                          \
      "The schedule rule was not found.")                                      \
    X(SAME_ACCOUNT_NO_ROLE_NEEDED, "SAME_ACCOUNT_NO_ROLE_NEEDED", NULL, 400,   \
      0, "The own account needs no role.")                                     \
    X(SCHEDULE_NOT_FOUND, "SCHEDULE_NOT_FOUND", "NOT_FOUND", 404, 0,           \
      "The schedule was not found.")                                           \
    X(SECURITY_GROUPS_NOT_FOUND, "SECURITY_GROUPS_NOT_FOUND", NULL, 400, 0,    \
      "Security groups were not found.")                                       \
    X(SECURITY_GROUPS_WRONG_VPC, "SECURITY_GROUPS_WRONG_VPC", NULL, 400, 0,    \
      "Security groups lie in another VPC than the subnet.")                   \
    X(SERVERS_CONFIG_APPLY_FAILED, "SERVERS_CONFIG_APPLY_FAILED", NULL, 400,   \
      0, "Server configurations could not be applied.")                        \
    X(SERVERS_IN_JOBS_LIMIT_EXCEEDED, "SERVERS_IN_JOBS_LIMIT_EXCEEDED",        \
      "DRS_ERROR", 429, 1, "The limit of servers in all jobs is reached.")     \
    X(SERVER_CONFLICT, "SERVER_CONFLICT", NULL, 409, 0,                        \
      "Servers belong to another protection group.")                           \
    X(SERVER_CONFLICT_RUN, "SERVER_CONFLICT", "ALREADY_EXISTS", 409, 0,        \
      "Servers are in use by another execution or job.")                       \
    X(SERVER_NOT_FOUND, "SERVER_NOT_FOUND", NULL, 404, 0,                      \
      "The server is not in the protection group.")                            \
    X(SERVER_NOT_FOUND_ENTRY, "SERVER_NOT_FOUND", NULL, 400, 0,                \
      "The server is not in the protection group.")                            \
    X(SINGLE_WAVE_NOT_PAUSABLE, "SINGLE_WAVE_NOT_PAUSABLE", "INVALID_STATE",   \
      400, 0, "An execution of one wave cannot be paused.")                    \
    X(STAGING_ACCOUNT_EXISTS, "STAGING_ACCOUNT_EXISTS", NULL, 409, 0,          \
      "The staging account is attached.")                                      \
    X(STAGING_ACCOUNT_NOT_FOUND, "STAGING_ACCOUNT_NOT_FOUND", "NOT_FOUND",     \
      404, 0, "The staging account was not found.")                            \
    X(STATUS_FAILED, "STATUS_FAILED", NULL, 500, 0,                            \
      "The status could not be read.")                                         \
    X(SUBNET_CHANGE_IP_INVALID, "SUBNET_CHANGE_IP_INVALID", NULL, 400, 0,      \
      "A static address does not fit into the new subnet.")                    \
    X(SUBNET_NOT_FOUND, "SUBNET_NOT_FOUND", NULL, 400, 0,                      \
      "The subnet was not found.")                                             \
    X(SYNC_FAILED, "SYNC_FAILED", NULL, 500, 0, "The synchronisation failed.") \
    X(SYNC_IN_PROGRESS, "SYNC_IN_PROGRESS", NULL, 409, 0,                      \
      "A synchronisation is in progress.")                                     \
    X(TAG_CONFLICT, "TAG_CONFLICT", NULL, 409, 0,                              \
      "Another protection group selects by the same tags.")                    \
    X(TARGET_ACCOUNT_NOT_FOUND, "TARGET_ACCOUNT_NOT_FOUND", "NOT_FOUND", 404,  \
      0, "The target account was not found.")                                  \
    X(TARGET_ACCOUNT_UNKNOWN, "TARGET_ACCOUNT_NOT_FOUND", NULL, 404, 0,        \
      "The target account was not found.")                                     \
    X(TERMINATION_NOT_ALLOWED, "TERMINATION_NOT_ALLOWED", "INVALID_STATE",     \
      400, 0, "The instances cannot be terminated now.")                       \
    X(UNHEALTHY_SERVER_REPLICATION, "UNHEALTHY_SERVER_REPLICATION",            \
      "INVALID_STATE", 400, 0,                                                 \
      "The replication of some servers is unhealthy.")                         \
    X(UNIT_NOT_FOUND, "UNIT_NOT_FOUND", "NOT_FOUND", 404, 0,                   \
      "The launch unit was not found.")                                        \
    X(UNIT_NOT_HELD, "UNIT_NOT_HELD", "INVALID_STATE", 400, 0,                 \
      "The launch unit is not held.")                                          \
    X(UNIT_NOT_IDLE, "UNIT_NOT_IDLE", "ALREADY_EXISTS", 409, 0,                \
      "A job still holds a server of the launch unit.")                        \
    X(UNKNOWN_FIELDS_PRESENT, "UNKNOWN_FIELDS_PRESENT", NULL, 400, 0,          \
      "The launch template has unknown fields.")                               \
    X(UNSUPPORTED_SCHEMA_VERSION, "UNSUPPORTED_SCHEMA_VERSION",                \
      "INVALID_PARAMETER", 400, 0, "The schema version is not supported.")     \
    X(VALIDATION_ERROR, "VALIDATION_ERROR", NULL, 400, 0,                      \
      "A field is invalid.")                                                   \
    X(VALIDATION_FAILED, "VALIDATION_FAILED", NULL, 400, 0,                    \
      "The server configuration is invalid.")                                  \
    X(VERSION_CONFLICT, "VERSION_CONFLICT", NULL, 409, 0,                      \
      "The object was changed by somebody else.")                              \
    X(WAVE_NOT_FOUND, "WAVE_NOT_FOUND", "NOT_FOUND", 404, 0,                   \
      "The wave was not found.")                                               \
    X(WAVE_NOT_RETRYABLE, "WAVE_NOT_RETRYABLE", "INVALID_STATE", 400, 0,       \
      "The wave cannot be retried.")                                           \
    X(WAVE_NOT_SKIPPABLE, "WAVE_NOT_SKIPPABLE", "INVALID_STATE", 400, 0,       \
      "The wave cannot be skipped.")                                           \
    X(WAVE_SIZE_LIMIT_EXCEEDED, "WAVE_SIZE_LIMIT_EXCEEDED",                    \
      "INVALID_PARAMETER", 400, 0, "A wave has too many servers.")             \
    X(WEAK_PASSWORD, "WEAK_PASSWORD", NULL, 400, 0,                            \
      "The new password is too weak.")                                         \
    X(WEBHOOK_NOT_FOUND, "WEBHOOK_NOT_FOUND", "NOT_FOUND", 404, 0,             \
      "The webhook was not found.")


#endif /* DRS_ERROR_TABLE_H_INCLUDED */
