/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Active DRS jobs as published, and what is read from them.
 */

#include "model_help.h"

#include "drs_jobs.h"


#define NOW INT64_C(1700000000000)


static void
only_active_jobs_are_published(void **state)
{
    json_t *items, *links, *v;

    (void) state;
    items = J("[{'jobID':'a','type':'LAUNCH','status':'STARTED',"
              "'participatingServers':[{'sourceServerID':'s-1'},{}]},"
              "{'jobID':'b','type':'TERMINATE','status':'COMPLETED'},"
              "{'jobID':'c','type':'TERMINATE','status':'PENDING'}]");
    links = J("{'c':{'executionId':'e'}}");

    v = drs_jobs_entry(items, links, NOW);
    assert_at(v, "/jobs/0",
              "{'jobId':'a','type':'LAUNCH','status':'STARTED',"
              "'servers':['s-1']}");
    assert_at(v, "/jobs/1/executionId", "'e'");
    assert_at(v, "/jobs/1/servers", "[]");
    assert_int_equal(json_array_size(json_object_get(v, "jobs")), 2);
    json_decref(v);

    json_array_clear(items);
    assert_null(drs_jobs_entry(items, NULL, NOW));
    json_decref(items);
    json_decref(links);
}


static void
old_and_broken_entries_say_nothing(void **state)
{
    drs_str_t        text;
    drs_jobs_index_t index;

    (void) state;
    index.servers = json_object();
    index.places = json_object();
    text = drs_str("{\"at\":1700000000000,\"jobs\":[{\"jobId\":\"a\","
                   "\"type\":\"LAUNCH\",\"servers\":[\"s-1\",7]}]}");

    drs_jobs_index_add(&index, drs_str("1:r"), text, NOW + DRS_JOBS_FRESH_MS);
    drs_jobs_index_add(&index, drs_str("1:r"), drs_str("{"), NOW);
    drs_jobs_index_add(&index, drs_str("1:r"), drs_str("{\"jobs\":[]}"), NOW);
    assert_null(drs_jobs_of_server(&index, "s-1"));
    assert_int_equal(drs_jobs_at(&index, "1:r"), 0);

    drs_jobs_index_add(&index, drs_str("1:r"), text,
                       NOW + DRS_JOBS_FRESH_MS - 1);
    assert_true(drs_str_eqz(
        drs_json_field(drs_jobs_of_server(&index, "s-1"), "jobId"), "a"));
    assert_null(drs_jobs_of_server(&index, "s-2"));
    assert_null(drs_jobs_of_server(&index, NULL));
    assert_int_equal(drs_jobs_at(&index, "1:r"), 1);
    assert_int_equal(drs_jobs_at(&index, "2:r"), 0);

    json_decref(index.servers);
    json_decref(index.places);
}


int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_active_jobs_are_published),
        cmocka_unit_test(old_and_broken_entries_say_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
