/*
 * The schema. To change it, add a step and raise SCHEMA_VERSION; a step that was released is never
 * edited. Every step runs in one transaction together with the change of user_version.
 *
 * Truth, which nothing can give back when it is lost:
 *     entries.bytes        the log
 *     revisions.canonical  what was published
 *     revisions.salts, acts.parts, acts.salts    with them the log's roots can be opened
 *     stories.uri, version, content, reason      what the sender said beside the text
 *     paths, list_places, notes   addresses and places that were given; they never change hands
 *     held, tokens, meta
 * Derived from those, and checked by fsck (docs/site-format.md):
 *     stories.number, last_entry, text_lost      from entries and revisions
 *     stories.path … picture, translation_of, standing    from the newest revision's canonical bytes
 *     list_places.shown, lists.places, shown     from list_places.stands and the story's state
 *     notes.at, change, text                     from the last of its revision's corrections
 * Each sum is of its row's truth, see version 5.
 * stories.state follows from the entries' types; lists.updated from their times.
 *
 * Integers are signed here, so indexes and versions go up to 2^63 - 1. Times are milliseconds.
 * There is no outbox table: each entry of a story is a row to be carried to the pages, and its
 * sequence is its index + 1. So a database that was restored and refilled from the journal counts
 * on as the page store remembers.
 */
#include "store/schema.h"

