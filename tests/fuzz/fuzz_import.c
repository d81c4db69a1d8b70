
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

/*
 * Import and the check of a manifest: every item gets exactly one verdict;
 * what a document of groups and plans becomes can be exported, and the export
 * is a document that is accepted again, item by item.
 */

#include "fuzz.h"

#include "drs_config_io.h"
#include "drs_model_group.h"
#include "drs_model_manifest.h"
#include "drs_model_plan.h"


static const char id[] = "11111111-1111-4111-8111-111111111111";


/* Names with x exist. */
static drs_str_t
find(void *data, drs_config_kind_t kind, drs_str_t folded)
{
    drs_str_t none = drs_null_string;

    (void) data;
    (void) kind;

    return folded.len > 0 && folded.data[0] == 'x' ? drs_str(id) : none;
}


/* {"names": {}, "ids": {}} with the same rule. */
static json_t *
known(const json_t *refs)
{
    size_t      i;
    json_t     *out, *v;
    const char *name;

    out = json_pack("{s:{}, s:{s:b}}", "names", "ids", id, 1);

    json_array_foreach (json_object_get(refs, "names"), i, v) {
        name = json_string_value(v);
        MUST(name != NULL);
        if (name[0] == 'x') {
            json_object_set_new(json_object_get(out, "names"), name,
                                json_true());
        }
    }

    return out;
}


static void
items(drs_config_result_t *r, const json_t *list, drs_config_kind_t kind,
      const drs_model_env_t *env, json_t *docs)
{
    int               rc;
    char              uuid[DRS_UUID_SIZE];
    size_t            i;
    json_t           *item, *body, *doc;
    drs_str_t         name;
    unsigned char     rnd[16];
    drs_model_error_t e;

    json_array_foreach ((json_t *) list, i, item) {
        memset(rnd, (int) (kind + 1), sizeof(rnd));
        memcpy(rnd, &i, sizeof(i));
        drs_id_uuid4(uuid, rnd);

        rc = kind == DRS_CONFIG_GROUP
                 ? drs_config_group(r, item, find, NULL, &body)
                 : drs_config_plan(r, item, find, NULL, &body);

        if (rc != DRS_OK) {
            MUST(rc == DRS_DECLINED);
            continue;
        }

        drs_model_error_init(&e);
        name = drs_json_str(drs_model_alias(
            item, kind == DRS_CONFIG_GROUP ? "groupName" : "planName", "name"));

        rc = kind == DRS_CONFIG_GROUP
                 ? drs_model_group_create(&e, body, env, drs_str(uuid), &doc)
                 : drs_model_plan_create(&e, body, env, drs_str(uuid), &doc);

        if (rc == DRS_OK) {
            json_array_append_new(docs, doc);
            drs_config_result_add(r, kind, name, DRS_CONFIG_CREATED, NULL, NULL,
                                  drs_str(uuid));
        } else {
            fuzz_refusal(&e);
            drs_config_result_error(r, kind, name, &e);
        }

        drs_model_error_free(&e);
        json_decref(body);
    }
}


/* Runs a document through; groups and plans are the caller's. */
static int
run(const json_t *body, const drs_model_env_t *env, json_t *groups,
    json_t *plans, size_t *created)
{
    int                 rc;
    size_t              n;
    json_t             *none, *result;
    drs_model_error_t   e;
    drs_config_import_t in;
    drs_config_result_t r;

    drs_model_error_init(&e);
    rc = drs_config_parse(&e, body, 0, &in, &none);

    if (rc == DRS_OK) {
        MUST(drs_config_result_init(&r, in.dry_run) == DRS_OK);
        items(&r, in.groups, DRS_CONFIG_GROUP, env, groups);
        items(&r, in.plans, DRS_CONFIG_PLAN, env, plans);

        *created = json_array_size(r.created);
        n = *created + json_array_size(r.skipped) + json_array_size(r.failed);
        MUST(n == json_array_size(in.groups) + json_array_size(in.plans));
        MUST(*created == json_array_size(groups) + json_array_size(plans));

        result = drs_config_result_body(&r, drs_str("c"));
        MUST(result != NULL);
        json_decref(result);
        drs_config_result_free(&r);

    } else {
        fuzz_refusal(&e);
    }

    json_decref(none);
    drs_model_error_free(&e);

    return rc;
}


static void
import(const json_t *body, const drs_model_env_t *env)
{
    size_t              n, again;
    json_t             *groups, *plans, *groups2, *plans2, *out;
    drs_config_export_t x;

    groups = json_array();
    plans = json_array();

    if (run(body, env, groups, plans, &n) == DRS_OK) {
        memset(&x, 0, sizeof(x));
        x.groups = groups;
        x.plans = plans;
        x.exported_by = drs_str("f");
        x.region = drs_str("us-east-1");
        x.account = drs_str("111122223333");
        x.now_s = env->now_s;
        out = drs_config_export(&x);
        MUST(out != NULL);

        groups2 = json_array();
        plans2 = json_array();
        MUST(run(out, env, groups2, plans2, &again) == DRS_OK);
        MUST(json_array_size(groups2) == json_array_size(groups));
        json_decref(groups2);
        json_decref(plans2);
        json_decref(out);
    }

    json_decref(groups);
    json_decref(plans);
}


static void
manifest(const json_t *body, const drs_model_env_t *env)
{
    json_t           *refs, *have, *report;
    drs_str_t         correlation;
    const json_t     *doc;
    drs_model_error_t e;

    drs_model_error_init(&e);

    if (drs_manifest_parse(&e, body, &doc, &correlation) == DRS_OK) {
        refs = drs_manifest_refs(doc);
        MUST(refs != NULL);
        have = known(refs);
        report = drs_manifest_check(doc, have, env, correlation);
        MUST(report != NULL
             && json_is_boolean(json_object_get(report, "valid")));
        json_decref(refs);
        json_decref(have);
        json_decref(report);
    } else {
        fuzz_refusal(&e);
    }

    drs_model_error_free(&e);
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    json_t         *body;
    drs_model_env_t env;

    body = drs_json_parse(drs_strn((const char *) data, size), NULL, NULL);

    if (body == NULL) {
        return 0;
    }

    memset(&env, 0, sizeof(env));
    env.own_account = drs_str("111122223333");
    env.now_s = 1700000000;

    import(body, &env);
    manifest(body, &env);
    json_decref(body);

    return 0;
}
