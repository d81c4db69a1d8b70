
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * The shared AWS files (~/.aws/config, ~/.aws/credentials): sections of
 * "key = value".  Whole-line comments begin with # or ;, a comment after a
 * value with white space and # or ;.  Indented lines under a key without a
 * value are nested: "drs.endpoint_url".  No limit on the length of a line.
 */

#ifndef DRSW_AWS_INI_H
#define DRSW_AWS_INI_H

#include <stdbool.h>


typedef struct drsw_ini_s drsw_ini_t;

struct drsw_ini_s {
    drsw_ini_t *next; /* in file order */
    char       *section;
    char       *key; /* lower case, "parent.key" when nested */
    char       *value;
};


/* Takes text apart; NULL for an empty one or without memory. */
drsw_ini_t *drsw_ini_parse(const char *text);
void        drsw_ini_free(drsw_ini_t *ini);

/* Last value given, NULL if none. */
const char      *
drsw_ini_get(const drsw_ini_t *ini, const char *section, const char *key);
bool drsw_ini_has(const drsw_ini_t *ini, const char *section);

#endif /* DRSW_AWS_INI_H */
