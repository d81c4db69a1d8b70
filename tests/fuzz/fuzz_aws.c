
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

/*
 * What AWS sends.  The first line is "<service> <operation> <status>
 * [x-amzn-ErrorType [Retry-After [Date]]]", the rest the body.  Other first
 * words: "ini" the shared files, "creds" a document with credentials, "url" an
 * endpoint, "xml" a tree.
 *
 * An answer that is understood is an object that can be stored, and every view
 * of its items can be made.  An error has a class, a code, and texts that can
 * be sent on.  A request that can be built is a request line without raw
 * spaces or controls.
 */

#include "fuzz.h"

#include "aws_creds.h"
#include "aws_endpoint.h"
#include "aws_error.h"
#include "aws_ini.h"
#include "aws_int.h"
#include "aws_ops.h"
#include "aws_query.h"
#include "aws_xml.h"
#include "drs_tagsync.h"
#include "drs_utf8.h"
#include "drs_view_capacity.h"
#include "drs_view_doc.h"
#include "drs_view_drs.h"
#include "drs_view_ec2.h"
#include "drs_view_instances.h"
#include "drs_view_servers.h"


/* The word before the next space. */
static void
word(char *dst, size_t size, drs_str_t *line)
{
    drs_str_t s = drs_null_string;

    (void) drs_str_split(line, ' ', &s);
    (void) snprintf(dst, size, "%.*s", (int) (s.len < size ? s.len : size - 1),
                    s.data != NULL ? s.data : "");
}


static char *
text_of(drs_str_t s)
{
    char *p;

    p = fuzz_mem(s.len + 1);
    memcpy(p, s.data != NULL ? s.data : "", s.len);
    p[s.len] = '\0';

    return p;
}


static void
shown(json_t *v)
{
    MUST(v != NULL);
    json_decref(v);
}


/* -- answers ---------------------------------------------------------------- */

static void
item_of_drs(const char *op, const json_t *item)
{
    json_t        *row;
    drs_str_t      none = drs_null_string, region = drs_string("us-east-1");
    drs_instance_t in;

    if (!json_is_object(item)) {
        return;
    }

    if (strcmp(op, "DescribeSourceServers") == 0) {
        shown(drs_view_server(item, region, NULL, none));
        shown(drs_view_drs_replication(item));
        (void) drs_capacity_counts(item, drs_str("111122223333"));
        (void) drs_capacity_staging(item, drs_str("111122223333"));
        (void) drs_view_servers_usable(item);
        (void) drs_tagsync_skip(item);

    } else if (strcmp(op, "DescribeJobs") == 0) {
        shown(drs_view_drs_job(item, drs_str("111122223333"), region, NULL));
        (void) drs_view_drs_job_matches(item, drs_str("LAUNCH"),
                                        drs_str("STARTED"));

    } else if (strcmp(op, "DescribeRecoveryInstances") == 0) {
        memset(&in, 0, sizeof(in));
        in.item = item;
        in.server = item;
        in.ec2 = item;
        in.region = region;
        row = drs_view_instance_row(&in);
        MUST(row != NULL);
        (void) drs_view_instance_alive(row);
        shown(drs_view_instance_existing(row));
        shown(drs_view_instance_failover(row));
        json_decref(row);
    }
}


static void
servers(const json_t *items)
{
    size_t             i;
    json_t            *item, *map, *groups, *tags;
    drs_str_t          id;
    drs_view_servers_t o;

    map = json_object();
    groups = json_array();
    tags = json_pack("{s:s}", "a", "b");

    json_array_foreach ((json_t *) items, i, item) {
        id = drs_json_str(json_object_get(item, "sourceServerID"));
        if (id.len != 0) {
            json_object_setn(map, id.data, id.len, item);
        }
    }

    memset(&o, 0, sizeof(o));
    o.items = map;
    o.groups = groups;
    o.account = drs_str("111122223333");
    o.own_account = o.account;
    o.region = drs_str("us-east-1");

    shown(drs_view_servers(&o));
    shown(drs_view_servers_resolved(&o, tags));
    json_decref(map);
    json_decref(groups);
    json_decref(tags);
}


