/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include "model_help.h"

#include "drs_doc_write.h"
#include "drs_model_account.h"


#define ROLE(id) "arn:aws:iam::" id ":role/DRSOrchestrationRole"


static json_t *
account(void)
{
    return J(
        "{'accountId':'222233334444','accountName':'prod','status':"
        "'active','isCurrentAccount':false,'roleArn':'" ROLE("222233334444") "','crossAccountRoleArn':'" ROLE(
            "222233334444") "','assumeRoleName':'DRSOrchestrationRole',"
                            "'externalId':'ext','stagingAccounts':[],'lastValidated':"
                            "'2023-01-01T00:00:00Z','version':3}");
}


/* The changed document, or NULL and *err. */
static json_t *
update(const char *body, drs_err_t *err)
{
    json_t           *b, *old, *doc;
    drs_model_env_t   env;
    drs_model_error_t e;

    env = test_env();
    drs_model_error_init(&e);
    b = J(body);
    old = account();

    if (drs_model_account_update(&e, b, old, &env, &doc) != DRS_OK) {
        assert_null(doc);
        *err = e.err;
    } else {
        *err = DRS_ERR_NONE;
    }

    drs_model_error_free(&e);
    json_decref(b);
    json_decref(old);

    return doc;
}


static void
update_changes_what_is_named(void **state)
{
    json_t   *v;
    drs_err_t err;

    (void) state;

    v = update("{'accountName':' new ','status':'inactive'}", &err);
    assert_non_null(v);
    assert_at(v, "/accountName", "'new'");
    assert_at(v, "/status", "'inactive'");
    assert_at(v, "/version", "4");
    assert_at(v, "/updatedAt", "'2023-11-14T22:13:20Z'");
    assert_at(v, "/lastValidated", "'2023-01-01T00:00:00Z'");
    json_decref(v);

    v = update("{'accountName':'','roleArn':'','stagingAccountId':'x'}", &err);
    assert_non_null(v);
    assert_null(json_object_get(v, "accountName"));
    assert_null(json_object_get(v, "roleArn"));
    assert_null(json_object_get(v, "crossAccountRoleArn"));
    assert_null(json_object_get(v, "assumeRoleName"));
    assert_at(v, "/lastValidated", "null");
    json_decref(v);

    v = update("{'crossAccountRoleArn':'arn:aws:iam::222233334444:role/a/b',"
               "'externalId':'other'}",
               &err);
    assert_non_null(v);
    assert_at(v, "/roleArn", "'arn:aws:iam::222233334444:role/a/b'");
    assert_at(v, "/assumeRoleName", "'b'");
    assert_at(v, "/externalId", "'other'");
    json_decref(v);
}


static void
update_refuses(void **state)
{
    size_t    i;
    drs_err_t err;

    static const struct {
        const char *body;
        drs_err_t   err;
    } rows[] = {
        { "{}", DRS_ERR_MISSING_BODY },
        { "{'status':'ACTIVE'}", DRS_ERR_INVALID_PARAMETER },
        { "{'status':1}", DRS_ERR_INVALID_PARAMETER },
        { "{'roleArn':'arn:aws:iam::999999999999:role/x'}",
          DRS_ERR_INVALID_ROLE_ARN },
        { "{'roleArn':7}", DRS_ERR_INVALID_ROLE_ARN },
        { "{'externalId':'a b'}", DRS_ERR_VALIDATION_ERROR },
        { "{'accountName':4}", DRS_ERR_VALIDATION_ERROR },
        { "{'accountName':'x','version':0}", DRS_ERR_INVALID_PARAMETER },
        { "{'accountName':'x','version':2}", DRS_ERR_VERSION_CONFLICT }
    };

    (void) state;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_null(update(rows[i].body, &err));
        assert_int_equal(err, rows[i].err);
    }
}


static drs_err_t
add(const char *body, json_t *old, json_t **doc)
{
    json_t           *b;
    drs_err_t         err;
    drs_model_env_t   env;
    drs_model_error_t e;

    env = test_env();
    drs_model_error_init(&e);
    b = J(body);
    (void) drs_model_staging_add(&e, b, old, &env, doc);
    err = e.err;
    drs_model_error_free(&e);
    json_decref(b);

    return err;
}


