
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * The version of module, worker, client, console and API, which are released
 * together. scripts/check_version.py compares the places that name it.
 */

#ifndef DRS_VERSION_H
#define DRS_VERSION_H


#define DRS_VERSION "0.1.0"


#endif /* DRS_VERSION_H */
