/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

/*
 * Import: every item gets exactly one verdict, and what a document of groups
 * and plans becomes can be exported.
 */

#include <stdlib.h>
#include <string.h>

#include "drs_config_io.h"
#include "drs_model_group.h"
#include "drs_model_plan.h"


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


static const char id[] = "11111111-1111-4111-8111-111111111111";


static drs_str_t
find(void *data, drs_config_kind_t kind, drs_str_t folded)
{
    drs_str_t none = drs_null_string;

    (void) data;
    (void) kind;

    return folded.len > 0 && folded.data[0] == 'x' ? drs_str(id) : none;
}


static void
items(drs_config_result_t *r, const json_t *list, drs_config_kind_t kind,
      const drs_model_env_t *env, json_t *docs)
{
    int               rc;
    size_t            i;
    json_t           *item, *body, *doc;
    drs_str_t         name;
    drs_model_error_t e;

    json_array_foreach ((json_t *) list, i, item) {
        rc = kind == DRS_CONFIG_GROUP
                 ? drs_config_group(r, item, find, NULL, &body)
                 : drs_config_plan(r, item, find, NULL, &body);

        if (rc != DRS_OK) {
            continue;
        }

        drs_model_error_init(&e);
        name = drs_json_str(drs_model_alias(
            item, kind == DRS_CONFIG_GROUP ? "groupName" : "planName", "name"));

        rc = kind == DRS_CONFIG_GROUP
                 ? drs_model_group_create(&e, body, env, drs_str(id), &doc)
                 : drs_model_plan_create(&e, body, env, drs_str(id), &doc);

        if (rc == DRS_OK) {
            json_array_append_new(docs, doc);
            drs_config_result_add(r, kind, name, DRS_CONFIG_CREATED, NULL, NULL,
                                  drs_str(id));
        } else {
            drs_config_result_error(r, kind, name, &e);
        }

        drs_model_error_free(&e);
        json_decref(body);
    }
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t              n;
    json_t             *body, *none, *groups, *plans, *result, *out;
    drs_model_env_t     env;
    drs_model_error_t   e;
    drs_config_export_t x;
    drs_config_import_t in;
    drs_config_result_t r;

    body = drs_json_parse(drs_strn((const char *) data, size), NULL, NULL);
    if (body == NULL) {
        return 0;
    }

    memset(&env, 0, sizeof(env));
    env.own_account = drs_str("111122223333");
    drs_model_error_init(&e);

    if (drs_config_parse(&e, body, 0, &in, &none) == DRS_OK
        && drs_config_result_init(&r, in.dry_run) == DRS_OK)
    {
        groups = json_array();
        plans = json_array();
        items(&r, in.groups, DRS_CONFIG_GROUP, &env, groups);
        items(&r, in.plans, DRS_CONFIG_PLAN, &env, plans);

        n = json_array_size(r.created) + json_array_size(r.skipped)
            + json_array_size(r.failed);
        if (n != json_array_size(in.groups) + json_array_size(in.plans)) {
            abort();
        }

        result = drs_config_result_body(&r, drs_str("c"));
        if (result == NULL) {
            abort();
        }
        json_decref(result);

        memset(&x, 0, sizeof(x));
        x.groups = groups;
        x.plans = plans;
        x.exported_by = drs_str("f");
        x.region = drs_str("");
        x.account = drs_str("");
        out = drs_config_export(&x);
        if (out == NULL) {
            abort();
        }
        json_decref(out);

        json_decref(groups);
        json_decref(plans);
        drs_config_result_free(&r);
    }

    drs_model_error_free(&e);
    json_decref(none);
    json_decref(body);

    return 0;
}