static const char version_1[] =
    /* row: order of creation. A story is never deleted, so that ids, codes and paths are never
     * given twice; a destroyed one has lost its texts. */
    "CREATE TABLE stories ("
    "  row INTEGER PRIMARY KEY,"
    "  id BLOB NOT NULL UNIQUE CHECK (length(id) = 16),"
    "  state TEXT NOT NULL," /* word of enum story_state */
    "  number INTEGER NOT NULL CHECK (number >= 0),"
    "  last_entry INTEGER NOT NULL,"
    "  uri TEXT UNIQUE,"
    "  version INTEGER,"
    "  content BLOB CHECK (length(content) = 32),"
    "  reason TEXT,"
    "  text_lost INTEGER NOT NULL DEFAULT 0,"
    "  path TEXT,"
    "  code TEXT UNIQUE,"
    "  published INTEGER NOT NULL,"
    "  updated INTEGER NOT NULL,"
    "  headline TEXT,"
    "  standfirst TEXT,"
    "  section TEXT,"
    "  kind TEXT," /* word of enum work */
    "  language TEXT,"
    "  picture TEXT," /* JSON, see struct card */
    "  author TEXT,"  /* the first byline */
    "  retracted INTEGER NOT NULL DEFAULT 0"
    ") STRICT;"

    /* What else senders have called a story: its updates came under names of their own. */
    "CREATE TABLE uris ("
    "  uri TEXT PRIMARY KEY,"
    "  story INTEGER NOT NULL REFERENCES stories"
    ") STRICT, WITHOUT ROWID;"

    /* Every path that a story has or had. */
    "CREATE TABLE paths ("
    "  path TEXT PRIMARY KEY,"
    "  story INTEGER NOT NULL REFERENCES stories"
    ") STRICT, WITHOUT ROWID;"

    "CREATE INDEX paths_of_story ON paths (story);"

    "CREATE TABLE entries ("
    "  idx INTEGER PRIMARY KEY CHECK (idx >= 0),"
    "  story INTEGER REFERENCES stories," /* NULL: of no story */
    "  bytes BLOB NOT NULL CHECK (length(bytes) BETWEEN 1 AND 512)"
    ") STRICT;"

    /* One for each entry with a text; keyed by the entry, so that new ones go to the end of the
     * table. canonical and salts are NULL when the text is lost or destroyed. */
    "CREATE TABLE revisions ("
    "  entry INTEGER PRIMARY KEY REFERENCES entries,"
    "  story INTEGER NOT NULL REFERENCES stories,"
    "  number INTEGER NOT NULL CHECK (number >= 1),"
    "  canonical BLOB,"
    "  salts BLOB CHECK (length(salts) % 32 = 0),"
    "  UNIQUE (story, number),"
    "  CHECK ((canonical IS NULL) = (salts IS NULL))"
    ") STRICT;"

    /* One for each entry of a story without a text of its own (withdrawal, restore); none if lost.
     */
    "CREATE TABLE acts ("
    "  entry INTEGER PRIMARY KEY REFERENCES entries,"
    "  story INTEGER NOT NULL REFERENCES stories,"
    "  parts TEXT NOT NULL," /* JSON array of the parts' texts */
    "  salts BLOB NOT NULL CHECK (length(salts) % 32 = 0)"
    ") STRICT;"
    "CREATE INDEX acts_of_story ON acts (story);"

    "CREATE TABLE lists ("
    "  id INTEGER PRIMARY KEY,"
    "  key TEXT NOT NULL UNIQUE,"
    "  title TEXT,"
    "  places INTEGER NOT NULL DEFAULT 0 CHECK (places >= 0)," /* given so far */
    "  shown INTEGER NOT NULL DEFAULT 0 CHECK (shown BETWEEN 0 AND places),"
    "  updated INTEGER NOT NULL DEFAULT 0" /* time of the last act on what it shows */
    ") STRICT;"

    /* stands: the story's newest act says that it belongs here. shown: it stands here, is
     * published, and its text is there. A place whose story left stays its own for ever. In the key,
     * so that what a list shows costs as much as it shows, however many places are empty, and no
     * second index has to be written with every story of every list. */
    "CREATE TABLE list_places ("
    /* In the order of the key: else SQLite 3.40's integrity check sees NULLs that are not there. */
    "  list INTEGER NOT NULL REFERENCES lists,"
    "  shown INTEGER NOT NULL CHECK (shown <= stands),"
    "  place INTEGER NOT NULL CHECK (place >= 1),"
    "  story INTEGER NOT NULL REFERENCES stories,"
    "  stands INTEGER NOT NULL,"
    "  PRIMARY KEY (list, shown, place)"
    ") STRICT, WITHOUT ROWID;"
    "CREATE UNIQUE INDEX places_of_story ON list_places (story, list);"

    "CREATE TABLE held ("
    "  id INTEGER PRIMARY KEY AUTOINCREMENT," /* never given twice: a late drop hits nothing else */
    "  due INTEGER NOT NULL,"
    "  uri TEXT UNIQUE,"
    "  draft BLOB NOT NULL,"
    "  version INTEGER,"
    "  content BLOB NOT NULL CHECK (length(content) = 32),"
    "  change TEXT NOT NULL," /* word of enum change */
    "  change_note TEXT"
    ") STRICT;"
    "CREATE INDEX held_due ON held (due, id);"

    "CREATE TABLE tokens ("
    "  id INTEGER PRIMARY KEY AUTOINCREMENT,"
    "  name TEXT NOT NULL,"
    "  hash BLOB NOT NULL UNIQUE CHECK (length(hash) = 32)," /* the token itself is not kept */
    "  made INTEGER NOT NULL,"
    "  revoked INTEGER NOT NULL DEFAULT 0"
    ") STRICT;"
    "CREATE UNIQUE INDEX tokens_valid ON tokens (name) WHERE revoked = 0;"

    "CREATE TABLE meta (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;";

/* Which stories are one story in several languages. NULL: it translates none. */
static const char version_2[] =
    "ALTER TABLE stories ADD COLUMN translation_of BLOB CHECK (length(translation_of) = 16);"
    "CREATE INDEX translations ON stories (translation_of) WHERE translation_of IS NOT NULL;"
    /* Of the newest text that is here, as store_publish() keeps it. */
    "UPDATE stories SET translation_of = (SELECT "
    "  unhex(json_extract(CAST(canonical AS TEXT), '$.translationOf')) FROM revisions "
    "  WHERE story = row AND canonical IS NOT NULL ORDER BY revisions.number DESC LIMIT 1);";

