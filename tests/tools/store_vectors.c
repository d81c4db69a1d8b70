
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Prints one command of every builder of drs_store*.h: a line with the number
 * of arguments, then each argument as "<length>\n<bytes>\n".  A test sends them
 * to a real Redis, so that builders and library cannot disagree.
 */

#include <stdio.h>

#include <jansson.h>

#include "drs_store_audit.h"
#include "drs_store_cap.h"
#include "drs_store_exec.h"
#include "drs_store_launch.h"
#include "drs_store_schedule.h"
#include "drs_store_inv.h"
#include "drs_store_notify.h"
#include "drs_store_work.h"


#define S(lit) drs_str(lit)


static int failed;


static void
print(drs_cmd_t *c)
{
    int i;

    if (!drs_cmd_ok(c)) {
        failed = 1;
        drs_cmd_free(c);
        return;
    }

    printf("%d\n", c->argc);

    for (i = 0; i < c->argc; i++) {
        printf("%zu\n", c->argvlen[i]);
        fwrite(c->argv[i], 1, c->argvlen[i], stdout);
        printf("\n");
    }

    drs_cmd_free(c);
}


/* The lease of notify is fence 1 of w1. */
static void
notify(drs_str_t p)
{
    drs_lease_t        lease = { S("w1"), 1 };
    drs_outbox_route_t r[] = { { S("sns.exec"), S("d1"), S("{}") } };

    print(drs_store_outbox_put(p, S("k1"), S("-"), S("launch_failed"), S("{}"),
                               S("")));
    print(drs_store_outbox_send(p, S("hook.h1"), S("d2"), S("test"), S("test"),
                                S("{}"), S("{}")));
    print(drs_store_task_claim(p, S("w1"), 5, 60000, S("notify")));
    print(drs_store_outbox_take(p, 5));
    print(drs_store_outbox_route(p, &lease, S("1-1"), r, 1));
    print(drs_store_outbox_next(p, S("hook.h1"), 5));
    print(drs_store_outbox_done(p, S("hook.h1"), &lease, S("d2"), DRS_OUTBOX_OK,
                                0, S(""), S("")));
    print(drs_store_outbox_stat(p));
}


/* A pause with a link; the lease of exec:e2 is fence 1 of w1. */
static void
links(drs_str_t p)
{
    drs_cmd_t             *c;
    drs_lease_t            lease = { S("w1"), 1 };
    drs_doc_put_t          d = { 0 };
    drs_exec_create_t      e = { 0 };
    drs_exec_create_wave_t waves[] = { { S("PENDING"), S("{}") },
                                       { S("PENDING"), S("{}") } };

    d.kind = DRS_DOC_HOOK;
    d.mode = DRS_DOC_CREATE;
    d.id = S("h1");
    d.new_name = S("hook");
    d.doc = S("{}");
    print(drs_store_doc_put(p, &d));

    d.kind = DRS_DOC_PLAN;
    d.id = S("p9");
    d.new_name = S("plan nine");
    print(drs_store_doc_put(p, &d));
    print(drs_store_plan_mark(p, S("p9"), 1, S("{\"a\":1}")));

    e.id = S("e2");
    e.command_id = S("c20");
    e.plan_id = S("p9");
    e.plan_name = S("Plan");
    e.type = S("RECOVERY");
    e.doc = e.out = S("{}");
    e.accounts = S("1");
    e.waves = waves;
    e.nwaves = 2;
    print(drs_store_exec_create(p, &e));
    print(drs_store_task_claim(p, S("w1"), 5, 60000, S("exec:e2")));

    c = drs_commit_begin(p, S("e2"), &lease, 1, DRS_SM_CLAIM, DRS_EXEC_RUNNING);
    (void) drs_commit_notify(c, S("k2"), S("start"), S("{}"), S("{}"));
    print(c);
    print(drs_store_exec_command(p, S("e2"), "pause", S(""), S("{}"), S(""),
                                 S(""), S("")));
    print(drs_store_link_put(p, S("ab12"), S("e2"), 1, "resume"));
    print(drs_store_link_look(p, S("ab12"), "resume", S("::1")));
    print(drs_store_exec_command_link(p, S("e2"), "resume", S(""), S("{}"),
                                      S(""), S(""), S(""), S("ab12")));
}


