/* commands: what main.c's table calls. Each is documented there. */
#ifndef DATELINE_MAIN_COMMANDS_H
#define DATELINE_MAIN_COMMANDS_H

#include "main/args.h"

/* command_site.c */
rc command_init(const struct args *args);
rc command_serve(const struct args *args);

/* command_doctor.c */
rc command_doctor(const struct args *args);

#endif
