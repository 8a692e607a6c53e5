/* sql: every statement, by name. They are prepared once, when the store is opened. store/ only. */
#ifndef DATELINE_STORE_SQL_H
#define DATELINE_STORE_SQL_H

#define STORY_COLUMNS                                                                    \
    "row, id, state, number, last_entry, uri, version, content, path, code, published, " \
    "updated, reason, text_lost, retracted, standing"
#define CARD_COLUMNS                                                                      \
    "id, path, code, headline, standfirst, section, kind, language, published, updated, " \
    "picture, author, retracted, "                                                        \
    "(SELECT entry FROM revisions AS r WHERE r.story = stories.row AND r.number = stories.number)"
#define HELD_COLUMNS "id, due, uri, draft, version, content, change, change_note"
#define LIST_COLUMNS "id, key, title, places, shown, updated"
#define SHOWN_PLACES                                        \
    "list_places AS p CROSS JOIN stories ON row = p.story " \
    "WHERE p.shown = 1 AND p.list = (SELECT lists.id FROM lists WHERE key = ?1)"

#define NOTE_COLUMNS                                                                      \
    CARD_COLUMNS ", n.place, n.entry, n.at, n.change, n.text "                            \
                 "FROM notes AS n CROSS JOIN stories ON row = n.story WHERE n.list = ?1 " \
                 "AND n.text IS NOT NULL AND state = 'published' AND text_lost = 0"

