select (x.found ->> 0)::int as number, x.found -> 1 as services
  from (select names -> jsonb_build_array({class}, {schema}, {name})::text as found) x
 where x.found is not null
union all
select (g ->> 'number')::int, g -> 'services'
  from jsonb_array_elements(mandate -> 'globs') g
 where g ->> 'class' = {class}
   -- What belongs to the server, or to a session, no service can mean.
   and left({schema}::text, 3) <> 'pg_' and {schema} <> 'information_schema'
   and case when g ->> 'schema' is null then {schema}::text ~ (g ->> 'schema_regex') else {schema} = g ->> 'schema' end
   and case when g ->> 'name' is null then {name}::text ~ (g ->> 'name_regex') else {name} = g ->> 'name' end
