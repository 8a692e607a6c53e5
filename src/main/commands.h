/* commands: what main.c's table calls. Each is documented there. */
#ifndef DATELINE_MAIN_COMMANDS_H
#define DATELINE_MAIN_COMMANDS_H

#include "main/args.h"
#include "main/config.h"

/* command_site.c */
rc command_init(const struct args *args);
rc command_serve(const struct args *args);
rc command_token_add(const struct args *args);
rc command_token_list(const struct args *args);
rc command_token_revoke(const struct args *args);
rc command_rebuild(const struct args *args);
rc command_make_site(const char *path,
                     const struct config *config) MUST_USE; /* what init and demo share */

/* command_story.c */
rc command_publish(const struct args *args);
rc command_page(const struct args *args);
rc command_new(const struct args *args);
rc command_withdraw(const struct args *args);
rc command_reinstate(const struct args *args);
rc command_demo(const struct args *args);

/* command_theme.c */
rc command_theme_export(const struct args *args);
rc command_theme_check(const struct args *args);

/* command_picture.c */
rc command_picture(const struct args *args);

/* command_record.c */
rc command_record_verify(const struct args *args);
rc command_record_key(const struct args *args);
rc command_record_export_key(const struct args *args);
rc command_record_adopt(const struct args *args);
rc command_record_build(const struct args *args);

/* command_status.c */
rc command_status(const struct args *args);

/* command_backup.c */
rc command_backup(const struct args *args);
rc command_restore(const struct args *args);
rc command_record_import_key(const struct args *args);

/* command_fsck.c */
rc command_fsck(const struct args *args);

/* command_doctor.c */
rc command_doctor(const struct args *args);

#endif
