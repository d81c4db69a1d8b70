
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Result codes of all drs_ functions.  The values are those of nginx, so that
 * a module function may hand them through.
 */

#ifndef DRS_RC_H_INCLUDED
#define DRS_RC_H_INCLUDED


enum drs_rc_e {
    DRS_OK = 0,       /* done */
    DRS_ERROR = -1,   /* our fault: memory, library, broken store */
    DRS_AGAIN = -2,   /* not finished, will call back */
    DRS_DECLINED = -5 /* the caller's fault: refused input */
};


#if defined(__GNUC__)
#define DRS_PRINTF(f, a) __attribute__((format(printf, f, a)))
#define DRS_MUST_CHECK   __attribute__((warn_unused_result))
#else
#define DRS_PRINTF(f, a)
#define DRS_MUST_CHECK
#endif


#endif /* DRS_RC_H_INCLUDED */
