
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

/*
 * Request models.  The first byte names the model (the letters of the table at
 * the end), the rest is the body.
 *
 * What is accepted is within the limits, is a fixed point of its own update,
 * survives being stored and read, and can be shown.  What is refused is
 * refused with a field and a code.
 */

#include "fuzz.h"

#include "drs_model_account.h"
#include "drs_model_exec_req.h"
#include "drs_model_group.h"
#include "drs_model_launch_check.h"
#include "drs_model_launch_job.h"
#include "drs_model_plan.h"
#include "drs_model_schedule.h"
#include "drs_tagsync.h"
#include "drs_utf8.h"
#include "drs_view_doc.h"


#define SERVER "s-00000000000000001"


typedef struct {
    drs_model_error_t e;
    drs_model_env_t   env;
} fuzz_t;


static const char id[] = "11111111-1111-4111-8111-111111111111";


/* A text as the models accept it. */
static void
text(const json_t *v, size_t max)
{
    long n;

    if (json_is_string(v)) {
        n = drs_utf8_length(drs_json_str(v));
        MUST(n >= 0 && (size_t) n <= max);
    }
}


static void
tags(const json_t *map)
{
    json_t     *v;
    const char *key;

    MUST(json_object_size(map) <= DRS_TAGS_MAX);

    json_object_foreach ((json_t *) map, key, v) {
        text(v, 256);
        MUST(key[0] != '\0' && drs_utf8_length(drs_str(key)) <= 128);
        MUST(strncmp(key, "aws:", 4) != 0);
    }
}


/* Stored and read again it is the same document. */
static void
stored(const json_t *doc)
{
    json_t   *again;
    drs_buf_t b;

    drs_buf_init(&b, 0);
    MUST(drs_json_dump_canonical(&b, doc) == DRS_OK);
    again = drs_json_parse(drs_buf_str(&b), &drs_json_store_limits, NULL);
    MUST(again != NULL && drs_json_equal(doc, again));
    json_decref(again);
    drs_buf_free(&b);
}


/* Outcome of a model: a document or a reason. */
static int
judged(fuzz_t *f, int rc, const json_t *doc)
{
    if (rc == DRS_OK) {
        MUST(f->e.err == DRS_ERR_NONE);
        return 1;
    }

    MUST(rc == DRS_DECLINED && doc == NULL);
    fuzz_refusal(&f->e);

    return 0;
}


static void
shown(json_t *view)
{
    MUST(view != NULL);
    json_decref(view);
}


/* -- groups ----------------------------------------------------------------- */

static void
group_members(fuzz_t *f, json_t *doc)
{
    json_t *ids, *effective, *lookups, *errors, *facts;

    ids = json_pack("[s,s]", SERVER, "s-00000000000000002");

    if (drs_model_group_members(&f->e, doc, ids, &f->env) == DRS_OK) {
        stored(doc);
    } else {
        fuzz_refusal(&f->e);
    }

    drs_model_error_free(&f->e);
    drs_model_error_init(&f->e);
    json_decref(ids);

    effective = drs_model_launch_effective(doc, drs_str(SERVER));
    lookups = drs_launch_lookups();
    errors = json_array();
    facts = json_object();
    MUST(effective != NULL && drs_launch_lookup(lookups, effective) == DRS_OK);

    drs_launch_check(&(drs_launch_check_t) { .group = doc,
                                             .facts = lookups,
                                             .server = drs_str(SERVER) },
                     errors, NULL);
    drs_launch_check(&(drs_launch_check_t) { .group = doc,
                                             .old = doc,
                                             .facts = facts,
                                             .server = drs_str(SERVER) },
                     errors, NULL);
    shown(drs_launch_moved(doc, doc));
    shown(drs_view_launch_server(doc, drs_str(SERVER)));
    shown(drs_view_launch_group(doc, NULL));

    json_decref(effective);
    json_decref(lookups);
    json_decref(errors);
    json_decref(facts);
}


