-- What auth has for post to build on.
create table auth_referred (id int primary key);
create view auth_shown as select id from auth_referred;
create type auth_used_enum as enum ('one', 'two');
create function auth_used_function() returns int language sql as 'select 1';
insert into auth_referred values (1), (2);
