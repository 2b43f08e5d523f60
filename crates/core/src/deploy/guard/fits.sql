exists (
    select from jsonb_array_elements(mandate -> '{list}') p
     where case when p ->> 'schema' is null then c.schema ~ (p ->> 'schema_regex') else c.schema = p ->> 'schema' end
       and case when p ->> 'name' is null then c.name ~ (p ->> 'name_regex') else c.name = p ->> 'name' end)