/* What revisions told their readers: clarifications, corrections, editor's notes, retractions, each on a place
 * of its own in its edition's list, so that a story that was corrected twice stands there twice. Before this
 * step the stories themselves stood in these lists. */
static const char version_3[] =
    "CREATE TABLE notes ("
    "  list TEXT NOT NULL," /* its key; these are not in `lists`, which have stories */
    "  place INTEGER NOT NULL CHECK (place >= 1),"
    "  entry INTEGER NOT NULL UNIQUE REFERENCES revisions,"
    "  story INTEGER NOT NULL REFERENCES stories,"
    "  at INTEGER NOT NULL,"
    "  change TEXT NOT NULL," /* word of enum change */
    "  text TEXT,"            /* NULL: destroyed */
    "  PRIMARY KEY (list, place)"
    ") STRICT, WITHOUT ROWID;"
    "CREATE INDEX notes_of_story ON notes (story);"
    "INSERT INTO notes SELECT key, row_number() OVER (PARTITION BY key ORDER BY entry), entry, "
    "story,"
    "  json_extract(note, '$.at'), json_extract(note, '$.kind'), json_extract(note, '$.text') FROM "
    "("
    "  SELECT lists.key, entry, story, json_extract(CAST(canonical AS TEXT), '$.corrections[#-1]') "
    "AS note "
    "  FROM revisions JOIN list_places USING (story) JOIN lists ON lists.id = list "
    "  WHERE stands = 1 AND (lists.key = 'corrections' OR lists.key GLOB '*:corrections') AND "
    "canonical IS NOT NULL "
    "  AND json_extract(CAST(canonical AS TEXT), '$.change') IN "
    "  ('clarification', 'correction', 'editors-note', 'retraction')) WHERE note IS NOT NULL;"
    "DELETE FROM list_places WHERE list IN "
    "  (SELECT id FROM lists WHERE key = 'corrections' OR key GLOB '*:corrections');"
    "DELETE FROM lists WHERE key = 'corrections' OR key GLOB '*:corrections';"
    /* The few that are not shown. */
    "CREATE INDEX stories_gone ON stories (state, path) WHERE state <> 'published';";

/* Which are standing pages, and where they stand among the links at the foot. NULL: a story. Before this
 * step there were none. */
static const char version_4[] =
    "ALTER TABLE stories ADD COLUMN standing INTEGER CHECK (standing BETWEEN 1 AND 999);"
    "CREATE INDEX standing_pages ON stories (standing) WHERE standing IS NOT NULL;";

/* What these say, nothing else in the site knows: row_sum() (sum.c) lets fsck see that they still say it. */
static const char version_5[] =
    "ALTER TABLE stories ADD COLUMN sum BLOB CHECK (length(sum) = 8);"
    "ALTER TABLE uris ADD COLUMN sum BLOB CHECK (length(sum) = 8);"
    "ALTER TABLE paths ADD COLUMN sum BLOB CHECK (length(sum) = 8);"
    "ALTER TABLE lists ADD COLUMN sum BLOB CHECK (length(sum) = 8);"
    "ALTER TABLE held ADD COLUMN sum BLOB CHECK (length(sum) = 8);"
    "ALTER TABLE tokens ADD COLUMN sum BLOB CHECK (length(sum) = 8);"
    "ALTER TABLE meta ADD COLUMN sum BLOB CHECK (length(sum) = 8);"
    "UPDATE stories SET "
    "  sum = row_sum(id, uri, version, content, reason, path, code, published, updated);"
    "UPDATE uris SET sum = row_sum(uri, story);"
    "UPDATE paths SET sum = row_sum(path, story);"
    "UPDATE lists SET sum = row_sum(key, title, updated);"
    "UPDATE held SET sum = row_sum(due, uri, draft, version, content, change, change_note);"
    "UPDATE tokens SET sum = row_sum(name, hash, made, revoked);"
    "UPDATE meta SET sum = row_sum(name, value);";

const char *const schema_steps[SCHEMA_VERSION] = {version_1, version_2, version_3, version_4,
                                                  version_5};