static void
picks(const char *op, const json_t *items)
{
    json_t    *body;
    drs_pick_t pick;

    pick = strcmp(op, "DescribeSubnets") == 0          ? DRS_PICK_SUBNETS
           : strcmp(op, "DescribeSecurityGroups") == 0 ? DRS_PICK_GROUPS
           : strcmp(op, "ListInstanceProfiles") == 0   ? DRS_PICK_PROFILES
           : strcmp(op, "DescribeInstanceTypes") == 0  ? DRS_PICK_TYPES
                                                       : DRS_PICK_NONE;

    if (pick == DRS_PICK_NONE) {
        return;
    }

    body = drs_view_pick(pick, items);
    MUST(body != NULL);
    shown(drs_view_pick_vpc(body, drs_str("vpc-12345678")));
    json_decref(body);
}


static void
answer(const drsw_aws_service_t *service, const drsw_aws_op_t *op,
       const drsw_http_response_t *resp)
{
    char        request_id[80] = "";
    size_t      i;
    json_t     *v, *item, *again;
    drs_buf_t   b;
    json_t     *items;
    const char *list;

    v = drsw_aws_answer(service, op, resp, request_id, sizeof(request_id));
    MUST(memchr(request_id, '\0', sizeof(request_id)) != NULL);

    if (v == NULL) {
        return;
    }

    MUST(json_is_object(v));

    drs_buf_init(&b, 0);
    MUST(drs_json_dump_canonical(&b, v) == DRS_OK);
    again = json_loadb(b.data, b.len, 0, NULL);
    MUST(again != NULL && drs_json_equal(v, again));
    json_decref(again);
    drs_buf_free(&b);

    list = op->pager.items != NULL ? op->pager.items : "items";
    items = json_object_get(v, list);

    if (json_is_array(items)) {
        json_array_foreach (items, i, item) {
            item_of_drs(op->name, item);
        }
        if (strcmp(op->name, "DescribeSourceServers") == 0) {
            servers(items);
        }
        picks(op->name, items);
    }

    json_decref(v);
}


static void
refusal(const drsw_aws_service_t *service, const drsw_http_response_t *resp)
{
    drsw_aws_result_t res;

    drsw_result_init(&res);
    res.http_status = resp->status;
    drsw_error_parse(service->proto, resp, &res);

    MUST(res.class != DRSW_AWS_OK && res.code[0] != '\0');
    MUST(drs_utf8_valid(drs_str(res.code)));
    MUST(drs_utf8_valid(drs_str(res.message)));
    MUST(drs_utf8_valid(drs_str(res.resource_id)));
    MUST(drs_utf8_valid(drs_str(res.request_id)));
    MUST(res.retry_after_ms >= -1);
}


/* -- requests --------------------------------------------------------------- */

static void
request(const drsw_aws_service_t *service, const drsw_aws_op_t *op,
        drs_str_t body)
{
    char             err[256] = "";
    size_t           i;
    json_t          *input;
    drsw_aws_wire_t  w;
    const drs_buf_t *texts[3];

    input = drs_json_parse(body, NULL, NULL);

    if (input == NULL) {
        return;
    }

    if (drsw_aws_wire(service, op, input, &w, err, sizeof(err)) == DRS_OK) {
        texts[0] = &w.path;
        texts[1] = &w.query;
        texts[2] = service->proto == DRSW_PROTO_QUERY
                           || service->proto == DRSW_PROTO_EC2
                       ? &w.body
                       : &w.query;

        for (i = 0; i < 3 * (w.path.len + w.query.len + texts[2]->len); i++) {
            const drs_buf_t *t = texts[i % 3];

            if (i / 3 < t->len) {
                MUST((unsigned char) t->data[i / 3] > ' ');
                MUST((unsigned char) t->data[i / 3] < 127);
            }
        }

    } else {
        MUST(err[0] != '\0');
    }

    drsw_aws_wire_free(&w);
    json_decref(input);
}