static void
group_is_sound(const json_t *doc)
{
    json_t *ids;

    text(json_object_get(doc, "groupName"), DRS_NAME_MAX);
    text(json_object_get(doc, "description"), DRS_DESCRIPTION_MAX);
    ids = json_object_get(doc, "sourceServerIds");
    MUST(json_array_size(ids) <= DRS_GROUP_SERVERS_MAX);
    tags(json_object_get(doc, "serverSelectionTags"));
    MUST(drs_view_group_complete(doc));
    stored(doc);
}


static void
group(fuzz_t *f, const json_t *body)
{
    json_t  *doc, *again, *none;
    unsigned changes;

    if (!judged(f,
                drs_model_group_create(&f->e, body, &f->env, drs_str(id), &doc),
                doc))
    {
        return;
    }

    group_is_sound(doc);

    none = json_object();
    MUST(drs_model_group_update(&f->e, none, doc, &f->env, &again, &changes)
         == DRS_OK);
    MUST(changes == 0);
    json_decref(none);
    shown(drs_view_group(again));
    json_decref(again);

    if (drs_model_group_update(&f->e, body, doc, &f->env, &again, &changes)
        == DRS_OK)
    {
        MUST(!(changes & DRS_GROUP_CHANGED_NAME));
        json_decref(again);
    }

    drs_model_error_free(&f->e);
    drs_model_error_init(&f->e);
    group_members(f, doc);
    json_decref(doc);
}


static json_t *
group_old(fuzz_t *f)
{
    json_t *body, *doc;

    body = json_pack("{s:s, s:s, s:[s,s], s:{s:s, s:[s]}}", "groupName", "g",
                     "region", "us-east-1", "sourceServerIds", SERVER,
                     "s-00000000000000002", "launchConfig", "subnetId",
                     "subnet-12345678", "securityGroupIds", "sg-12345678");
    MUST(drs_model_group_create(&f->e, body, &f->env, drs_str(id), &doc)
         == DRS_OK);
    json_decref(body);

    return doc;
}


static void
group_update(fuzz_t *f, const json_t *body)
{
    json_t  *old, *doc;
    unsigned changes;

    old = group_old(f);

    if (judged(
            f,
            drs_model_group_update(&f->e, body, old, &f->env, &doc, &changes),
            doc))
    {
        MUST(drs_model_doc_version(doc) == drs_model_doc_version(old) + 1);
        group_is_sound(doc);
        group_members(f, doc);
        json_decref(doc);
    }

    json_decref(old);
}


static void
launch(fuzz_t *f, const json_t *body)
{
    json_t *old, *entry, *effective, *changed;

    old = group_old(f);
    entry = NULL;

    if (judged(f, drs_launch_override(&f->e, body, drs_str(SERVER), &entry),
               entry)) {
        drs_launch_set_entry(old, drs_str(SERVER), entry);
        effective = drs_model_launch_effective(old, drs_str(SERVER));
        changed = json_object();
        shown(drs_launch_changed(changed, effective));
        shown(drs_launch_changes(changed, effective));
        json_decref(changed);
        json_decref(effective);
        stored(old);
        group_members(f, old);
    }

    json_decref(entry);
    json_decref(old);
}


static void
launch_bulk(fuzz_t *f, const json_t *body)
{
    json_t *old, *entries;

    old = group_old(f);
    entries = NULL;

    if (judged(f, drs_launch_overrides(&f->e, body, old, &entries), entries)) {
        stored(entries);
    }

    json_decref(entries);
    json_decref(old);
}


static void
resolve(fuzz_t *f, const json_t *body)
{
    char                hash[65];
    drs_model_resolve_t r;

    if (drs_model_group_resolve(&f->e, body, &f->env, &r) == DRS_OK) {
        tags(r.tags);
        MUST(drs_model_tags_hash(hash, r.tags) == DRS_OK);
        MUST(json_object_size(r.tags) == 0
             || drs_model_tags_match(r.tags, r.tags));
        json_decref(r.tags);
    } else {
        fuzz_refusal(&f->e);
    }
}


/* -- plans ------------------------------------------------------------------ */

