-- What post has built on it.
create table post_refers (
    id int primary key references auth_referred,
    kind auth_used_enum,
    made int default auth_used_function()
);
create view post_shows as select id from auth_shown;
insert into post_refers (id) values (1);
create table post_owned (id int);
alter table post_owned owner to law_post;
