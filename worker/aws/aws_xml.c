
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include <libxml/parser.h>

#include "aws_xml.h"


#define DRSW_XML_DEPTH_MAX 32
#define DRSW_XML_NODES_MAX 2000000


typedef struct {
    drsw_xml_t      *root;
    drsw_xml_t      *cur;
    size_t           depth;
    size_t           nodes;
    int              failed;
    xmlParserCtxtPtr parser;
} drsw_xml_build_t;


static void
drsw_xml_fail(drsw_xml_build_t *b)
{
    b->failed = 1;
    xmlStopParser(b->parser);
}


static void
drsw_xml_on_start(void *arg, const xmlChar *name, const xmlChar *prefix,
                  const xmlChar *uri, int nns, const xmlChar **ns, int nattrs,
                  int ndefaulted, const xmlChar **attrs)
{
    drsw_xml_t       *node;
    drsw_xml_build_t *b;

    (void) prefix;
    (void) uri;
    (void) nns;
    (void) ns;
    (void) nattrs;
    (void) ndefaulted;
    (void) attrs;

    b = arg;

    if (b->failed) {
        return;
    }

    if (++b->depth > DRSW_XML_DEPTH_MAX || ++b->nodes > DRSW_XML_NODES_MAX) {
        drsw_xml_fail(b);
        return;
    }

    node = calloc(1, sizeof(drsw_xml_t));
    if (node == NULL) {
        drsw_xml_fail(b);
        return;
    }

    node->name = strdup((const char *) name);
    node->parent = b->cur;

    if (b->cur == NULL) {
        b->root = node;

    } else if (b->cur->last == NULL) {
        b->cur->first = node;
        b->cur->last = node;

    } else {
        b->cur->last->next = node;
        b->cur->last = node;
    }

    b->cur = node;

    if (node->name == NULL) {
        drsw_xml_fail(b);
    }
}


static void
drsw_xml_on_end(void *arg, const xmlChar *name, const xmlChar *prefix,
                const xmlChar *uri)
{
    drsw_xml_build_t *b;

    (void) name;
    (void) prefix;
    (void) uri;

    b = arg;

    if (b->failed || b->cur == NULL) {
        return;
    }

    b->depth--;
    b->cur = b->cur->parent;
}


static void
drsw_xml_on_text(void *arg, const xmlChar *data, int len)
{
    char             *text;
    size_t            need, cap;
    drsw_xml_t       *node;
    drsw_xml_build_t *b;

    b = arg;
    node = b->cur;

    if (b->failed || node == NULL || len <= 0) {
        return;
    }

    need = node->text_len + (size_t) len + 1;

    if (need > node->text_cap) {
        cap = node->text_cap == 0 ? need : need * 2;
        text = realloc(node->text, cap);
        if (text == NULL) {
            drsw_xml_fail(b);
            return;
        }

        node->text = text;
        node->text_cap = cap;
    }

    memcpy(node->text + node->text_len, data, (size_t) len);
    node->text_len += (size_t) len;
    node->text[node->text_len] = '\0';
}


static void
drsw_xml_on_doctype(void *arg, const xmlChar *name, const xmlChar *external,
                    const xmlChar *system)
{
    (void) name;
    (void) external;
    (void) system;

    drsw_xml_fail(arg);
}


static void
drsw_xml_on_error(void *arg, const char *fmt, ...)
{
    drsw_xml_build_t *b;

    (void) fmt;

    b = arg;
    b->failed = 1;
}


static void
drsw_xml_on_warning(void *arg, const char *fmt, ...)
{
    (void) arg;
    (void) fmt;
}


drsw_xml_t *
drsw_xml_parse(const char *data, size_t len)
{
    int              rc;
    xmlSAXHandler    sax;
    drsw_xml_build_t b;

    if (len == 0 || len > INT_MAX) {
        return NULL;
    }

    memset(&b, 0, sizeof(b));
    memset(&sax, 0, sizeof(sax));

    sax.initialized = XML_SAX2_MAGIC;
    sax.startElementNs = drsw_xml_on_start;
    sax.endElementNs = drsw_xml_on_end;
    sax.characters = drsw_xml_on_text;
    sax.cdataBlock = drsw_xml_on_text;
    sax.internalSubset = drsw_xml_on_doctype;
    sax.error = drsw_xml_on_error;
    sax.fatalError = drsw_xml_on_error;
    sax.warning = drsw_xml_on_warning;

    b.parser = xmlCreatePushParserCtxt(&sax, &b, NULL, 0, NULL);
    if (b.parser == NULL) {
        return NULL;
    }

    (void) xmlCtxtUseOptions(b.parser, XML_PARSE_NONET);

    rc = xmlParseChunk(b.parser, data, (int) len, 1);

    if (rc != 0 || !b.parser->wellFormed || b.cur != NULL) {
        b.failed = 1;
    }

    xmlFreeParserCtxt(b.parser);

    if (b.failed) {
        drsw_xml_free(b.root);
        return NULL;
    }

    return b.root;
}


void
drsw_xml_free(drsw_xml_t *root)
{
    drsw_xml_t *node, *next;

    /* not recursive: leaf by leaf */

    node = root;

    while (node != NULL) {
        if (node->first != NULL) {
            next = node->first;
            node->first = next->next;
            next->parent = node;
            node = next;
            continue;
        }

        next = node == root ? NULL : node->parent;

        free(node->name);
        free(node->text);
        free(node);

        node = next;
    }
}


const drsw_xml_t *
drsw_xml_child(const drsw_xml_t *node, const char *name)
{
    const drsw_xml_t *child;

    if (node == NULL) {
        return NULL;
    }

    for (child = node->first; child != NULL; child = child->next) {
        if (strcmp(child->name, name) == 0) {
            return child;
        }
    }

    return NULL;
}


const char *
drsw_xml_text(const drsw_xml_t *node)
{
    if (node == NULL) {
        return NULL;
    }

    return node->text != NULL ? node->text : "";
}
