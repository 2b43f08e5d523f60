drop table posts;
drop type post_status;
