/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * drs-worker schedule next: when an expression comes next, as the worker
 * counts (docs/schedules.md).
 */

#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "drs_time.h"

#include "drsw_zone.h"


#define DRSW_SCHEDULE_COUNT_MAX 100000


static const char drsw_schedule_usage[] =
    "usage: drs-worker [--config FILE] schedule next CRON [ZONE]\n"
    "                  [--after TIME] [--count N]\n"
    "\n"
    "prints the next N (default 5) times of a cron expression in a time zone\n"
    "(default UTC), one a line: UTC, local time, offset.  TIME: ISO 8601 with\n"
    "Z or an offset; default now.\n";


typedef struct {
    drs_str_t cron, zone;
    int64_t   after_s;
    uint64_t  count;
} drsw_schedule_args_t;


static int
drsw_schedule_args(drsw_schedule_args_t *a, int argc, char **argv)
{
    int opt;

    static const struct option options[] = {
        { "after", required_argument, NULL, 'a' },
        { "count", required_argument, NULL, 'n' },
        { NULL, 0, NULL, 0 }
    };

    a->after_s = (int64_t) time(NULL);
    a->count = 5;
    a->zone = drs_str("UTC");
    optind = 0; /* begins anew */

    while ((opt = getopt_long(argc, argv, "a:n:", options, NULL)) != -1) {
        if (opt == 'a') {
            if (drs_time_parse_s(drs_str(optarg), &a->after_s) != DRS_OK) {
                return DRS_DECLINED;
            }

        } else if (opt != 'n'
                   || drs_str_u64(drs_str(optarg), &a->count) != DRS_OK
                   || a->count > DRSW_SCHEDULE_COUNT_MAX)
        {
            return DRS_DECLINED;
        }
    }

    if (argc - optind < 1 || argc - optind > 2) {
        return DRS_DECLINED;
    }

    a->cron = drs_str(argv[optind]);

    if (argc - optind == 2) {
        a->zone = drs_str(argv[optind + 1]);
    }

    return DRS_OK;
}


static void
drsw_schedule_print(int64_t t_s, int32_t offset_s)
{
    char utc[DRS_TIME_ISO_SIZE], local[DRS_TIME_ISO_SIZE];
    int  minutes;

    (void) drs_time_iso_s(utc, t_s);
    (void) drs_time_iso_s(local, t_s + offset_s);
    local[strlen(local) - 1] = '\0'; /* the Z */
    minutes = (offset_s < 0 ? -offset_s : offset_s) / 60;

    (void) printf("%s  %s%c%02d:%02d\n", utc, local, offset_s < 0 ? '-' : '+',
                  minutes / 60, minutes % 60);
}


int
drsw_schedule_main(const drsw_config_t *conf, int argc, char **argv)
{
    char                 err[640];
    int64_t              t;
    drs_tz_t             tz;
    uint64_t             i;
    drs_cron_t           cron;
    const char          *fault;
    drsw_schedule_args_t a;

    if (argc < 2 || strcmp(argv[1], "next") != 0
        || drsw_schedule_args(&a, argc - 1, argv + 1) != DRS_OK)
    {
        (void) fputs(drsw_schedule_usage, stderr);
        return 2;
    }

    if (drs_cron_parse(&cron, a.cron, &fault) != DRS_OK) {
        (void) fprintf(stderr, "drs-worker: %s\n", fault);
        return 2;
    }

    if (drsw_zone_load(conf, a.zone, a.after_s, &tz, err, sizeof(err))
        != DRS_OK) {
        (void) fprintf(stderr, "drs-worker: %.*s: %s\n", DRS_STR_ARG(a.zone),
                       err);
        return 2;
    }

    t = a.after_s;

    for (i = 0; i < a.count && drs_cron_next(&cron, &tz, t, &t) == DRS_OK; i++)
    {
        drsw_schedule_print(t, drs_tz_offset(&tz, t));
    }

    drs_tz_free(&tz);

    return 0;
}
