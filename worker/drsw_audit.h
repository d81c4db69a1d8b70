
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * The worker's part of the audit trail (docs/audit.md): the sealing task, the
 * entries about AWS calls, and the commands `drs-worker audit`.
 */

#ifndef DRSW_AUDIT_H
#define DRSW_AUDIT_H


#include "drsw.h"


/* Exit codes of drsw_audit_main() */
#define DRSW_AUDIT_INTACT 0
#define DRSW_AUDIT_FAILED 1 /* Redis or a file: nothing is known */
#define DRSW_AUDIT_USAGE  2
#define DRSW_AUDIT_BROKEN 3 /* the chain is not as it was written */


/* The task `audit`: seals what waits in audit:in, trims, writes the copy. */
int drsw_audit_register(drsw_registry_t *reg);

/* Writes an entry for every call of this thread's client that may have changed
 * something at AWS. */
void drsw_audit_watch(drsw_ctx_t *ctx);

/* One raw entry as text, without any other change. */
int drsw_audit_append(drsw_redis_t *redis, const char *text);

/* Keeps a raw entry that Redis could not take on disk; drsw_audit_spool.c */
int drsw_audit_keep(drsw_ctx_t *ctx, const char *text);
/* Hands entries that were kept to Redis, oldest first. */
void drsw_audit_replay(drsw_ctx_t *ctx);

/* Appends what the file does not have yet, in order.  drsw_audit_file.c */
int drsw_audit_mirror(drsw_ctx_t *ctx, const char *path);

/* `audit verify [--file F] [--anchor HASH]`, `audit export [--output F]`;
 * argv[0] is "audit". */
int drsw_audit_main(const drsw_config_t *conf, int argc, char **argv);


#endif /* DRSW_AUDIT_H */
