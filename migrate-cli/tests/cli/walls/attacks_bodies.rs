//! Statements in blocks, routines and rules.

use insta::assert_snapshot;

use super::attack::{Attack, attack, refused};

const BLOCKS: &[Attack] = &[
    attack("a block", "do $$ begin drop table posts; end $$;"),
    attack(
        "a block in a string",
        "do 'begin delete from posts where title = ''x''; end';",
    ),
    attack(
        "a block in an escaped string",
        "do E'begin\\n    delete from posts;\\nend';",
    ),
    attack(
        "the language after the block",
        "do $$ begin delete from posts; end $$ language plpgsql;",
    ),
    attack(
        "the language in quotes",
        "do language 'plpgsql' $$ begin delete from posts; end $$;",
    ),
    attack(
        "the language in capitals",
        "DO LANGUAGE PLPGSQL $$ BEGIN DELETE FROM posts; END $$;",
    ),
    attack(
        "a block in a block",
        "do $outer$\n\
         begin\n\
         \x20   begin\n\
         \x20       delete from posts;\n\
         \x20   exception when others then\n\
         \x20       raise notice 'never mind';\n\
         \x20   end;\n\
         end\n\
         $outer$;",
    ),
    attack(
        "an exception handler",
        "do $$ begin\n    perform 1 / 0;\nexception when division_by_zero then\n    drop table posts;\nend $$;",
    ),
    attack(
        "a branch",
        "do $$ begin\n    if exists (select from users) then\n        null;\n    elsif true then\n\
         \x20       truncate posts;\n    else\n        null;\n    end if;\nend $$;",
    ),
    attack(
        "a case",
        "do $$ begin\n    case 1 when 1 then delete from posts; else null; end case;\nend $$;",
    ),
    attack(
        "a loop over rows that it deletes",
        "do $$ declare r record; begin\n    for r in delete from posts returning * loop\n\
         \x20       raise notice '%', r.id;\n    end loop;\nend $$;",
    ),
    attack(
        "a loop over numbers",
        "do $$ begin\n    for i in 1..2 loop\n        delete from posts where id = i;\n    end loop;\nend $$;",
    ),
    attack(
        "rows into a variable",
        "do $$ declare n int; begin\n    with gone as (delete from posts returning 1)\n\
         \x20   select count(*) into n from gone;\nend $$;",
    ),
    attack(
        "returned into a variable",
        "do $$ declare n int; begin\n    update posts set title = 'x' where id = 1 returning id into n;\nend $$;",
    ),
    attack(
        "several variables, before what is selected",
        "do $$ declare a int; r record; begin\n\
         \x20   select into strict a, r.id[1] count(*), 2 from users;\n\
         \x20   execute 'select 1' into a;\n    delete from posts;\nend $$;",
    ),
    attack(
        "a quote in a string after a variable",
        "do $$ declare a text; begin\n    select E'it\\'s' || 'it''s' into a;\n\
         \x20   delete from posts where title = a;\nend $$;",
    ),
    attack(
        "a fixed query of EXECUTE, in a loop",
        "do $$ declare r record; begin\n\
         \x20   for r in execute 'delete from posts returning id' loop null; end loop;\nend $$;",
    ),
    attack(
        "a cursor",
        "do $$ declare c cursor for select * from posts for update; begin\n    for r in c loop\n\
         \x20       delete from posts where current of c;\n    end loop;\nend $$;",
    ),
    attack(
        "a value of a sequence",
        "do $$ declare n bigint := nextval('post_numbers'); begin end $$;",
    ),
    attack(
        "a call",
        "do $$ begin perform setval('posts_id_seq', 1); end $$;",
    ),
    attack(
        "a fixed statement of EXECUTE",
        "do $$ begin execute 'drop table posts'; end $$;",
    ),
];

const ROUTINES: &[Attack] = &[
    attack(
        "a function of SQL",
        "create function auth_gone() returns void language sql as $$ delete from posts $$;",
    ),
    attack(
        "a function of SQL, its language first and in quotes",
        "create function auth_gone() returns void language 'sql' as 'delete from posts';",
    ),
    attack(
        "the second statement of a function of SQL",
        "create function auth_gone() returns bigint language sql as\n\
         $$ delete from sessions; with gone as (delete from posts returning 1) select count(*) from gone $$;",
    ),
    attack(
        "a function of PL/pgSQL",
        "create or replace function auth_gone() returns trigger as $body$\n\
         begin\n    delete from posts where author = old.id;\n    return old;\nend\n$body$ language plpgsql;",
    ),
    attack(
        "a function of PL/pgSQL, its language in quotes",
        "create function auth_gone() returns void as '\nbegin\n    delete from posts;\nend\n' language 'plpgsql';",
    ),
    attack(
        "a function that returns rows that it deletes",
        "create function auth_gone() returns setof int language plpgsql as $$\n\
         begin\n    return query delete from posts returning id;\nend $$;",
    ),
    attack(
        "the body of a standard function",
        "create function auth_gone() returns void begin atomic\n    delete from posts;\nend;",
    ),
    attack(
        "a procedure",
        "create procedure auth_gone() language plpgsql as $$ begin\n    truncate posts;\nend $$;",
    ),
    attack(
        "a standard procedure",
        "create procedure auth_gone() begin atomic\n    update posts set title = 'x';\nend;",
    ),
    attack(
        "a rule of an own table",
        "create rule auth_gone as on delete to users do also delete from posts where author = old.id;",
    ),
    attack(
        "a rule of several statements",
        "create rule auth_gone as on delete to users do also\n\
         (delete from sessions where user_id = old.id; delete from posts where author = old.id);",
    ),
    attack(
        "a rule of an own view",
        "create view auth_posts as select 1 as id;\n\
         create rule auth_gone as on insert to auth_posts do instead\n\
         insert into posts (author, title) values (1, 'x');",
    ),
    attack(
        "a function that creates",
        "create function auth_make() returns void language sql as 'create table events_2031 (id int)';",
    ),
    attack(
        "a function and a block in one",
        "create function auth_fine() returns int language sql as 'select 1';\n\
         do $$ begin perform auth_fine(); delete from posts; end $$;",
    ),
];

#[test]
fn blocks() {
    assert_snapshot!(refused(BLOCKS, 4));
}

#[test]
fn routines() {
    assert_snapshot!(refused(ROUTINES, 4));
}