static void
plan_is_sound(fuzz_t *f, json_t *doc)
{
    size_t  i;
    json_t *groups, *ids, *v;

    text(json_object_get(doc, "name"), DRS_NAME_MAX);
    text(json_object_get(doc, "description"), DRS_DESCRIPTION_MAX);
    MUST(json_array_size(json_object_get(doc, "waves")) <= DRS_WAVES_MAX);
    stored(doc);

    ids = drs_model_plan_groups(doc);
    groups = json_object();

    json_array_foreach (ids, i, v) {
        if (i % 2 == 0) {
            json_object_set_new(
                groups, json_string_value(v),
                json_pack("{s:s, s:s, s:[s,s], s:{}}", "groupId",
                          json_string_value(v), "region", "us-east-1",
                          "sourceServerIds", SERVER, "s-00000000000000002",
                          "serverSelectionTags"));
        }
    }

    shown(drs_view_plan(doc, groups, NULL));

    if (drs_model_plan_bind(&f->e, doc, groups, &f->env) == DRS_OK) {
        stored(doc);
        shown(drs_view_plan(doc, groups, NULL));
    } else {
        fuzz_refusal(&f->e);
    }

    drs_model_error_free(&f->e);
    drs_model_error_init(&f->e);
    json_decref(groups);
    json_decref(ids);
}


static void
plan(fuzz_t *f, const json_t *body)
{
    int     waves;
    json_t *doc, *again, *none;

    if (!judged(f,
                drs_model_plan_create(&f->e, body, &f->env, drs_str(id), &doc),
                doc))
    {
        return;
    }

    none = json_object();
    MUST(drs_model_plan_update(&f->e, none, doc, &f->env, &again, &waves)
         == DRS_OK);
    MUST(!waves);
    json_decref(none);
    json_decref(again);

    if (drs_model_plan_update(&f->e, body, doc, &f->env, &again, &waves)
        == DRS_OK) {
        json_decref(again);
    }

    drs_model_error_free(&f->e);
    drs_model_error_init(&f->e);
    plan_is_sound(f, doc);
    json_decref(doc);
}


static void
plan_update(fuzz_t *f, const json_t *body)
{
    int     waves;
    json_t *first, *old, *doc;

    first = json_pack("{s:s, s:[{s:s, s:s}]}", "name", "p", "waves", "waveName",
                      "w", "protectionGroupId", id);
    MUST(drs_model_plan_create(&f->e, first, &f->env, drs_str(id), &old)
         == DRS_OK);
    json_decref(first);

    if (judged(f,
               drs_model_plan_update(&f->e, body, old, &f->env, &doc, &waves),
               doc))
    {
        MUST(drs_model_doc_version(doc) == drs_model_doc_version(old) + 1);
        plan_is_sound(f, doc);
        json_decref(doc);
    }

    json_decref(old);
}


/* -- executions ------------------------------------------------------------- */

static void
exec_start(fuzz_t *f, const json_t *body)
{
    json_t   *out;
    drs_str_t none = drs_null_string;

    if (judged(f, drs_model_exec_start(&f->e, body, &f->env, none, &out), out))
    {
        text(json_object_get(out, "overrideReason"), DRS_DESCRIPTION_MAX);
        MUST(json_object_get(out, "planId") != NULL);
        stored(out);
        json_decref(out);
    }
}


static void
exec_plan(fuzz_t *f, const json_t *body)
{
    json_t *out;

    if (judged(f, drs_model_exec_start(&f->e, body, &f->env, drs_str(id), &out),
               out))
    {
        MUST(drs_str_eqz(drs_json_str(json_object_get(out, "planId")), id));
        stored(out);
        json_decref(out);
    }
}


/* Models that take only a body. */
#define FUZZ_EXEC(name, call)                                                  \
    static void name(fuzz_t *f, const json_t *body)                            \
    {                                                                          \
        json_t *out;                                                           \
                                                                               \
        out = NULL;                                                            \
                                                                               \
        if (judged(f, call, out)) {                                            \
            stored(out);                                                       \
            json_decref(out);                                                  \
        }                                                                      \
    }

