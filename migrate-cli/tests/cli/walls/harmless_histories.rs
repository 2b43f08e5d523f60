//! Harmless histories in which tables come, go, change their names and their owners.

use testkit::large_history::{HistoryOptions, write_large_history_with};

use super::harmless::{History, harmless, pass};
use crate::workspace;

const LIVES: &[History] = &[
    harmless(
        "renamed and used on",
        &[
            ("auth", "alter table users rename to people;\nupdate people set name = name;"),
            ("auth", "alter table people rename column name to title;"),
            ("auth", "alter table people rename to users;\nalter table users rename title to name;"),
            ("post", "alter table posts add column editor int references users;"),
        ],
    ),
    harmless(
        "a table replaced by a new one of its name",
        &[(
            "post",
            "create table posts_new (id bigint primary key, author int references users, title text);\n\
             insert into posts_new select * from posts;\n\
             alter table posts rename to posts_old;\n\
             alter table posts_new rename to posts;\n\
             drop table posts_old;\n\
             alter index posts_new_pkey rename to posts_pkey;",
        )],
    ),
    harmless(
        "a name that another service takes later",
        &[
            ("auth", "create table events (id int primary key);\ninsert into events values (1);"),
            ("auth", "drop table events;"),
            ("post", "create table events (at date);\nalter table events add column id serial primary key;"),
            ("post", "insert into events values (now());"),
        ],
    )
    .post("events"),
    harmless(
        "names of tables that are all gone",
        &[
            ("auth", "create table scratch (id int);\ncreate table scratch_2 as select * from scratch;"),
            ("auth", "drop table scratch, scratch_2;"),
            ("post", "create table scratch (id int);\ndrop table scratch;"),
        ],
    ),
    harmless(
        "globs",
        &[
            ("auth", "create table auth_tokens (id int primary key);\ncreate table auth_keys (id int primary key);"),
            ("post", "create table post_tags (id int primary key);\ncreate table post_auth_tags (id int primary key);"),
            ("auth", "drop table auth_keys;"),
        ],
    )
    .auth("auth_*")
    .post("post_*"),
    harmless(
        "schemas of their own",
        &[
            (
                "auth",
                "create schema auth create table keys (id int primary key) create view key_ids as select id from keys;\n\
                 alter table auth.keys add column secret text;",
            ),
            ("post", "create schema post;\ncreate table post.keys (id int primary key, author int references users);"),
            ("auth", "drop view auth.key_ids;\nalter schema auth rename to auth_new;\nalter schema auth_new rename to auth;"),
            ("post", "drop schema post cascade;\ncreate schema post;\ncreate table post.keys (id int primary key);"),
        ],
    )
    .auth("auth.*")
    .post("post.*"),
    harmless(
        "moved to a schema",
        &[
            ("post", "create schema post;\ncreate table drafts (id serial primary key);"),
            ("post", "alter table drafts set schema post;\ninsert into post.drafts default values;\nselect setval('post.drafts_id_seq', 4);"),
        ],
    )
    .post("post.drafts"),
    harmless(
        "handed to another service",
        &[
            ("auth", "create table profiles (id int primary key, owner int references users);"),
            ("post", "alter table profiles add column bio text;\nupdate profiles set bio = '';"),
            ("post", "alter table profiles rename bio to about;\ncreate index on profiles (owner);"),
        ],
    )
    .post("profiles")
    .settings(
        "[[transfers]]\ntable = \"profiles\"\nfrom = \"auth\"\nto = \"post\"\nafter = \"20240103000000\"\n",
    ),
    harmless(
        "one after another to the columns of one table",
        &[
            ("post", "alter table posts add column views int;"),
            ("post", "update posts set views = 0;\nalter table posts alter column views set not null, alter views set default 0;"),
            ("post", "alter table posts rename column views to reads;"),
            ("post", "alter table posts drop column reads cascade;"),
        ],
    ),
    harmless(
        "foreign keys both ways",
        &[
            ("auth", "alter table users add column pinned int references posts;"),
            ("post", "alter table posts drop constraint posts_author_fkey;"),
            ("auth", "truncate users;\ndelete from users;"),
            ("auth", "alter table users drop column pinned;"),
            ("post", "truncate posts cascade;\ndrop table posts cascade;\ncreate table posts (id int primary key);"),
        ],
    ),
    harmless(
        "a history that Prisma wrote",
        &[
            (
                "auth",
                "-- CreateEnum\nCREATE TYPE \"Role\" AS ENUM ('USER', 'ADMIN');\n\n\
                 -- CreateTable\nCREATE TABLE \"User\" (\n    \"id\" SERIAL NOT NULL,\n    \"email\" TEXT NOT NULL,\n\
                 \x20   \"role\" \"Role\" NOT NULL DEFAULT 'USER',\n\n    CONSTRAINT \"User_pkey\" PRIMARY KEY (\"id\")\n);\n\n\
                 -- CreateIndex\nCREATE UNIQUE INDEX \"User_email_key\" ON \"User\"(\"email\");",
            ),
            (
                "post",
                "-- CreateTable\nCREATE TABLE \"Post\" (\n    \"id\" SERIAL NOT NULL,\n    \"authorId\" INTEGER NOT NULL,\n\n\
                 \x20   CONSTRAINT \"Post_pkey\" PRIMARY KEY (\"id\")\n);\n\n\
                 -- AddForeignKey\nALTER TABLE \"Post\" ADD CONSTRAINT \"Post_authorId_fkey\" FOREIGN KEY (\"authorId\")\n\
                 REFERENCES \"User\"(\"id\") ON DELETE RESTRICT ON UPDATE CASCADE;",
            ),
            (
                "auth",
                "-- AlterEnum\nALTER TYPE \"Role\" ADD VALUE 'OWNER';\n\n\
                 -- AlterTable\nALTER TABLE \"User\" DROP COLUMN \"role\",\nADD COLUMN     \"name\" TEXT;\n\n\
                 -- DropEnum\nDROP TYPE \"Role\";",
            ),
        ],
    )
    .alone()
    .auth("User")
    .post("Post"),
    harmless(
        "a history that TypeORM wrote",
        &[
            (
                "auth",
                "CREATE TABLE \"user\" (\"id\" uuid NOT NULL DEFAULT gen_random_uuid(), \"name\" character varying NOT NULL,\n\
                 CONSTRAINT \"PK_cace4a159ff9f2512dd42373760\" PRIMARY KEY (\"id\"));\n\
                 ALTER TABLE \"user\" ADD \"createdAt\" TIMESTAMP NOT NULL DEFAULT now();\n\
                 ALTER TABLE \"public\".\"user\" ALTER COLUMN \"name\" TYPE varchar(80);",
            ),
            (
                "post",
                "CREATE TABLE \"order\" (\"id\" SERIAL NOT NULL, \"userId\" uuid, PRIMARY KEY (\"id\"));\n\
                 ALTER TABLE \"order\" ADD CONSTRAINT \"FK_1\" FOREIGN KEY (\"userId\") REFERENCES \"user\"(\"id\");\n\
                 ALTER TABLE \"order\" DROP CONSTRAINT \"FK_1\";",
            ),
        ],
    )
    .alone()
    .auth("user")
    .post("order"),
    harmless(
        "a function of everything, for everybody",
        &[
            (
                "",
                "create function set_updated_at() returns trigger language plpgsql as $$\n\
                 begin\n    if new is distinct from old then new.updated_at := now(); end if;\n    return new;\nend $$;\n\
                 create function manage_updated_at(_tbl regclass) returns void language plpgsql as $$\n\
                 begin\n    execute format('create trigger set_updated_at before update on %s\n\
                 \x20       for each row execute procedure set_updated_at()', _tbl);\nend $$;",
            ),
            ("post", "alter table posts add column updated_at timestamptz;\nselect manage_updated_at('posts');"),
            ("auth", "alter table users add column updated_at timestamptz;\nselect manage_updated_at('users');"),
        ],
    ),
];