static void
schedule(drs_str_t p)
{
    drs_doc_put_t      d = { 0 };
    drs_schedule_ran_t r = { 0 };

    d.kind = DRS_DOC_SCHED;
    d.mode = DRS_DOC_CREATE;
    d.id = S("s1");
    d.doc = S("{}");
    print(drs_store_doc_put(p, &d));
    print(drs_store_task_due(p, S("schedule:s1"), 0));
    print(drs_store_task_claim(p, S("w"), 1, 60000, S("schedule")));

    r.id = S("s1");
    r.fence = 1;
    r.owner = S("w");
    r.version = 1;
    r.next = 5;
    print(drs_store_schedule_ran(p, &r));

    r.next = 0;
    r.last = S("{}");
    r.asked = 4;
    r.audit = r.event = r.notice = S("{}");
    print(drs_store_schedule_ran(p, &r));
    print(drs_store_schedule_now(p, S("s1"), S("ann"), S("{}")));
}


static void
launch(drs_str_t p)
{
    drs_launch_row_t rows[] = { { S("id"), S("j1") },
                                { S("job"), S("{}") },
                                { S("s-1"), S("") } };
    drs_launch_put_t l = { 0 };

    l.group = S("g1");
    l.version = 2;
    l.reset = 1;
    l.doc = l.audit = l.event = S("{}");
    l.rows = rows;
    l.nrows = 3;
    print(drs_store_launch_put(p, &l));

    print(drs_store_task_claim(p, S("w1"), 5, 60000, S("launch")));
    l.owner = S("w1");
    l.fence = 1;
    l.version = -1;
    l.reset = 0;
    l.job = S("j1");
    l.doc = l.audit = l.event = S("");
    l.due = -1;
    l.nrows = 0;
    print(drs_store_launch_put(p, &l));
}


static void
documents(drs_str_t p)
{
    drs_doc_op_t ops[] = {
        { DRS_DOC_UNIQ, S("pg:server:1:r"), S("s-1"), S("SERVER_CONFLICT") },
        { DRS_DOC_UNUNIQ, S("pg:server:1:r"), S("s-2"), S("") },
        { DRS_DOC_SADD, S("acct:groups:1"), S("g1"), S("") },
        { DRS_DOC_SREM, S("acct:groups:2"), S("g1"), S("") },
        { DRS_DOC_FREE, S("claim:plan:px"), S(""), S("PLAN_BUSY") },
        { DRS_DOC_EMPTY, S("pg:plans:g1"), S(""), S("PG_IN_USE") },
        { DRS_DOC_IDLE, S("pg:plans:g1"), S(""), S("PG_BUSY") },
        { DRS_DOC_DEL, S("pg:launch:g1"), S(""), S("") },
        { DRS_DOC_DUE, S("launch:g1"), S("0"), S("") },
        { DRS_DOC_HSET, S("sched:run:s1"), S("next"), S("5") },
        { DRS_DOC_FEWER, S("sched:plan:p1"), S("2"), S("TOO_MANY") },
        { DRS_DOC_SCHEDULES, S("sched:plan:p2"), S(""), S("") }
    };
    drs_doc_op_t  exists = { DRS_DOC_EXISTS, S("pg:g1"), S(""), S("NO_PG") };
    drs_doc_put_t d = { 0 };

    d.kind = DRS_DOC_PG;
    d.mode = DRS_DOC_CREATE;
    d.id = S("g1");
    d.new_name = S("alpha");
    d.doc = S("{}");
    d.audit = S("{}");
    d.event = S("{}");
    d.ops = ops;
    d.nops = sizeof(ops) / sizeof(ops[0]);
    print(drs_store_doc_put(p, &d));

    d.mode = DRS_DOC_UPDATE;
    d.version = 1;
    d.old_name = S("alpha");
    d.ops = &exists;
    d.nops = 1;
    print(drs_store_doc_put(p, &d));
    launch(p);
    schedule(p);

    d.mode = DRS_DOC_DELETE;
    d.version = -1;
    d.new_name = S("");
    d.doc = d.audit = d.event = S("");
    d.nops = 0;
    print(drs_store_doc_put(p, &d));

    print(drs_store_settings_put(p, S("notify"), 0, S("{}"), S(""), S("")));
    print(drs_store_settings_put(p, S("notify"), -1, S("{}"), S(""), S("")));
    print(drs_store_note(p, S("{}"), S("")));
    print(drs_store_idem_begin(p, S("u"), S("EX2"), S("k"), S("h")));
    print(
        drs_store_idem_end(p, S("u"), S("EX2"), S("k"), S("h"), 200, S("{}")));
    print(drs_store_version(p));
    print(drs_store_open(p));
}