/* -- files, endpoints -------------------------------------------------------- */

static void
shared_file(drs_str_t body)
{
    char       *text;
    drsw_ini_t *ini, *i;

    text = text_of(body);
    ini = drsw_ini_parse(text);

    for (i = ini; i != NULL; i = i->next) {
        MUST(i->section != NULL && i->key != NULL && i->value != NULL);
        MUST(drsw_ini_has(ini, i->section));
        MUST(drsw_ini_get(ini, i->section, i->key) != NULL);
        MUST(strchr(i->value, '\n') == NULL);
    }

    drsw_ini_free(ini);
    free(text);
}


static void
credentials(drs_str_t body)
{
    json_t      *doc;
    drsw_creds_t c, copy;

    doc = drs_json_parse(body, NULL, NULL);
    memset(&c, 0, sizeof(c));

    if (drsw_creds_from_json(doc, "SessionToken", "fuzz", 1700000000, &c) == 0)
    {
        MUST(c.access_key[0] != '\0' && c.secret_key[0] != '\0');
        MUST(drsw_creds_copy(&copy, &c) == 0);
        drsw_creds_free(&copy);
        drsw_creds_free(&c);
    }

    json_decref(doc);
}


static void
endpoint(drs_str_t body)
{
    char       *url;
    drs_buf_t   host;
    const char *path;

    url = text_of(body);
    drs_buf_init(&host, 0);

    if (drsw_endpoint_split(url, &host, &path) == DRS_OK) {
        MUST(host.len > 0 && path >= url && path <= url + strlen(url));
        MUST(memchr(host.data, '/', host.len) == NULL);
        MUST(memchr(host.data, '@', host.len) == NULL);
    }

    (void) drsw_partition_of(url);
    (void) drsw_http_date_s(url);
    drs_buf_free(&host);
    free(url);
}


static void
tree(drs_str_t body)
{
    char       *exact;
    drsw_xml_t *root;

    exact = fuzz_mem(body.len);
    memcpy(exact, body.data != NULL ? body.data : "", body.len);
    root = drsw_xml_parse(exact, body.len);

    if (root != NULL) {
        MUST(root->parent == NULL && root->next == NULL && root->name != NULL);
        drsw_xml_free(root);
    }

    free(exact);
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char                      name[64], op_name[96], status[8];
    drs_str_t                 line, body;
    const drsw_aws_op_t      *op;
    drsw_http_response_t      resp;
    const drsw_aws_service_t *service;

    body = drs_strn((const char *) data, size);
    line = fuzz_line(&body);
    word(name, sizeof(name), &line);

    if (strcmp(name, "ini") == 0) {
        shared_file(body);
    } else if (strcmp(name, "creds") == 0) {
        credentials(body);
    } else if (strcmp(name, "url") == 0) {
        endpoint(body);
    } else if (strcmp(name, "xml") == 0) {
        tree(body);
    }

    word(op_name, sizeof(op_name), &line);
    word(status, sizeof(status), &line);
    service = drsw_aws_service(name);
    op = service != NULL ? drsw_aws_op(service, op_name) : NULL;

    if (op == NULL) {
        return 0;
    }

    memset(&resp, 0, sizeof(resp));
    drs_buf_init(&resp.body, 0);
    MUST(drs_buf_append(&resp.body, body.data, body.len) == DRS_OK);
    resp.sent = DRSW_AWS_ANSWERED;
    resp.status = atoi(status);
    word(resp.error_type, sizeof(resp.error_type), &line);
    word(resp.retry_after, sizeof(resp.retry_after), &line);
    word(resp.date, sizeof(resp.date), &line);

    if (resp.status >= 200 && resp.status < 300) {
        answer(service, op, &resp);
        request(service, op, body);
    } else {
        refusal(service, &resp);
    }

    drs_buf_free(&resp.body);

    return 0;
}