#define SQL_TABLE(X)                                                                               \
    X(BEGIN, "BEGIN IMMEDIATE")                                                                    \
    X(BEGIN_READ, "BEGIN DEFERRED")                                                                \
    X(COMMIT, "COMMIT")                                                                            \
    X(ROLLBACK, "ROLLBACK")                                                                        \
    X(SAVEPOINT, "SAVEPOINT item")                                                                 \
    X(SAVEPOINT_KEEP, "RELEASE item")                                                              \
    X(SAVEPOINT_BACK, "ROLLBACK TO item")                                                          \
    /* stories */                                                                                  \
    X(STORY_BY_ID, "SELECT " STORY_COLUMNS " FROM stories WHERE id = ?")                           \
    X(STORY_BY_URI, "SELECT " STORY_COLUMNS " FROM stories WHERE row = coalesce("                  \
                    "(SELECT row FROM stories WHERE uri = ?1), "                                   \
                    "(SELECT story FROM uris WHERE uri = ?1))")                                    \
    X(URI_KEEP,                                                                                    \
      "INSERT INTO uris (uri, story, sum) SELECT uri, row, row_sum(uri, row) FROM stories "        \
      "WHERE row = ?1 AND uri <> ?2 AND uri IS NOT NULL ON CONFLICT (uri) DO NOTHING")             \
    X(URI_OWNER, "SELECT story FROM uris WHERE uri = ?")                                           \
    X(STORY_BY_CODE, "SELECT " STORY_COLUMNS " FROM stories WHERE code = ?")                       \
    X(STORY_BY_PATH, "SELECT " STORY_COLUMNS                                                       \
                     " FROM stories WHERE row = (SELECT story FROM paths WHERE path = ?)")         \
    X(STORY_NEXT, "SELECT " STORY_COLUMNS " FROM stories WHERE row > ? ORDER BY row LIMIT 1")      \
    X(STANDING_PAGES, "SELECT " STORY_COLUMNS " FROM stories WHERE standing IS NOT NULL "          \
                      "ORDER BY standing, row LIMIT ?")                                            \
    X(STORY_ADD, "INSERT INTO stories (id, state, number, last_entry, published, updated, sum) "   \
                 "VALUES (?1, ?2, ?3, ?4, ?5, ?6, row_sum(?1, NULL, NULL, NULL, NULL, NULL, "      \
                 "NULL, ?5, ?6)) RETURNING row")                                                   \
    X(STORY_ACT, "UPDATE stories SET state = ?2, number = ?3, last_entry = ?4, text_lost = ?5 "    \
                 "WHERE row = ?1")                                                                 \
    X(STORY_SENDER,                                                                                \
      "UPDATE stories SET uri = ?2, version = ?3, content = ?4, reason = ?5, "                     \
      "sum = row_sum(id, ?2, ?3, ?4, ?5, path, code, published, updated) WHERE row = ?1")          \
    X(STORY_DERIVED,                                                                               \
      "UPDATE stories SET path = ?2, code = ?3, published = ?4, updated = ?5, headline = ?6, "     \
      "standfirst = ?7, section = ?8, kind = ?9, language = ?10, picture = ?11, "                  \
      "author = ?12, retracted = ?13, translation_of = ?14, standing = ?15, "                      \
      "sum = row_sum(id, uri, version, content, reason, ?2, ?3, ?4, ?5) WHERE row = ?1")           \
    X(STORY_CARD, "SELECT " CARD_COLUMNS ", 0 FROM stories WHERE row = ?")                         \
    X(STORY_CARD_BY_ID, "SELECT " CARD_COLUMNS ", 0 FROM stories WHERE id = ?")                    \
    X(ORIGINAL_CODE, "SELECT original.code FROM stories AS s CROSS JOIN stories AS original "      \
                     "ON original.id = s.translation_of WHERE s.id = ? "                           \
                     "AND original.state = 'published' AND original.code IS NOT NULL")             \
    X(TRANSLATION_OF, "SELECT translation_of FROM stories WHERE row = ?")                          \
    X(TRANSLATIONS,                                                                                \
      "WITH RECURSIVE alike (id) AS (SELECT id FROM stories WHERE id = ?1 UNION "                  \
      "SELECT s.translation_of FROM alike JOIN stories AS s ON s.id = alike.id "                   \
      "WHERE s.translation_of IS NOT NULL UNION "                                                  \
      "SELECT s.id FROM alike JOIN stories AS s ON s.translation_of = alike.id LIMIT 256) "        \
      "SELECT " CARD_COLUMNS ", row < (SELECT row FROM stories WHERE id = ?1) "                    \
      "FROM stories WHERE row IN ("                                                                \
      "SELECT s.row FROM alike JOIN stories AS s ON s.id = alike.id) "                             \
      "AND id <> ?1 AND state = 'published' AND path IS NOT NULL ORDER BY row LIMIT ?2")           \
    X(STALE_TOLD, "SELECT t.row, o.row, n.entry, n.at, n.change, n.text FROM notes AS n "          \
                  "CROSS JOIN stories AS o ON o.row = n.story "                                    \
                  "CROSS JOIN stories AS t ON t.translation_of = o.id "                            \
                  "WHERE n.list = ?1 AND n.text IS NOT NULL AND o.state = 'published' "            \
                  "AND t.state = 'published' AND t.path IS NOT NULL "                              \
                  "AND n.entry > (SELECT max(entry) FROM revisions WHERE story = t.row) "          \
                  "ORDER BY n.place DESC LIMIT ?2")                                                \
    X(STALE_GONE, "SELECT t.row, o.row, o.last_entry FROM stories AS o "                           \
                  "CROSS JOIN stories AS t ON t.translation_of = o.id "                            \
                  "WHERE o.state IN ('withdrawn', 'destroyed') AND o.state <> 'published' "        \
                  "AND t.state = 'published' AND t.path IS NOT NULL "                              \
                  "AND o.last_entry > (SELECT max(entry) FROM revisions WHERE story = t.row) "     \
                  "LIMIT ?1")                                                                      \
    X(WITHDRAWN_COUNT, "SELECT count(*) FROM stories WHERE state = 'withdrawn' "                   \
                       "AND state <> 'published' AND path >= ?1 AND path < ?2")                    \
    X(PATH_OWNER, "SELECT id FROM stories WHERE row = (SELECT story FROM paths WHERE path = ?)")   \
    X(PATH_ADD, "INSERT INTO paths (path, story, sum) VALUES (?1, ?2, row_sum(?1, ?2))")           \
    X(CODE_OWNER, "SELECT id FROM stories WHERE code = ?")                                         \
    /* what a destroyed story loses */                                                             \
    X(DESTROY_REVISIONS, "UPDATE revisions SET canonical = NULL, salts = NULL WHERE story = ?")    \
    X(DESTROY_ACTS, "DELETE FROM acts WHERE story = ?")                                            \
    X(DESTROY_CARD, "UPDATE stories SET headline = NULL, standfirst = NULL, section = NULL, "      \
                    "kind = NULL, language = NULL, picture = NULL, author = NULL, "                \
                    "translation_of = NULL "                                                       \
                    "WHERE row = ?")                                                               \
    /* revisions and the log */                                                                    \
    X(LOG_LAST, "SELECT idx FROM entries ORDER BY idx DESC LIMIT 1")                               \
    X(ENTRY_ADD, "INSERT INTO entries (idx, story, bytes) VALUES (?, ?, ?)")                       \
    X(REVISION_ADD, "INSERT INTO revisions (entry, story, number, canonical, salts) "              \
                    "VALUES (?, ?, ?, ?, ?)")                                                      \
    X(ACT_ADD, "INSERT INTO acts (entry, story, parts, salts) VALUES (?, ?, ?, ?)")                \
    X(REVISION, "SELECT entry, canonical, revisions.salts, bytes "                                 \
                "FROM revisions CROSS JOIN entries ON idx = entry "                                \
                "WHERE revisions.story = (SELECT row FROM stories WHERE id = ?) AND number = ?")   \
    X(ENTRY, "SELECT e.bytes, s.id, r.number, r.canonical, r.salts, a.parts, a.salts "             \
             "FROM entries AS e LEFT JOIN stories AS s ON s.row = e.story "                        \
             "LEFT JOIN revisions AS r ON r.entry = e.idx "                                        \
             "LEFT JOIN acts AS a ON a.entry = e.idx WHERE e.idx = ?")                             \
    X(ENTRIES, "SELECT bytes, idx, story FROM entries WHERE idx >= ? ORDER BY idx LIMIT ?")        \
    X(OUTBOX, "SELECT idx, id FROM entries CROSS JOIN stories ON row = story "                     \
              "WHERE idx >= ? ORDER BY idx LIMIT ?")                                               \
    X(OUTBOX_LAST, "SELECT idx FROM entries WHERE story IS NOT NULL ORDER BY idx DESC LIMIT 1")    \
    /* lists */                                                                                    \
    X(LIST, "SELECT " LIST_COLUMNS " FROM lists WHERE key = ?")                                    \
    X(LIST_ADD, "INSERT INTO lists (key, sum) VALUES (?1, row_sum(?1, NULL, 0)) RETURNING id")     \
    X(LIST_TITLE, "INSERT INTO lists (key, title, sum) VALUES (?1, ?2, row_sum(?1, ?2, 0)) ON "    \
                  "CONFLICT (key) DO UPDATE "                                                      \
                  "SET title = excluded.title, sum = row_sum(key, excluded.title, updated) WHERE " \
                  "title IS NOT excluded.title")                                                   \
    X(LIST_CHANGE,                                                                                 \
      "UPDATE lists SET places = places + ?2, shown = shown + ?3, "                                \
      "updated = max(updated, ?4), sum = row_sum(key, title, max(updated, ?4)) WHERE id = ?1")     \
    X(LISTS,                                                                                       \
      "SELECT " LIST_COLUMNS " FROM lists WHERE key >= ? AND key <> ? ORDER BY key LIMIT ?")       \
    X(PLACES_OF_STORY,                                                                             \
      "SELECT list, place, stands, shown FROM list_places WHERE story = ? ORDER BY list")          \
    X(PLACE_ADD, "INSERT INTO list_places (list, place, story, stands, shown) "                    \
                 "VALUES (?, ?, ?, 1, ?)")                                                         \
    X(PLACE_SET, "UPDATE list_places SET stands = ?4, shown = ?5 "                                 \
                 "WHERE list = ?1 AND shown = ?2 AND place = ?3")                                  \
    X(CARDS, "SELECT " CARD_COLUMNS ", place FROM " SHOWN_PLACES                                   \
             " AND p.place BETWEEN ?2 AND ?3 ORDER BY p.place")                                    \
    X(NEWEST,                                                                                      \
      "SELECT " CARD_COLUMNS ", place FROM " SHOWN_PLACES " ORDER BY p.place DESC LIMIT ?2")       \
    X(STORY_PATHS, "SELECT path FROM paths WHERE story = (SELECT row FROM stories WHERE id = ?1) " \
                   "ORDER BY path")                                                                \
    X(NEAR, "SELECT story, place FROM list_places WHERE shown = 1 AND place BETWEEN ?2 AND ?3 "    \
            "AND list = (SELECT id FROM lists WHERE key = ?1) ORDER BY place")                     \
    X(NOTES, "SELECT " NOTE_COLUMNS " AND n.place BETWEEN ?2 AND ?3 ORDER BY n.place")             \
    X(NOTES_NEWEST, "SELECT " NOTE_COLUMNS " ORDER BY n.place DESC LIMIT ?2")                      \
    X(NOTES_LAST, "SELECT place FROM notes WHERE list = ? ORDER BY place DESC LIMIT 1")            \
    X(NOTE_ADD, "INSERT INTO notes (list, place, entry, story, at, change, text) VALUES (?1, "     \
                "1 + coalesce((SELECT place FROM notes WHERE list = ?1 ORDER BY place DESC "       \
                "LIMIT 1), 0), ?2, ?3, ?4, ?5, ?6)")                                               \
    X(NOTE_OF, "SELECT at, change, text FROM notes WHERE entry = ?")                               \
    X(STORY_NOTES, "SELECT list, place FROM notes "                                                \
                   "WHERE story = (SELECT row FROM stories WHERE id = ?)")                         \
    X(DESTROY_NOTES, "UPDATE notes SET text = NULL WHERE story = ?")                               \
    X(STORY_LISTS, "SELECT key, place, stands, lists.shown "                                       \
                   "FROM list_places CROSS JOIN lists ON id = list "                               \
                   "WHERE story = (SELECT row FROM stories WHERE stories.id = ?) "                 \
                   "ORDER BY key")                                                                 \
    /* held, tokens, meta */                                                                       \
    X(HELD_ADD, "INSERT INTO held (due, uri, draft, version, content, change, change_note, sum) "  \
                "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, row_sum(?1, ?2, ?3, ?4, ?5, ?6, ?7))")        \
    X(HELD_DROP_URI, "DELETE FROM held WHERE uri = ?")                                             \
    X(HELD_BY_URI, "SELECT " HELD_COLUMNS " FROM held WHERE uri = ?")                              \
    X(HELD_NEXT, "SELECT " HELD_COLUMNS " FROM held ORDER BY due, id LIMIT 1")                     \
    X(HELD_DROP, "DELETE FROM held WHERE id = ? RETURNING id")                                     \
    X(TOKEN_ADD,                                                                                   \
      "INSERT INTO tokens (name, hash, made, sum) VALUES (?1, ?2, ?3, row_sum(?1, ?2, ?3, 0))")    \
    X(TOKEN_BY_NAME, "SELECT id FROM tokens WHERE name = ? AND revoked = 0")                       \
    X(TOKEN_BY_HASH, "SELECT id, name, made, revoked FROM tokens WHERE hash = ?")                  \
    X(TOKENS, "SELECT id, name, made, revoked FROM tokens ORDER BY id")                            \
    X(TOKEN_REVOKE, "UPDATE tokens SET revoked = ?2, sum = row_sum(name, hash, made, ?2) WHERE "   \
                    "name = ?1 AND revoked = 0 "                                                   \
                    "RETURNING id")                                                                \
    X(META, "SELECT value FROM meta WHERE name = ?")                                               \
    X(META_SET, "INSERT INTO meta (name, value, sum) VALUES (?1, ?2, row_sum(?1, ?2)) "            \
                "ON CONFLICT (name) DO UPDATE SET value = excluded.value, sum = excluded.sum")     \
    /* the check */                                                                                \
    X(CHECK_SQLITE, "PRAGMA integrity_check(100)")                                                 \
    X(CHECK_REFERENCES, "PRAGMA foreign_key_check")                                                \
    X(CHECK_SIZE, "SELECT count(*) FROM stories")                                                  \
    X(CHECK_LISTS,                                                                                 \
      "SELECT key, places, lists.shown, count(DISTINCT place), coalesce(max(place), 0), "          \
      "coalesce(sum(list_places.shown), 0) "                                                       \
      "FROM lists LEFT JOIN list_places ON list = lists.id GROUP BY lists.id")                     \
    X(CHECK_PLACES, "SELECT key, place FROM list_places JOIN stories ON row = story "              \
                    "JOIN lists ON lists.id = list WHERE list_places.shown <> "                    \
                    "(stands = 1 AND state = 'published' AND text_lost = 0)")                      \
    X(CHECK_PATHS, "SELECT path FROM stories WHERE path IS NOT NULL AND row IS NOT "               \
                   "(SELECT story FROM paths WHERE paths.path = stories.path)")

enum sql {
#define X(name, text) SQL_##name,
    SQL_TABLE(X)
#undef X
        SQL_COUNT
};

#endif
