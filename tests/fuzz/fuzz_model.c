/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

/*
 * Request models: an accepted group or plan is a document that its own update
 * accepts unchanged, and that is a fixed point of binding.
 */

#include <stdlib.h>
#include <string.h>

#include "drs_model_account.h"
#include "drs_model_exec_req.h"
#include "drs_model_group.h"
#include "drs_model_plan.h"
#include "drs_view_doc.h"


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


static const char id[] = "11111111-1111-4111-8111-111111111111";


static void
group(const json_t *body, const drs_model_env_t *env)
{
    json_t           *doc, *again, *v, *none;
    unsigned          changes;
    drs_model_error_t e;

    drs_model_error_init(&e);

    if (drs_model_group_create(&e, body, env, drs_str(id), &doc) == DRS_OK) {
        if (!drs_view_group_complete(doc)) {
            abort();
        }

        none = json_object();
        if (drs_model_group_update(&e, none, doc, env, &again, &changes)
                != DRS_OK
            || changes != 0)
        {
            abort();
        }

        json_decref(none);
        v = drs_view_group(again);
        json_decref(v);
        json_decref(again);

        if (drs_model_group_update(&e, body, doc, env, &again, &changes)
            == DRS_OK) {
            json_decref(again);
        }

        json_decref(doc);

    } else if (e.err == DRS_ERR_NONE || e.message[0] == '\0') {
        abort();
    }

    drs_model_error_free(&e);
}


static void
plan(const json_t *body, const drs_model_env_t *env)
{
    int               waves;
    json_t           *doc, *again, *ids, *groups, *none, *v;
    drs_model_error_t e;

    drs_model_error_init(&e);

    if (drs_model_plan_create(&e, body, env, drs_str(id), &doc) == DRS_OK) {
        none = json_object();
        if (drs_model_plan_update(&e, none, doc, env, &again, &waves) != DRS_OK
            || waves)
        {
            abort();
        }

        json_decref(none);
        json_decref(again);

        ids = drs_model_plan_groups(doc);
        groups = json_object();
        (void) drs_model_plan_bind(&e, doc, groups, env);
        v = drs_view_plan(doc, groups, NULL);
        json_decref(v);
        json_decref(groups);
        json_decref(ids);
        json_decref(doc);

    } else if (e.err == DRS_ERR_NONE) {
        abort();
    }

    drs_model_error_free(&e);
}


static void
others(const json_t *body, const drs_model_env_t *env)
{
    json_t             *out;
    drs_str_t           none = drs_null_string;
    drs_model_error_t   e;
    drs_model_resolve_t r;

    drs_model_error_init(&e);

    if (drs_model_exec_start(&e, body, env, none, &out) == DRS_OK) {
        json_decref(out);
    }
    drs_model_error_free(&e);

    if (drs_model_exec_resume(&e, body, &out) == DRS_OK) {
        json_decref(out);
    }
    drs_model_error_free(&e);

    if (drs_model_exec_cancel(&e, body, &out) == DRS_OK) {
        json_decref(out);
    }
    drs_model_error_free(&e);

    if (drs_model_account_create(&e, body, env, &out) == DRS_OK) {
        json_decref(out);
    }
    drs_model_error_free(&e);

    if (drs_model_group_resolve(&e, body, env, &r) == DRS_OK) {
        json_decref(r.tags);
    }
    drs_model_error_free(&e);
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    json_t         *body;
    drs_model_env_t env;

    body = drs_json_parse(drs_strn((const char *) data, size), NULL, NULL);

    if (!json_is_object(body)) {
        json_decref(body);
        return 0;
    }

    memset(&env, 0, sizeof(env));
    env.own_account = drs_str("111122223333");
    env.now_s = 1700000000;

    group(body, &env);
    plan(body, &env);
    others(body, &env);
    json_decref(body);

    return 0;
}