static void
staging_is_added_and_removed(void **state)
{
    json_t           *old, *one, *two;
    drs_model_env_t   env;
    drs_model_error_t e;

    (void) state;
    env = test_env();
    old = account();
    assert_int_equal(add("{'stagingAccount':{'accountId':'333344445555',"
                         "'externalId':'ext-1','shared':true}}",
                         old, &one),
                     DRS_ERR_NONE);
    assert_at(
        one, "/stagingAccounts/0",
        "{'accountId':'333344445555',"
        "'accountName':'333344445555','roleArn':'" ROLE(
            "333344445555") "','externalId':'ext-1','addedAt':"
                            "'2023-11-14T22:13:20Z','addedBy':'ann@example.com','source':"
                            "'manual','shared':true}");
    assert_at(one, "/version", "4");
    assert_int_equal(json_array_size(json_object_get(old, "stagingAccounts")),
                     0);

    assert_int_equal(add("{'stagingAccount':{'accountId':'333344445555',"
                         "'externalId':'ext-1'}}",
                         one, &two),
                     DRS_ERR_STAGING_ACCOUNT_EXISTS);
    assert_null(two);

    drs_model_error_init(&e);
    assert_int_equal(
        drs_model_staging_remove(&e, drs_str("333344445555"), one, &env, &two),
        DRS_OK);
    assert_at(two, "/stagingAccounts", "[]");
    assert_at(two, "/version", "5");
    json_decref(two);

    assert_int_equal(
        drs_model_staging_remove(&e, drs_str("x"), one, &env, &two),
        DRS_DECLINED);
    assert_err(&e, DRS_ERR_STAGING_ACCOUNT_NOT_FOUND);
    json_decref(one);
    json_decref(old);
}


static void
staging_refuses(void **state)
{
    size_t  i;
    json_t *old, *doc;

    static const struct {
        const char *body;
        drs_err_t   err;
    } rows[] = {
        { "{}", DRS_ERR_MISSING_FIELD },
        { "{'stagingAccount':[]}", DRS_ERR_VALIDATION_ERROR },
        { "{'stagingAccount':{}}", DRS_ERR_MISSING_FIELD },
        { "{'stagingAccount':{'accountId':'12','externalId':'ab'}}",
          DRS_ERR_INVALID_FORMAT },
        { "{'stagingAccount':{'accountId':'333344445555'}}",
          DRS_ERR_MISSING_FIELD },
        { "{'stagingAccount':{'accountId':'333344445555','externalId':"
          "'a b'}}",
          DRS_ERR_VALIDATION_ERROR },
        { "{'stagingAccount':{'accountId':'333344445555','externalId':'ab',"
          "'roleArn':'" ROLE("222233334444") "'}}",
          DRS_ERR_INVALID_ROLE_ARN },
        { "{'stagingAccount':{'accountId':'222233334444','externalId':"
          "'ab'}}",
          DRS_ERR_VALIDATION_ERROR },
        { "{'stagingAccount':{'accountId':'333344445555','externalId':'ab',"
          "'shared':1}}",
          DRS_ERR_INVALID_PARAMETER }
    };

    (void) state;
    old = account();

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_int_equal(add(rows[i].body, old, &doc), rows[i].err);
        assert_null(doc);
    }

    json_decref(old);
}


static void
sync_keeps_what_people_added(void **state)
{
    json_t         *old, *found, *owners, *doc, *added, *removed;
    drs_model_env_t env;

    (void) state;
    env = test_env();
    old = J("{'accountId':'222233334444','version':1,'stagingAccounts':["
            "{'accountId':'333344445555','source':'manual','roleArn':'r'},"
            "{'accountId':'333344445556','source':'discovered'},"
            "{'accountId':'333344445557','source':'discovered',"
            "'externalId':'kept'}]}");
    found = J("{'333344445557':{},'333344445558':{},'333344445559':{},"
              "'222233334444':{}}");
    owners = J("{'333344445559':'999999999999'}");

    assert_int_equal(drs_model_staging_sync(found, owners, 1, old, &env, &doc,
                                            &added, &removed),
                     DRS_OK);
    assert_json(added, "['333344445558','333344445559']");
    assert_json(removed, "['333344445556']");
    assert_at(doc, "/stagingAccounts/0/accountId", "'333344445555'");
    assert_at(doc, "/stagingAccounts/1/externalId", "'kept'");
    assert_at(doc, "/stagingAccounts/2/accountName", "'Staging Account 5558'");
    assert_at(doc, "/stagingAccounts/2/source", "'discovered'");
    assert_null(drs_json_pointer(doc, "/stagingAccounts/2/shared"));
    assert_at(doc, "/stagingAccounts/3/shared", "true");
    json_decref(doc);
    json_decref(added);
    json_decref(removed);

    /* not every Region was read: nothing goes */
    json_decref(found);
    found = J("{}");
    assert_int_equal(drs_model_staging_sync(found, owners, 0, old, &env, &doc,
                                            &added, &removed),
                     DRS_DECLINED);
    assert_null(doc);
    assert_json(removed, "[]");
    json_decref(added);
    json_decref(removed);
    json_decref(found);
    json_decref(owners);
    json_decref(old);
}


