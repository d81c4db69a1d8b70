
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Helpers of the sources that ask a local endpoint.
 */

#include <string.h>

#include "aws_creds_local.h"


int
drsw_local_get(drsw_creds_fetch_t *f, const char *method, const char *url,
               const drsw_aws_header_t *header, int64_t timeout_ms,
               drsw_http_response_t *resp)
{
    int64_t             left;
    drsw_http_request_t req;

    left = f->deadline_ms - drsw_aws_mono_ms();
    if (left < 1) {
        left = 1;
    }

    memset(&req, 0, sizeof(req));
    req.method = method;
    req.url = url;
    req.headers = header;
    req.nheaders = header != NULL && header->value != NULL ? 1 : 0;
    req.timeout_ms = timeout_ms < left ? timeout_ms : left;
    req.connect_timeout_ms = req.timeout_ms;
    req.no_proxy = true;
    req.ca_bundle = f->aws->sh->ca_bundle;
    req.user_agent = f->aws->sh->user_agent;

    return drsw_http_perform(f->aws->http, &req, resp);
}


int
drsw_local_document(drsw_creds_fetch_t *f, const drsw_http_response_t *resp,
                    const char *source, drsw_creds_t *out)
{
    int         rc;
    json_t     *doc;
    const char *code;

    doc = resp->body.len > 0
              ? json_loadb(resp->body.data, resp->body.len, 0, NULL)
              : NULL;

    /* 200 with an error document */
    code = json_string_value(json_object_get(doc, "Code"));

    if (code != NULL && strcmp(code, "Success") != 0) {
        rc = -1;

    } else {
        rc = drsw_creds_from_json(doc, "Token", source,
                                  drsw_aws_now_ms(f->aws->sh) / 1000, out);
    }

    json_decref(doc);

    return rc;
}
