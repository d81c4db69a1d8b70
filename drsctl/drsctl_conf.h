
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Settings: command line before environment before configuration file.
 */

#ifndef DRSCTL_CONF_H_INCLUDED
#define DRSCTL_CONF_H_INCLUDED


#include "drs_buf.h"
#include "drsctl_args.h"


#define DRSCTL_TIMEOUT_MAX_S (30 * 86400)


typedef struct {
    char    *url; /* without '/' at its end; NULL: not set */
    char    *ca;
    char    *token_file;
    unsigned json; /* --output json */
    unsigned quiet;
    int64_t  timeout_s; /* 0: none */
    char    *dir;       /* folder of configuration and session */
} drsctl_conf_t;


/*
 * Takes the lines of a configuration file: "name = value", '#' begins a
 * comment.  Only what is not set yet is set.  DRS_DECLINED with a sentence
 * that names the line.
 */
int drsctl_conf_text(drsctl_conf_t *conf, drs_str_t text, char *err,
                     size_t size) DRS_MUST_CHECK;

/*
 * Command line, environment (by `env`, as getenv()), file.  DRS_DECLINED with
 * a sentence in `err`.  drsctl_conf_free() in any case.
 */
int  drsctl_conf_load(drsctl_conf_t *conf, const drsctl_args_t *a,
                      char *(*env)(const char *name), char     *err,
                      size_t size) DRS_MUST_CHECK;
void drsctl_conf_free(drsctl_conf_t *conf);


#endif /* DRSCTL_CONF_H_INCLUDED */