FUZZ_EXEC(exec_resume, drs_model_exec_resume(&f->e, body, &out))
FUZZ_EXEC(exec_cancel, drs_model_exec_cancel(&f->e, body, &out))
FUZZ_EXEC(exec_pause, drs_model_exec_pause(&f->e, body, &out))
FUZZ_EXEC(exec_terminate, drs_model_exec_terminate(&f->e, body, &out))
FUZZ_EXEC(wave_retry, drs_model_wave_retry(&f->e, body, &out))
FUZZ_EXEC(wave_skip, drs_model_wave_skip(&f->e, body, &out))
FUZZ_EXEC(unit_resolve, drs_model_unit_resolve(&f->e, body, &out))
FUZZ_EXEC(drs_start, drs_model_drs_start(&f->e, body, &f->env, &out))
FUZZ_EXEC(staging_check, drs_model_staging_validate(&f->e, body, &f->env, &out))


static void
exec_delete(fuzz_t *f, const json_t *body)
{
    int               form;
    json_t           *out;
    drs_exec_delete_t in;

    memset(&in, 0, sizeof(in));
    in.body = body;
    in.ids = drs_json_str(json_object_get(body, "ids"));
    in.force = drs_json_str(json_object_get(body, "force"));
    in.account_id = drs_json_str(json_object_get(body, "accountId"));

    for (form = DRS_EXEC_DELETE_ANY; form <= DRS_EXEC_DELETE_ENDED; form++) {
        in.form = (drs_exec_delete_form_t) form;
        out = NULL;

        if (judged(f, drs_model_exec_delete(&f->e, &in, &out), out)) {
            stored(out);
            json_decref(out);
        }

        drs_model_error_free(&f->e);
        drs_model_error_init(&f->e);
    }
}


/* -- accounts, tags --------------------------------------------------------- */

static json_t *
account_old(fuzz_t *f)
{
    json_t *body, *doc;

    body = json_pack("{s:s, s:s}", "accountId", "444455556666", "accountName",
                     "a");
    MUST(drs_model_account_create(&f->e, body, &f->env, &doc) == DRS_OK);
    json_decref(body);

    return doc;
}


static void
account_is_sound(const json_t *doc)
{
    text(json_object_get(doc, "accountName"), DRS_NAME_MAX);
    stored(doc);
    shown(drs_view_account(doc, 1));
    shown(drs_view_account(doc, 0));
}


static void
account(fuzz_t *f, const json_t *body)
{
    json_t *doc, *again, *none;

    if (!judged(f, drs_model_account_create(&f->e, body, &f->env, &doc), doc)) {
        return;
    }

    account_is_sound(doc);
    none = json_pack("{s:i}", "version", 1);
    MUST(drs_model_account_update(&f->e, none, doc, &f->env, &again) == DRS_OK);
    MUST(json_equal(json_object_get(again, "accountName"),
                    json_object_get(doc, "accountName")));
    json_decref(none);
    json_decref(again);
    json_decref(doc);
}


static void
account_update(fuzz_t *f, const json_t *body)
{
    json_t *old, *doc;

    old = account_old(f);

    if (judged(f, drs_model_account_update(&f->e, body, old, &f->env, &doc),
               doc)) {
        account_is_sound(doc);
        json_decref(doc);
    }

    json_decref(old);
}


static void
staging(fuzz_t *f, const json_t *body)
{
    json_t   *old, *doc, *without, *list;
    drs_str_t account_id;

    old = account_old(f);

    if (judged(f, drs_model_staging_add(&f->e, body, old, &f->env, &doc), doc))
    {
        account_is_sound(doc);
        list = json_object_get(doc, "stagingAccounts");
        account_id =
            drs_json_str(json_object_get(json_array_get(list, 0), "accountId"));
        MUST(json_array_size(list) == 1);
        MUST(drs_model_staging_find(doc, account_id) != NULL);
        MUST(drs_model_staging_remove(&f->e, account_id, doc, &f->env, &without)
             == DRS_OK);
        MUST(drs_model_staging_find(without, account_id) == NULL);
        json_decref(without);
        json_decref(doc);
    }

    json_decref(old);
}


