drop trigger projects_audit on projects;
drop function create_audit_entry();
drop table audit_entries;
