
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * XML answers as a small tree.  Hardened: a document type declaration, more
 * than 32 levels or 2 million elements are refused, nothing is ever loaded,
 * attributes, namespaces, comments and processing instructions are ignored.
 */

#ifndef DRSW_AWS_XML_H
#define DRSW_AWS_XML_H

#include <stddef.h>


typedef struct drsw_xml_s drsw_xml_t;

struct drsw_xml_s {
    char       *name; /* local name */
    char       *text; /* character data, NULL if none */
    size_t      text_len;
    size_t      text_cap;
    drsw_xml_t *parent;
    drsw_xml_t *first;
    drsw_xml_t *last;
    drsw_xml_t *next;
};


/* NULL: not well-formed, refused, or out of memory. */
drsw_xml_t *drsw_xml_parse(const char *data, size_t len);
void        drsw_xml_free(drsw_xml_t *root);

/* First child with that name; NULL if none or node is NULL. */
const drsw_xml_t *drsw_xml_child(const drsw_xml_t *node, const char *name);

/* Text of it, "" if it has none, NULL if node is NULL. */
const char *drsw_xml_text(const drsw_xml_t *node);

#endif /* DRSW_AWS_XML_H */
