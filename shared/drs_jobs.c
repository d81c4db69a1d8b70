/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include "drs_jobs.h"


static json_t *
drs_jobs_servers(const json_t *job)
{
    size_t  i;
    json_t *list, *v, *id;

    list = json_array();

    json_array_foreach (json_object_get(job, "participatingServers"), i, v) {
        id = json_object_get(v, "sourceServerID");

        if (json_is_string(id)) {
            (void) json_array_append(list, id);
        }
    }

    return list;
}


json_t *
drs_jobs_entry(const json_t *items, const json_t *links, int64_t at_ms)
{
    size_t    i;
    json_t   *jobs, *job, *o, *run;
    drs_str_t id, status;

    jobs = json_array();

    json_array_foreach (items, i, job) {
        id = drs_json_field(job, "jobID");
        status = drs_json_field(job, "status");

        if (id.len == 0
            || (!drs_str_eqz(status, "PENDING")
                && !drs_str_eqz(status, "STARTED")))
        {
            continue;
        }

        o = json_object();
        (void) drs_json_set_str(o, "jobId", id);
        (void) drs_json_set_str(o, "type", drs_json_field(job, "type"));
        (void) drs_json_set_str(o, "status", status);
        run = json_object_get(json_object_get(links, id.data), "executionId");

        if (run != NULL) {
            (void) json_object_set(o, "executionId", run);
        }

        (void) json_object_set_new(o, "servers", drs_jobs_servers(job));
        (void) json_array_append_new(jobs, o);
    }

    if (json_array_size(jobs) == 0) {
        json_decref(jobs);
        return NULL;
    }

    return json_pack("{s:I, s:o}", "at", (json_int_t) at_ms, "jobs", jobs);
}


void
drs_jobs_index_add(drs_jobs_index_t *index, drs_str_t place, drs_str_t entry,
                   int64_t now_ms)
{
    size_t  i, k;
    json_t *doc, *jobs, *job, *v;

    doc = drs_json_parse(entry, &drs_json_store_limits, NULL);
    jobs = json_object_get(doc, "jobs");

    if (now_ms - drs_json_int(doc, "at", 0) < DRS_JOBS_FRESH_MS && place.len > 0
        && json_array_size(jobs) > 0)
    {
        (void) json_object_setn_new(
            index->places, place.data, place.len,
            json_integer((json_int_t) json_array_size(jobs)));

        json_array_foreach (jobs, i, job) {
            json_array_foreach (json_object_get(job, "servers"), k, v) {
                if (json_is_string(v)) {
                    (void) json_object_set(index->servers, json_string_value(v),
                                           job);
                }
            }
        }
    }

    json_decref(doc);
}


const json_t *
drs_jobs_of_server(const drs_jobs_index_t *index, const char *server)
{
    return server != NULL ? json_object_get(index->servers, server) : NULL;
}


int64_t
drs_jobs_at(const drs_jobs_index_t *index, const char *place)
{
    return drs_json_int(index->places, place, 0);
}
