drop table projects;
drop function get_current_tenant_id();