static void
work(drs_str_t p)
{
    drs_cmd_try_t try = { 0 };
    drs_command_t cmd = { 0 };

    try.stream_id = S("1-1");
    try.id = S("c1");
    try.consumer = S("w1");
    try.try = 7;
    try.max_tries = 5;
    cmd.id = S("c1");
    cmd.type = S("exec.start");
    cmd.actor = S("{}");
    cmd.payload = S("{}");
    print(drs_store_cmd_add(p, &cmd));
    print(drs_store_cmd_begin(p, &try));
    print(drs_store_cmd_fail(p, S("1-1"), S("w1"), S("boom"), 1, 5));
    print(drs_store_cmd_done(p, S("1-1"), S("c1"), S("n1"), S("{}"), 0));
    print(drs_store_cmd_withdraw(p, S("c2")));
    print(drs_store_heartbeat(p, S("w1"), S("{}"), S(""), 5000));
    print(drs_store_task_due(p, S("jwks"), 0));
    print(drs_store_task_free(p, S("gone")));
    print(drs_store_task_claim(p, S("w1"), 5, 60000, S("jwks")));
    print(drs_store_task_renew(p, S("jwks"), S("w1"), 1, 60000));
    print(drs_store_task_release(p, S("jwks"), S("w1"), 1, DRS_DUE_REMOVE));
}


static void
inventory(drs_str_t p)
{
    drs_pair_t    field = { S("status"), S("ACTIVE") };
    drs_inv_put_t inv = { 0 };

    inv.account = S("111122223333");
    inv.region = S("us-east-1");
    inv.token = S("w1:1");
    inv.at = 5;
    print(drs_store_inv_put(p, &inv));
    inv.ttl_ms = 5000;
    print(drs_store_inv_show(p, &inv));
    print(drs_store_region_put(p, inv.account, inv.region, 5, &field, 1));
}


static void
commit(drs_str_t p, const drs_lease_t *lease)
{
    drs_cmd_t *c;
    drs_pair_t pairs[] = { { S("state"), S("PLANNED") },
                           { S("account"), S("1") },
                           { S("region"), S("r") },
                           { S("servers"), S("s-1") },
                           { S("maxAttempts"), S("3") } };

    c = drs_commit_begin(p, S("e1"), lease, 1, DRS_SM_CLAIM, DRS_EXEC_RUNNING);
    (void) drs_commit_header(c, "errorCode", S("X"));
    (void) drs_commit_header_i64(c, "launched", 0);
    (void) drs_commit_wave(c, 0, S("INITIATED"), S("{}"));
    (void) drs_commit_wave(c, 1, S(""), S(""));
    (void) drs_commit_unit(c, S("0-0"), 0, pairs, 5);
    (void) drs_commit_server(c, S("s-1"), S("{}"));
    (void) drs_commit_claim(c, S("1"), S("r"), S("s-1"));
    (void) drs_commit_claim(c, S("1"), S("r"), S("s-2"));
    (void) drs_commit_unclaim(c, S("1"), S("r"), S("s-2"));
    (void) drs_commit_watch(c, S("1"), S("r"), S("j9"), S("0-0"));
    (void) drs_commit_unwatch(c, S("1"), S("r"), S("j9"));
    (void) drs_commit_event(c, S("{}"));
    (void) drs_commit_due(c, 5);
    (void) drs_commit_task(c, S("jwks"), 0);
    (void) drs_commit_audit(c, S("{}"));
    print(c);

    print(drs_commit_begin(p, S("e1"), lease, -1, DRS_SM_NONE, DRS_EXEC_NONE));
}


static void
capacity(drs_str_t p, const drs_lease_t *lease)
{
    drs_cap_job_t job = { S("j9"), S("s-8 s-9") };
    drs_cap_ask_t ask = { 0 };

    ask.exec = S("e1");
    ask.unit = S("0-0");
    ask.priority = 5;
    ask.jobs = 19;
    ask.servers = 500;
    ask.aging_ms = ask.fresh_ms = ask.ttl_ms = ask.patience_ms = 600000;

    print(drs_store_cap_ask(p, lease, &ask));
    print(drs_store_cap_seen(p, S("1"), S("r"), 5, &job, 1));
    print(drs_store_cap_seen(p, S("1"), S("r"), 6, NULL, 0));
    print(drs_store_rate_take(p, S("1"), S("r"), S("drs.StartRecovery"), 10, 10,
                              1, 2));
    print(
        drs_store_rate_slow(p, S("1"), S("r"), S("drs.StartRecovery"), 10, 10));
}


