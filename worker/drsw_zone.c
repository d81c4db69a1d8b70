/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "drs_time.h"

#include "drsw_zone.h"


/* The content of the file, at most DRS_TZ_SIZE_MAX; *data is malloc'ed. */
static int
drsw_zone_read(int fd, char **data, size_t *len)
{
    ssize_t     n;
    struct stat st;

    *data = NULL;
    *len = 0;

    if (fstat(fd, &st) != 0) {
        return DRS_ERROR;
    }

    if (!S_ISREG(st.st_mode) || st.st_size > DRS_TZ_SIZE_MAX) {
        return DRS_DECLINED;
    }

    *data = malloc((size_t) st.st_size + 1);

    if (*data == NULL) {
        return DRS_ERROR;
    }

    while (*len < (size_t) st.st_size) {
        n = read(fd, *data + *len, (size_t) st.st_size - *len);

        if (n < 0 && errno == EINTR) {
            continue;
        }

        if (n <= 0) {
            return n == 0 ? DRS_DECLINED : DRS_ERROR;
        }

        *len += (size_t) n;
    }

    return DRS_OK;
}


static int
drsw_zone_file(const drsw_config_t *conf, drs_str_t name, int last_year,
               drs_tz_t *tz, char *err, size_t errlen)
{
    int    rc, fd;
    char   path[512], *data;
    size_t len;

    rc = snprintf(path, sizeof(path), "%s/%.*s", conf->zoneinfo,
                  DRS_STR_ARG(name));

    if (rc < 0 || (size_t) rc >= sizeof(path)) {
        (void) snprintf(err, errlen,
                        "the folder of the zones has a too long "
                        "name");
        return DRS_ERROR;
    }

    fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd == -1) {
        rc = (errno == ENOENT || errno == ENOTDIR) ? DRS_DECLINED : DRS_ERROR;
        (void) snprintf(err, errlen, "%s: %s", path, strerror(errno));
        return rc;
    }

    rc = drsw_zone_read(fd, &data, &len);
    rc = (rc == DRS_OK) ? drs_tz_parse(tz, drs_strn(data, len), last_year) : rc;

    if (rc != DRS_OK) {
        (void) snprintf(err, errlen, "%s: %s", path,
                        rc == DRS_DECLINED ? "not a time zone"
                                           : "cannot be read");
    }

    free(data);
    (void) close(fd);

    return rc;
}


int
drsw_zone_load(const drsw_config_t *conf, drs_str_t name, int64_t now_s,
               drs_tz_t *tz, char *err, size_t errlen)
{
    drs_tm_t tm;

    memset(tz, 0, sizeof(*tz));

    if (drs_str_eqz(name, "UTC")) {
        (void) snprintf(err, errlen, "no memory");
        return drs_tz_utc(tz);
    }

    if (!drs_tz_name_valid(name) || drs_time_split(&tm, now_s) != DRS_OK) {
        (void) snprintf(err, errlen, "not the name of a time zone");
        return DRS_DECLINED;
    }

    return drsw_zone_file(conf, name, tm.year + DRS_CRON_YEARS, tz, err,
                          errlen);
}