#[test]
fn lives() {
    pass(LIVES);
}

/// Everything of one service: the large history has no services, so that another stands by.
#[test]
fn a_large_history() {
    let workspace = workspace();
    workspace.write(
        "migrate.toml",
        "[databases.main]\nurl = \"${DATABASE_URL}\"\ncreate = true\n\n\
         [services.all]\nowns = [\"*\", \"[!p]*.*\"]\n\n[services.none]\nowns = []\n",
    );
    let migrations = workspace.path("migrations");
    write_large_history_with(&migrations, 150, HistoryOptions::of_server())
        .expect("the history is written");
    let run = workspace.run("deploy");
    assert_eq!(run.code(), 0, "{run}");
}

/// This repository's own history.
#[test]
fn our_own_history() {
    let workspace = workspace();
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let settings = std::fs::read_to_string(root.join("migrate.toml")).expect("it is there");
    workspace.write("migrate.toml", &settings);
    for folder in std::fs::read_dir(root.join("migrations")).expect("it is there") {
        let folder = folder.expect("it is there").path();
        let name = folder.file_name().expect("it has a name").to_string_lossy();
        if !folder.is_dir() {
            continue;
        }
        let read = |file: &str| std::fs::read_to_string(folder.join(file)).unwrap_or_default();
        workspace.migration_with(
            &name,
            &read("up.sql"),
            &read("down.sql"),
            &read("metadata.toml"),
        );
    }
    for line in ["deploy", "generate", "check", "revert --steps 2", "deploy"] {
        let run = workspace.run(line);
        assert_eq!(run.code(), 0, "{run}");
    }
}
