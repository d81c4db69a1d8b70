
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * The audit trail (security.md 8.2, api.md 10.4 AuditEntry): what an entry
 * shows, its place in the hash chain, and the check of a chain.  The steps of
 * an entry from the change to the chain are in docs/audit.md.
 *
 * Chain: an entry's id is "<ms>-<seq>", ms its time, seq counting from 1
 * without gaps.  hash = SHA-256(prevHash as 64 hex digits, then the canonical
 * JSON of the entry without prevHash and hash); prevHash is the hash of entry
 * seq - 1, 64 zeros for the first one.
 */

#ifndef DRS_AUDIT_H_INCLUDED
#define DRS_AUDIT_H_INCLUDED


#include <jansson.h>

#include "drs_buf.h"
#include "drs_sha256.h"


#define DRS_AUDIT_REDACTED "[redacted]"
#define DRS_AUDIT_ID_SIZE  42   /* two 64-bit numbers and '-' */
#define DRS_AUDIT_TEXT_MAX 2048 /* bytes of one text of a caller */

/* prevHash of the first entry */
extern const char drs_audit_zero[DRS_SHA256_HEX_LEN + 1];


/* -- what is written down ---------------------------------------------------- */

/*
 * 1 for a member whose value is never written down: its name, without case
 * and separators, contains a word of the list of security.md 8.2.
 */
int drs_audit_secret_key(const char *key);

/*
 * Appends a text with what has the shape of a JWT, an AWS access key id or an
 * AWS secret key replaced.
 */
int drs_audit_redact_text(drs_buf_t *b, drs_str_t s) DRS_MUST_CHECK;

/*
 * A deep copy without secrets: values of secret members as a whole, texts by
 * shape, everything below depth 32.  NULL without memory.
 */
json_t *drs_audit_redact(const json_t *v) DRS_MUST_CHECK;

/*
 * Redacted copies with the members that differ only.  Either may be NULL or
 * no object: then the other is copied whole.  A member that only one side has
 * appears there alone.  A secret that changed is redacted on both sides.
 * *b, *a: new references, NULL where the side was NULL.  DRS_OK or DRS_ERROR.
 */
int drs_audit_diff(const json_t *before, const json_t *after, json_t **b,
                   json_t **a) DRS_MUST_CHECK;


/* -- the chain ----------------------------------------------------------------- */

/* An entry's id; dst of DRS_AUDIT_ID_SIZE bytes. */
void drs_audit_id(char *dst, int64_t ms, uint64_t seq);
int drs_audit_id_parse(drs_str_t id, int64_t *ms, uint64_t *seq) DRS_MUST_CHECK;

/*
 * The finished entry of a raw one (borrowed; anything, NULL for text that was
 * no JSON): members of AuditEntry only, required ones filled in, before and
 * after reduced by drs_audit_diff(), texts redacted, then id, time, prevHash
 * and hash.  The hash is written to `hash` too.  NULL without memory.
 */
json_t *drs_audit_entry(const json_t *raw, int64_t ms, uint64_t seq,
                        const char *prev_hash,
                        char hash[DRS_SHA256_HEX_LEN + 1]) DRS_MUST_CHECK;

/* Hash of a finished entry as it should be.  DRS_OK, or DRS_ERROR. */
int drs_audit_hash(const json_t *entry, drs_str_t prev_hash,
                   char hash[DRS_SHA256_HEX_LEN + 1]) DRS_MUST_CHECK;


/* -- verification ---------------------------------------------------------------- */

typedef enum {
    DRS_AUDIT_BAD_NONE = 0,
    DRS_AUDIT_BAD_FORM,     /* no entry at all */
    DRS_AUDIT_BAD_CHANGED,  /* does not fit its own hash */
    DRS_AUDIT_BAD_REPLACED, /* the next entry knows another hash */
    DRS_AUDIT_BAD_REMOVED,  /* entries seq .. last are missing */
    DRS_AUDIT_BAD_MOVED,    /* stands behind a later entry */
    DRS_AUDIT_BAD_DOUBLE,   /* a second entry with this number */
    DRS_AUDIT_BAD_START,    /* does not follow the checkpoint, or what is
                                   before it was not signed off */
    DRS_AUDIT_BAD_END       /* the end is not the one that is recorded */
} drs_audit_bad_t;

/* One finding; id is a view ("" for missing entries), valid in the call. */
typedef struct {
    drs_audit_bad_t bad;
    uint64_t        seq, last;
    drs_str_t       id;
    size_t          place; /* of the entry in what was read, from 1 */
} drs_audit_finding_t;

typedef void (*drs_audit_found_pt)(void *data, const drs_audit_finding_t *f);

#define DRS_AUDIT_GAPS_MAX 1024

/* Private but for what is marked; zeroed by drs_audit_verify_init(). */
typedef struct {
    drs_audit_found_pt found;
    void              *data;
    size_t             place;
    size_t             n_bad; /* findings so far */
    uint64_t           n;     /* entries read */
    uint64_t           first; /* seq that is expected first */
    uint64_t           seq;   /* highest so far */
    char               hash[DRS_SHA256_HEX_LEN + 1]; /* its hash */
    char               id[DRS_AUDIT_ID_SIZE];        /* its id */
    int64_t            ms;
    char               start[DRS_SHA256_HEX_LEN + 1];
    unsigned           signed_off : 1;
    unsigned           anchor_seen : 1;
    drs_str_t          anchor; /* set by the caller: a hash */
    size_t             n_gaps;
    struct {
        uint64_t from, to;
    } gaps[DRS_AUDIT_GAPS_MAX];
} drs_audit_verify_t;


/*
 * Begins a check behind entry `seq` with hash `hash` (0 and NULL: from the
 * first entry).
 */
void
drs_audit_verify_init(drs_audit_verify_t *v, uint64_t seq, const char *hash,
                      drs_audit_found_pt found, void *data);

/* The next entry as it stands. */
void drs_audit_verify_entry(drs_audit_verify_t *v, const json_t *entry);

/*
 * The end: reports what is missing.  head_seq, head_hash: the recorded end
 * (0, NULL: not known).  Returns the number of findings.
 */
size_t drs_audit_verify_end(drs_audit_verify_t *v, uint64_t head_seq,
                            const char *head_hash);

/* "changed", "removed", ...: stable words of the reports. */
const char *drs_audit_bad_name(drs_audit_bad_t bad);


#endif /* DRS_AUDIT_H_INCLUDED */
