/*
 * supervisor: `dateline serve`. Makes the sockets and shared pages, starts signer, media, core and
 * webs, and starts again what dies. It parses nothing from the network.
 *
 * 1. Every listener, channel and page is made once, before the first child, and lives as long as the
 *    supervisor: a child that is started again finds the same ones.
 * 2. The supervisor holds the site's lock for ever, also while no core runs: no command can become
 *    core in between. Core inherits it. Children die with the supervisor (SIGKILL), so a lock that
 *    is free means that nobody serves the site.
 * 3. A child that ends is started again: at once if it had lived for a while, else after 0.1, 0.2 …
 *    10 s. One that ends with the exit code of RC_FATAL stays down until SIGHUP or a new start, and
 *    the log says so once a minute: a core whose fsync failed must not go on as if nothing was.
 * 4. SIGTERM, SIGINT: webs finish what they have begun, then core, then media and signer. Who does not end in
 *    time is killed. A second SIGINT kills at once.
 * 5. SIGHUP: the configuration is read (refused as a whole if anything in it is wrong), the log file
 *    opened anew, and the children replaced one after another.
 */
#ifndef DATELINE_MAIN_SUPERVISOR_H
#define DATELINE_MAIN_SUPERVISOR_H

#include "main/site.h"

/* Returns after an orderly stop (RC_OK), or when it cannot begin, or nothing is left to supervise. */
rc supervisor_run(struct site *site) MUST_USE;

#endif