static void
validate_request(void **state)
{
    size_t            i;
    json_t           *b, *r;
    drs_model_env_t   env;
    drs_model_error_t e;

    static const struct {
        const char *body;
        drs_err_t   err;
    } rows[] = { { "{}", DRS_ERR_MISSING_PARAMETER },
                 { "{'accountId':'1','externalId':'ab','region':'us-east-1'}",
                   DRS_ERR_INVALID_PARAMETER },
                 { "{'accountId':'333344445555','region':'us-east-1'}",
                   DRS_ERR_MISSING_PARAMETER },
                 { "{'accountId':'333344445555','externalId':'ab','region':"
                   "'zz-east-1'}",
                   DRS_ERR_INVALID_PARAMETER },
                 { "{'accountId':'333344445555','externalId':'ab','region':"
                   "'us-east-1','roleArn':'x'}",
                   DRS_ERR_INVALID_ROLE_ARN },
                 { "{'accountId':'333344445555','externalId':'ab','region':"
                   "'us-east-1','targetAccountId':5}",
                   DRS_ERR_INVALID_PARAMETER } };

    (void) state;
    env = test_env();

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        drs_model_error_init(&e);
        b = J(rows[i].body);
        assert_int_equal(drs_model_staging_validate(&e, b, &env, &r),
                         DRS_DECLINED);
        assert_null(r);
        json_decref(b);
        assert_err(&e, rows[i].err);
    }

    drs_model_error_init(&e);
    b = J("{'accountId':'333344445555','externalId':'ab','region':"
          "'us-east-1','targetAccountId':'222233334444'}");
    assert_int_equal(drs_model_staging_validate(&e, b, &env, &r), DRS_OK);
    assert_at(r, "/roleArn", "'" ROLE("333344445555") "'");
    assert_at(r, "/targetAccountId", "'222233334444'");
    json_decref(b);
    json_decref(r);
    drs_model_error_free(&e);
}


static int
is(const drs_cmd_t *c, int i, const char *text)
{
    return c->argvlen[i] == strlen(text)
           && memcmp(c->argv[i], text, c->argvlen[i]) == 0;
}


static int
has(const drs_cmd_t *c, const char *op, const char *key, const char *field)
{
    int i;

    for (i = 0; i + 2 < (int) c->argc; i++) {
        if (is(c, i, op) && is(c, i + 1, key) && is(c, i + 2, field)) {
            return 1;
        }
    }

    return 0;
}


static void
one_target_owns_a_staging_account(void **state)
{
    json_t         *old, *doc;
    drs_cmd_t      *c;
    drs_doc_write_t w;

    (void) state;
    old = J("{'accountId':'222233334444','version':1,'stagingAccounts':["
            "{'accountId':'333344445555'}]}");
    doc = J("{'accountId':'222233334444','version':2,'stagingAccounts':["
            "{'accountId':'333344445556'},"
            "{'accountId':'333344445557','shared':true}]}");

    memset(&w, 0, sizeof(w));
    w.prefix = drs_str("{drs}");
    w.old = old;
    w.doc = doc;
    c = drs_doc_write_account(&w);
    assert_non_null(c);
    assert_true(has(c, "ununiq", "staging:owner", "333344445555"));
    assert_true(has(c, "uniq", "staging:owner", "333344445556"));
    assert_false(has(c, "uniq", "staging:owner", "333344445557"));
    drs_cmd_free(c);

    w.doc = NULL;
    c = drs_doc_write_account(&w);
    assert_true(has(c, "empty", "acct:groups:222233334444", ""));
    assert_true(has(c, "empty", "acct:runs:222233334444", ""));
    assert_true(has(c, "ununiq", "staging:owner", "333344445555"));
    drs_cmd_free(c);

    /* by force: groups may name it, runs may not */
    w.force = 1;
    c = drs_doc_write_account(&w);
    assert_false(has(c, "empty", "acct:groups:222233334444", ""));
    assert_true(has(c, "empty", "acct:runs:222233334444", ""));
    drs_cmd_free(c);
    json_decref(old);
    json_decref(doc);
}


int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(update_changes_what_is_named),
        cmocka_unit_test(update_refuses),
        cmocka_unit_test(staging_is_added_and_removed),
        cmocka_unit_test(staging_refuses),
        cmocka_unit_test(sync_keeps_what_people_added),
        cmocka_unit_test(validate_request),
        cmocka_unit_test(one_target_owns_a_staging_account)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
