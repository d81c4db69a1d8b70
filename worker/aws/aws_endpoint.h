
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Partitions, Region names and service endpoints (aws-wire facts: botocore's
 * partitions.json and endpoint rules).  Pure.
 */

#ifndef DRSW_AWS_ENDPOINT_H
#define DRSW_AWS_ENDPOINT_H

#include <stdbool.h>

#include "drs_buf.h"


typedef struct {
    const char *name;       /* "aws-cn" */
    const char *dns_suffix; /* "amazonaws.com.cn" */
    const char *dual_suffix;
    const char *global_region; /* of IAM */
} drsw_partition_t;


/* NULL when the name cannot be a Region of a known partition. */
const drsw_partition_t *drsw_partition_of(const char *region);


typedef struct {
    const char *prefix; /* host name part, "drs" */
    const char *env_id; /* "DRS", "SERVICE_QUOTAS" */
    bool        global; /* IAM: one endpoint per partition */
    const char *region; /* Region asked for */
    bool        fips;
    bool        dual_stack;
    const char *explicit_url; /* configuration, highest */
    const char *file_url;     /* of the profile, lowest; or NULL */
    const char *(*env)(void *data, const char *name);
    void *env_data;
} drsw_endpoint_request_t;


/*
 * Appends the base URL without a trailing slash.  *signing_region is the
 * Region of the credential scope: a string of req or of a constant table.
 * Order: explicit, AWS_ENDPOINT_URL_<ID>, AWS_ENDPOINT_URL, file, rules;
 * AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=true leaves the first and the last.
 * DRS_DECLINED: no such Region, or not an http(s) URL; err says so.
 */
int drsw_endpoint(const drsw_endpoint_request_t *req, drs_buf_t *url,
                  const char **signing_region, char *err, size_t errlen);

/*
 * Splits "https://host[:port]/base": host without user part, with the port
 * unless it is the scheme's own; path "" or "/base".  DRS_DECLINED if it is
 * not an http(s) URL or carries credentials, a query or a fragment.
 */
int drsw_endpoint_split(const char *url, drs_buf_t *host, const char **path);

#endif /* DRSW_AWS_ENDPOINT_H */