static void
executions(drs_str_t p)
{
    drs_cmd_t              *c;
    drs_lease_t             lease = { S("w1"), 1 };
    drs_lease_t             term = { S("w1"), 1 };
    drs_str_t               claims[] = { S("1:r:s-1") };
    drs_pair_t              job = { S("j7"), S("{}") };
    drs_obs_put_t           obs = { S("j1"), S("{}"), 1 };
    drs_str_t               held = S("s-held");
    drs_exec_create_t       e = { 0 };
    drs_exec_create_wave_t  waves[] = { { S("PENDING"), S("{}") },
                                        { S("PENDING"), S("{}") },
                                        { S("CANCELLED"), S("{}") } };
    drs_exec_create_check_t check = { S("plan"), S("p1"), 0 };

    e.id = S("e1");
    e.command_id = S("c1");
    e.plan_id = S("p1");
    e.plan_name = S("Plan");
    e.type = S("DRILL");
    e.doc = e.out = S("{}");
    e.accounts = S("1");
    e.waves = waves;
    e.nwaves = 3;
    e.claims = claims;
    e.nclaims = 1;
    e.checks = &check;
    e.nchecks = 1;
    e.event = S("{}");
    e.initiated_by = S("somebody");
    print(drs_store_exec_create(p, &e));

    c = drs_store_exec_page(p, INT64_MAX, S(""), 0, 5);
    (void) drs_page_any(c, "plan", &e.plan_id, 1);
    (void) drs_page_text(c, S("plan"));
    print(c);
    print(drs_store_exec_page(p, 99, S("e1"), 1, 5));

    print(drs_store_task_claim(p, S("w1"), 5, 60000, S("")));
    commit(p, &lease);
    capacity(p, &lease);
    print(
        drs_store_unit_arm(p, S("e1"), &lease, S("0-0"), 1, 1, S("key"), 0, 0));
    print(drs_store_unit_close(p, S("e1"), &lease, S("0-0"), 1, "PLANNED", 9,
                               S("{}")));
    print(
        drs_store_unit_arm(p, S("e1"), &lease, S("0-0"), 3, 2, S("key"), 5, 1));
    print(drs_store_unit_fact(p, S("e1"), S("0-0"), 2, S("j1"), S("{}")));
    print(drs_store_unit_fact(p, S("e1"), S("0-0"), 0, S("j1"), S("")));
    print(drs_store_unit_close(p, S("e1"), &lease, S("0-0"), 0, "", -1, S("")));
    print(drs_store_hold(p, S("1"), S("r"), S("id"), 1000, &held, 1));
    print(drs_store_obs_put(p, S("1"), S("r"), &obs, 1));
    print(drs_store_exec_command(p, S("e1"), "pause", S("c7"), S("{}"),
                                 S("why"), S("{}"), S("{}")));
    print(drs_store_exec_command(p, S("e1"), "cancel", S(""), S(""), S(""),
                                 S(""), S("")));

    job.name = S("state");
    job.value = S("DONE");
    c = drs_commit_begin(p, S("e1"), &lease, -1, DRS_SM_CANCEL_DONE,
                         DRS_EXEC_CANCELLED);
    (void) drs_commit_unit(c, S("0-0"), 6, &job, 1);
    (void) drs_commit_final(c, 77);
    print(c);

    job.name = S("j7");
    print(drs_store_term_put(p, S("e1"), NULL, "RUNNING", 0, &job, 1, S("{}")));
    inventory(p);
    print(drs_store_task_claim(p, S("w1"), 5, 60000, S("term")));
    print(drs_store_term_put(p, S("e1"), &term, "DONE", 0, NULL, 0, S("")));
    print(drs_store_task_release(p, S("exec:e1"), S("w1"), 1, DRS_DUE_KEPT));
    print(drs_store_exec_delete(p, S("e1"), S("{}"), S("{}")));
}


static void
audits(drs_str_t p)
{
    json_t    *entry;
    drs_cmd_t *c;

    entry = json_pack("{s:s, s:s, s:s, s:{s:s}}", "id", "5-1", "hash", "h",
                      "action", "a", "actor", "userId", "u");
    c = drs_store_audit_seal(p, 0, S(""));
    (void) drs_store_audit_seal_entry(c, S("5-0"), entry, S("{}"));
    print(c);
    json_decref(entry);

    c = drs_store_audit_find(p, -1, 7, S("9-9"), 5);
    (void) drs_store_audit_filter(c, "action", S("a"));
    print(c);

    print(drs_store_audit_sample(p, S("::1"), 1000, S("{}")));
    print(drs_store_audit_trim(p, 9, 10));
}


int
main(void)
{
    drs_str_t p = drs_string("{drs}");

    documents(p);
    work(p);
    executions(p);
    audits(p);
    notify(p);
    links(p);

    return failed;
}
