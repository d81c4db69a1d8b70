
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Owner instance ids: who holds a lease, and whether that process is gone.
 *
 *     <host>-<boot id>-<pid name space>-<pid>-<start time>-<random>
 *
 * All but the host name are free of dashes, so that the id is read from its
 * end.  The start time (clock ticks since boot) tells a new process that got
 * an old pid.
 */

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <openssl/rand.h>

#include "drs_id.h"
#include "drs_sha256.h"
#include "drsw_worker.h"


#define DRSW_OWNER_PARTS 5


typedef struct {
    char               boot[16];
    char               ns[32];
    long               pid;
    unsigned long long start;
} drsw_owner_t;


static int drsw_owner_self(drsw_owner_t *o);
static int drsw_owner_parse(drsw_owner_t *o, const char *text);


static int
drsw_owner_read(const char *path, char *buf, size_t size)
{
    int     fd;
    ssize_t n;

    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd == -1) {
        return DRS_ERROR;
    }

    n = read(fd, buf, size - 1);
    (void) close(fd);

    if (n <= 0) {
        return DRS_ERROR;
    }

    buf[n] = '\0';

    return DRS_OK;
}


/* Field 22 of /proc/<pid>/stat; the name in field 2 may hold anything. */

static int
drsw_owner_start(long pid, unsigned long long *start)
{
    int  i;
    char path[64], buf[1024], *p;

    (void) snprintf(path, sizeof(path), "/proc/%ld/stat", pid);

    if (drsw_owner_read(path, buf, sizeof(buf)) != DRS_OK) {
        return DRS_ERROR;
    }

    p = strrchr(buf, ')');

    for (i = 2; p != NULL && i < 22; i++) {
        p = strchr(p + 1, ' ');
    }

    if (p == NULL) {
        return DRS_ERROR;
    }

    *start = strtoull(p + 1, NULL, 10);

    return DRS_OK;
}


static int
drsw_owner_self(drsw_owner_t *o)
{
    char    buf[128], *p, *q;
    ssize_t n;

    if (drsw_owner_read("/proc/sys/kernel/random/boot_id", buf, sizeof(buf))
        != DRS_OK)
    {
        return DRS_ERROR;
    }

    (void) snprintf(o->boot, sizeof(o->boot), "%.8s", buf);

    n = readlink("/proc/self/ns/pid", buf, sizeof(buf) - 1);
    if (n <= 0) {
        return DRS_ERROR;
    }

    buf[n] = '\0';
    q = o->ns;

    for (p = buf; *p != '\0' && q < o->ns + sizeof(o->ns) - 1; p++) {
        if (isdigit((unsigned char) *p)) {
            *q++ = *p;
        }
    }

    *q = '\0';
    o->pid = (long) getpid();

    return drsw_owner_start(o->pid, &o->start);
}


int
drsw_owner_make(char *dst, size_t size)
{
    int           n;
    char          host[65], rnd[9], *p;
    unsigned char r[4];
    drsw_owner_t  o;

    if (drsw_owner_self(&o) != DRS_OK || drsw_random(r, sizeof(r)) != DRS_OK) {
        return DRS_ERROR;
    }

    if (gethostname(host, sizeof(host) - 1) != 0) {
        (void) strcpy(host, "host");
    }

    host[sizeof(host) - 1] = '\0';

    for (p = host; *p != '\0'; p++) {
        if (!isalnum((unsigned char) *p) && *p != '.' && *p != '-') {
            *p = '_';
        }
    }

    drs_hex(rnd, r, sizeof(r));

    n = snprintf(dst, size, "%s-%s-%s-%ld-%llu-%s", host, o.boot, o.ns, o.pid,
                 o.start, rnd);

    return (n > 0 && (size_t) n < size) ? DRS_OK : DRS_ERROR;
}


static int
drsw_owner_parse(drsw_owner_t *o, const char *text)
{
    int  i;
    char copy[DRSW_OWNER_SIZE], *p, *part[DRSW_OWNER_PARTS];

    if (strlen(text) >= sizeof(copy)) {
        return DRS_DECLINED;
    }

    (void) strcpy(copy, text);

    for (i = DRSW_OWNER_PARTS - 1; i >= 0; i--) {
        p = strrchr(copy, '-');
        if (p == NULL) {
            return DRS_DECLINED;
        }

        *p = '\0';
        part[i] = p + 1;
    }

    if (strlen(part[0]) >= sizeof(o->boot) || strlen(part[1]) >= sizeof(o->ns))
    {
        return DRS_DECLINED;
    }

    (void) strcpy(o->boot, part[0]);
    (void) strcpy(o->ns, part[1]);
    o->pid = strtol(part[2], NULL, 10);
    o->start = strtoull(part[3], NULL, 10);

    return o->pid > 0 ? DRS_OK : DRS_DECLINED;
}


int
drsw_owner_is_dead(const char *owner)
{
    drsw_owner_t       self, other;
    unsigned long long start;

    if (drsw_owner_parse(&other, owner) != DRS_OK
        || drsw_owner_self(&self) != DRS_OK
        || strcmp(self.boot, other.boot) != 0 || strcmp(self.ns, other.ns) != 0)
    {
        return 0;
    }

    if (kill((pid_t) other.pid, 0) != 0) {
        return errno == ESRCH;
    }

    /* the pid lives: another process, if it started at another time */

    return drsw_owner_start(other.pid, &start) == DRS_OK
           && start != other.start;
}


int64_t
drsw_wall_ms(void)
{
    struct timespec ts;

    (void) clock_gettime(CLOCK_REALTIME, &ts);

    return (int64_t) ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}


int64_t
drsw_mono_ms(void)
{
    struct timespec ts;

    (void) clock_gettime(CLOCK_MONOTONIC, &ts);

    return (int64_t) ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}


int
drsw_random(void *dst, size_t len)
{
    return RAND_bytes(dst, (int) len) == 1 ? DRS_OK : DRS_ERROR;
}


int
drsw_uuid(char *dst)
{
    unsigned char rnd[16];

    if (drsw_random(rnd, sizeof(rnd)) != DRS_OK) {
        return DRS_ERROR;
    }

    drs_id_uuid4(dst, rnd);

    return DRS_OK;
}
