
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "aws.h"
#include "aws_endpoint.h"


/* Prefixes ordered so that the first that fits is right. */

typedef struct {
    const char      *prefix;
    drsw_partition_t partition;
} drsw_partition_rule_t;


static const drsw_partition_rule_t drsw_partitions[] = {
    { "us-gov-",
      { "aws-us-gov", "amazonaws.com", "api.aws", "us-gov-west-1" } },
    { "us-iso-",
      { "aws-iso", "c2s.ic.gov", "api.aws.ic.gov", "us-iso-east-1" } },
    { "us-isob-",
      { "aws-iso-b", "sc2s.sgov.gov", "api.aws.scloud", "us-isob-east-1" } },
    { "us-isof-",
      { "aws-iso-f", "csp.hci.ic.gov", "api.aws.hci.ic.gov",
        "us-isof-south-1" } },
    { "eu-isoe-",
      { "aws-iso-e", "cloud.adc-e.uk", "api.cloud-aws.adc-e.uk",
        "eu-isoe-west-1" } },
    { "eusc-de-",
      { "aws-eusc", "amazonaws.eu", "api.amazonwebservices.eu",
        "eusc-de-east-1" } },
    { "cn-",
      { "aws-cn", "amazonaws.com.cn", "api.amazonwebservices.com.cn",
        "cn-north-1" } },
    { "us-", { "aws", "amazonaws.com", "api.aws", "us-east-1" } },
    { "eu-", { "aws", "amazonaws.com", "api.aws", "us-east-1" } },
    { "ap-", { "aws", "amazonaws.com", "api.aws", "us-east-1" } },
    { "sa-", { "aws", "amazonaws.com", "api.aws", "us-east-1" } },
    { "ca-", { "aws", "amazonaws.com", "api.aws", "us-east-1" } },
    { "me-", { "aws", "amazonaws.com", "api.aws", "us-east-1" } },
    { "af-", { "aws", "amazonaws.com", "api.aws", "us-east-1" } },
    { "il-", { "aws", "amazonaws.com", "api.aws", "us-east-1" } },
    { "mx-", { "aws", "amazonaws.com", "api.aws", "us-east-1" } },
};


/* "east-1": letters, a hyphen, digits, nothing else. */

static bool
drsw_region_tail(const char *s)
{
    size_t n;

    n = strspn(s, "abcdefghijklmnopqrstuvwxyz");
    if (n == 0 || s[n] != '-') {
        return false;
    }

    s += n + 1;
    n = strspn(s, "0123456789");

    return n > 0 && n <= 3 && s[n] == '\0';
}


const drsw_partition_t *
drsw_partition_of(const char *region)
{
    size_t                       i, len;
    const drsw_partition_rule_t *rule;

    if (region == NULL || strlen(region) > 32) {
        return NULL;
    }

    for (i = 0; i < sizeof(drsw_partitions) / sizeof(drsw_partitions[0]); i++) {
        rule = &drsw_partitions[i];
        len = strlen(rule->prefix);

        if (strncmp(region, rule->prefix, len) == 0
            && drsw_region_tail(region + len)) {
            return &rule->partition;
        }
    }

    return NULL;
}


const char *
drsw_aws_partition(const char *region)
{
    const drsw_partition_t *p;

    p = drsw_partition_of(region);

    return p != NULL ? p->name : NULL;
}


int
drsw_endpoint_split(const char *url, drs_buf_t *host, const char **path)
{
    size_t      len, port;
    const char *h, *end;

    if (strncasecmp(url, "https://", 8) == 0) {
        h = url + 8;
        port = 4;

    } else if (strncasecmp(url, "http://", 7) == 0) {
        h = url + 7;
        port = 3;

    } else {
        return DRS_DECLINED;
    }

    end = strchrnul(h, '/');
    len = (size_t) (end - h);

    if (len == 0 || strpbrk(url, "?#@ \t\r\n") != NULL) {
        return DRS_DECLINED;
    }

    if (port == 4 && len > 4 && strncmp(end - 4, ":443", 4) == 0) {
        len -= 4;

    } else if (port == 3 && len > 3 && strncmp(end - 3, ":80", 3) == 0) {
        len -= 3;
    }

    *path = end;

    return drs_buf_append(host, h, len);
}


