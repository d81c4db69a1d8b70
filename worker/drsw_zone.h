/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Time zones of the system (option zoneinfo; docs/schedules.md).
 */

#ifndef DRSW_ZONE_H
#define DRSW_ZONE_H


#include "drs_cron.h"

#include "drsw_config.h"


/*
 * Reads a zone.  "UTC" needs no file.  now_s: rules are written out as far as
 * drs_cron_next() looks from there.
 *
 * DRS_OK; DRS_DECLINED: there is no such zone; DRS_ERROR: it cannot be read,
 * err says why (also for DRS_DECLINED).  drs_tz_free() when OK.
 */
int drsw_zone_load(const drsw_config_t *conf, drs_str_t name, int64_t now_s,
                   drs_tz_t *tz, char *err, size_t errlen);

/* Command line: drs-worker schedule ...; exit code. */
int drsw_schedule_main(const drsw_config_t *conf, int argc, char **argv);


#endif /* DRSW_ZONE_H */
