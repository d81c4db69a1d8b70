
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Identifiers and formats of api.md 1.11 and security.md 7.2.  Every check
 * looks at the whole view and returns 1 or 0.
 */

#ifndef DRS_ID_H_INCLUDED
#define DRS_ID_H_INCLUDED


#include "drs_str.h"


#define DRS_UUID_LEN    36
#define DRS_UUID_SIZE   (DRS_UUID_LEN + 1)
#define DRS_ACCOUNT_LEN 12


/* UUID version 4, lower case, from 16 random bytes of the caller. */
void drs_id_uuid4(char dst[DRS_UUID_SIZE], const unsigned char rnd[16]);

/* Version 4, RFC 4122 variant, lower case, with dashes. */
int drs_id_is_uuid4(drs_str_t s);

/* "s-" and 17 lower-case hex digits */
int drs_id_is_source_server(drs_str_t s);

/* What a caller may name: "drsjob-" + 17 alphanumeric. */
int drs_id_is_job(drs_str_t s);

/* "i-" and 8 or 17 lower-case hex digits: EC2 and recovery instances */
int drs_id_is_instance(drs_str_t s);

int drs_id_is_subnet(drs_str_t s);
int drs_id_is_security_group(drs_str_t s);
int drs_id_is_vpc(drs_str_t s);

/* "lt-" and 8 or 17 hex digits */
int drs_id_is_launch_template(drs_str_t s);

/* "pit-" and 17 alphanumeric: recovery snapshots */
int drs_id_is_snapshot(drs_str_t s);

/* 12 digits */
int drs_id_is_account(drs_str_t s);

/* Form of a Region only; membership in the list is the caller's business. */
int drs_id_is_region(drs_str_t s);

/* The 28 default Regions of api.md 1.13, in that order. */
extern const drs_str_t drs_id_default_regions[];
extern const size_t    drs_id_n_default_regions;
int                    drs_id_in_default_regions(drs_str_t s);

int drs_id_is_instance_type(drs_str_t s);

/*
 * "arn:(aws|aws-us-gov|aws-cn):iam::<12 digits>:role/<1-512 characters>".
 * Parts that are asked for (not NULL) point into s.
 */
int drs_id_role_arn(drs_str_t s, drs_str_t *account, drs_str_t *role_path);

/* 2-1224 of [A-Za-z0-9_+=,.@:/-] */
int drs_id_is_external_id(drs_str_t s);

/* Rule of security.md 7.1 and 7.2: at most 254, local part at most 64 */
int drs_id_is_email(drs_str_t s);

/* X-Request-Id of api.md 10.1: 1-64 of [A-Za-z0-9._-] */
int drs_id_is_request_id(drs_str_t s);

/* Idempotency-Key: 1-128 visible ASCII */
int drs_id_is_idempotency_key(drs_str_t s);

/* IPv4 in dotted form without leading zeros; *addr in host order. */
int drs_id_ipv4(drs_str_t s, uint32_t *addr);

/* "a.b.c.d/n"; host bits may be set.  *addr masked. */
int drs_id_cidr4(drs_str_t s, uint32_t *addr, unsigned *prefix);

/* RFC 1918 */
int drs_id_ipv4_is_private(uint32_t addr);

/*
 * The executionId of a path: an ARN-like value gives the part after the last
 * colon, everything else itself (api.md 1.11).  Not checked further.
 */
drs_str_t drs_id_execution_of_path(drs_str_t s);


#endif /* DRS_ID_H_INCLUDED */