static void
tagsync(fuzz_t *f, const json_t *body)
{
    int     sync;
    json_t *doc, *again;

    doc = NULL;

    if (judged(f, drs_tagsync_settings(&f->e, body, NULL, &f->env, &doc), doc))
    {
        stored(doc);
        shown(drs_tagsync_settings_view(doc));
        MUST(drs_tagsync_settings(&f->e, body, doc, &f->env, &again) == DRS_OK);
        json_decref(again);
        json_decref(doc);
    }

    drs_model_error_free(&f->e);
    drs_model_error_init(&f->e);
    doc = NULL;

    if (judged(f, drs_tagsync_request(&f->e, body, &f->env, &doc, &sync), doc))
    {
        stored(doc);
        json_decref(doc);
    }
}


static void
schedule(fuzz_t *f, const json_t *body)
{
    json_t *editor, *doc, *again, *none;

    editor = json_pack("{s:s, s:[s]}", "userId", "u", "roles", "DRSOperator");
    doc = NULL;

    if (judged(f,
               drs_model_schedule_create(&f->e, body, &f->env, editor,
                                         drs_str(id), drs_str(id), &doc),
               doc))
    {
        text(json_object_get(doc, "name"), DRS_NAME_MAX);
        stored(doc);
        shown(drs_schedule_request(doc));

        none = json_object();
        MUST(
            drs_model_schedule_update(&f->e, none, doc, &f->env, editor, &again)
            == DRS_OK);
        stored(again);
        json_decref(none);
        json_decref(again);

        if (drs_model_schedule_update(&f->e, body, doc, &f->env, editor, &again)
            == DRS_OK)
        {
            stored(again);
            json_decref(again);
        } else {
            fuzz_refusal(&f->e);
        }

        json_decref(doc);
    }

    json_decref(editor);
}


static void
precheck(fuzz_t *f, const json_t *body)
{
    json_t *out;

    out = NULL;

    if (judged(f, drs_model_precheck(&f->e, body, drs_str(id), &out), out)) {
        stored(out);
        json_decref(out);
    }
}


/* {tags: [{Key, Value}], have: {}, managed: []}: answers of AWS. */
static void
tagsync_diff(fuzz_t *f, const json_t *body)
{
    drs_tagsync_diff_t d;

    (void) f;

    if (drs_tagsync_diff(json_object_get(body, "tags"),
                         json_object_get(body, "have"),
                         json_object_get(body, "managed"), &d)
        == DRS_OK)
    {
        MUST(json_object_size(d.put) <= DRS_TAGS_MAX);
        drs_tagsync_diff_free(&d);
    }

    (void) drs_tagsync_skip(body);
    shown(drs_view_server(body, drs_str("us-east-1"), NULL, drs_str("")));
}


static const struct {
    char letter;
    void (*run)(fuzz_t *f, const json_t *body);
} models[] = {
    { 'g', group },          { 'G', group_update },   { 'l', launch },
    { 'L', launch_bulk },    { 'r', resolve },        { 'p', plan },
    { 'P', plan_update },    { 's', exec_start },     { 'S', exec_plan },
    { 'u', exec_resume },    { 'c', exec_cancel },    { 'h', exec_pause },
    { 't', exec_terminate }, { 'd', exec_delete },    { 'D', drs_start },
    { 'a', account },        { 'A', account_update }, { 'b', staging },
    { 'B', staging_check },  { 'y', tagsync },        { 'Y', tagsync_diff },
    { 'x', wave_retry },     { 'X', wave_skip },      { 'z', unit_resolve },
    { 'w', schedule },       { 'k', precheck }
};


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t  i;
    fuzz_t  f;
    json_t *body;

    if (size < 2) {
        return 0;
    }

    body =
        drs_json_parse(drs_strn((const char *) data + 1, size - 1), NULL, NULL);

    if (!json_is_object(body)) {
        json_decref(body);
        return 0;
    }

    memset(&f, 0, sizeof(f));
    f.env.own_account = drs_str("111122223333");
    f.env.user = drs_str("fuzz@example.com");
    f.env.now_s = 1700000000;

    for (i = 0; i < sizeof(models) / sizeof(models[0]); i++) {
        if (models[i].letter == (char) data[0]) {
            drs_model_error_init(&f.e);
            models[i].run(&f, body);
            drs_model_error_free(&f.e);
        }
    }

    json_decref(body);

    return 0;
}