static const char *
drsw_endpoint_env(const drsw_endpoint_request_t *req, const char *name)
{
    const char *value;

    value = req->env != NULL ? req->env(req->env_data, name) : NULL;

    return value != NULL && *value != '\0' ? value : NULL;
}


static const char *
drsw_endpoint_configured(const drsw_endpoint_request_t *req)
{
    char        name[80];
    const char *url;

    if (req->explicit_url != NULL && *req->explicit_url != '\0') {
        return req->explicit_url;
    }

    url = drsw_endpoint_env(req, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS");
    if (url != NULL && strcasecmp(url, "true") == 0) {
        return NULL;
    }

    (void) snprintf(name, sizeof(name), "AWS_ENDPOINT_URL_%s", req->env_id);

    url = drsw_endpoint_env(req, name);

    if (url == NULL) {
        url = drsw_endpoint_env(req, "AWS_ENDPOINT_URL");
    }

    return url != NULL ? url : req->file_url;
}


/* IAM's hosts follow no pattern. */

static int
drsw_endpoint_global(const drsw_endpoint_request_t *req,
                     const drsw_partition_t *p, drs_buf_t *url)
{
    if (strcmp(p->name, "aws") == 0) {
        if (req->dual_stack) {
            return drs_buf_printf(url, "https://%s.global.api.aws",
                                  req->prefix);
        }

        return drs_buf_printf(url, "https://%s%s.amazonaws.com", req->prefix,
                              req->fips ? "-fips" : "");
    }

    if (strcmp(p->name, "aws-us-gov") == 0) {
        return drs_buf_printf(url, "https://%s.us-gov.amazonaws.com",
                              req->prefix);
    }

    return drs_buf_printf(url, "https://%s.%s.%s", req->prefix,
                          p->global_region, p->dns_suffix);
}


int
drsw_endpoint(const drsw_endpoint_request_t *req, drs_buf_t *url,
              const char **signing_region, char *err, size_t errlen)
{
    bool                    fips;
    size_t                  len;
    drs_buf_t               host;
    const char             *configured, *path;
    const drsw_partition_t *p;

    p = drsw_partition_of(req->region);
    if (p == NULL) {
        (void) snprintf(err, errlen, "region: \"%.40s\" is not an AWS Region",
                        req->region != NULL ? req->region : "");
        return DRS_DECLINED;
    }

    *signing_region = req->global ? p->global_region : req->region;

    configured = drsw_endpoint_configured(req);

    if (configured != NULL) {
        drs_buf_init(&host, 0);

        if (drsw_endpoint_split(configured, &host, &path) != DRS_OK) {
            drs_buf_free(&host);
            (void) snprintf(err, errlen,
                            "endpoint URL for %s is not "
                            "http://host or https://host",
                            req->prefix);
            return DRS_DECLINED;
        }

        drs_buf_free(&host);

        len = strlen(configured);
        while (len > 0 && configured[len - 1] == '/') {
            len--;
        }

        return drs_buf_append(url, configured, len);
    }

    if (req->global) {
        return drsw_endpoint_global(req, p, url);
    }

    /* the plain hosts of GovCloud are the FIPS ones, but for DRS */
    fips = req->fips
           && !(strcmp(p->name, "aws-us-gov") == 0
                && strcmp(req->prefix, "drs") != 0);

    return drs_buf_printf(url, "https://%s%s.%s.%s", req->prefix,
                          fips ? "-fips" : "", req->region,
                          req->dual_stack ? p->dual_suffix : p->dns_suffix);
}
