-- What the whole database has.
create language law_language handler plpgsql_call_handler;
create access method law_method type index handler bthandler;
create function law_event() returns event_trigger language plpgsql as 'begin end';
create event trigger law_trigger on ddl_command_start when tag in ('DROP RULE')
    execute function law_event();
