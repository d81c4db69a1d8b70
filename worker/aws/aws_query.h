
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * The query protocols: JSON to form body, XML answer to JSON, both driven by
 * shape tables.  Pure.
 */

#ifndef DRSW_AWS_QUERY_H
#define DRSW_AWS_QUERY_H

#include <stdbool.h>

#include <jansson.h>

#include "aws_shape.h"
#include "aws_xml.h"
#include "drs_buf.h"


/*
 * Appends "&Name=value" for every member of input that the table can send.
 * Lists are "Name.N" in EC2 and "Name.member.N" elsewhere.  A member that the
 * table does not know, or of another type, is DRS_DECLINED and err names it;
 * members that only answers have are left out.
 */
int drsw_query_encode(drs_buf_t *out, const drsw_member_t *shape,
                      const json_t *input, bool ec2, char *err, size_t errlen);

/* New object of the children of node that the table knows; others are
 * ignored.  NULL: out of memory. */
json_t *drsw_query_decode(const drsw_member_t *shape, const drsw_xml_t *node);

#endif /* DRSW_AWS_QUERY_H */
