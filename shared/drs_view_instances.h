/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Recovery instances: rows of the cache ri:<account>:<region> (data-model.md
 * 9.3) and what callers see of them (api.md RP6, DRS8).
 */

#ifndef DRS_VIEW_INSTANCES_H_INCLUDED
#define DRS_VIEW_INSTANCES_H_INCLUDED


#include <jansson.h>

#include "drs_str.h"


typedef struct {
    const json_t *item;   /* of DescribeRecoveryInstances */
    const json_t *ec2;    /* of DescribeInstances; NULL: unknown */
    const json_t *server; /* inventory item, may be NULL */
    const json_t *source; /* inv:source of it, may be NULL */
    drs_str_t     account, region;
    drs_str_t     execution; /* that its job belongs to; may be empty */
    drs_str_t     plan_name;
    int64_t       at_ms; /* when DRS was asked */
} drs_instance_t;


/* Row; new reference.  Members without a value are absent. */
json_t *drs_view_instance_row(const drs_instance_t *in);

/* 1 unless the instance is gone or going. */
int drs_view_instance_alive(const json_t *row);

/* Members of RP6 existingInstances[] and of DRS8; new references. */
json_t *drs_view_instance_existing(const json_t *row);
json_t *drs_view_instance_failover(const json_t *row);


#endif /* DRS_VIEW_INSTANCES_H_INCLUDED */
