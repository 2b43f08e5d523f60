//! Ledgers as earlier versions wrote them: whoever looks reads them as they are, and whoever
//! deploys upgrades them to what a new one is.

use testkit::Workspace;

use crate::users_and_posts;

/// What leads back to a format: what each later one brought goes.
const BACK_TO: [(i32, &str); 2] = [
    (
        2,
        "alter table __migrate_ledger drop column by_hand, drop column in_place_of, \
         drop column begun; update __migrate_format set format = 2",
    ),
    (
        1,
        "alter table __migrate_ledger drop column by_hand, drop column in_place_of, \
         drop column begun, drop column breach; update __migrate_format set format = 1",
    ),
];

/// The columns of the ledger and its checks, in their order.
fn shape(workspace: &Workspace) -> Option<String> {
    workspace.database().value(
        "select pg_catalog.string_agg(pg_catalog.concat_ws(' ', a.attname, \
           pg_catalog.format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity, \
           a.attgenerated, pg_catalog.pg_get_expr(d.adbin, d.adrelid)), E'\\n' order by a.attnum) \
         || (select pg_catalog.string_agg(c.conname || pg_catalog.pg_get_constraintdef(c.oid), \
               E'\\n' order by c.conname) from pg_catalog.pg_constraint c \
             where c.conrelid = '__migrate_ledger'::regclass) \
         || (select format from __migrate_format) \
         from pg_catalog.pg_attribute a left join pg_catalog.pg_attrdef d \
           on d.adrelid = a.attrelid and d.adnum = a.attnum \
         where a.attrelid = '__migrate_ledger'::regclass and a.attnum > 0 \
           and not a.attisdropped",
    )
}

#[test]
fn an_earlier_ledger_is_read_as_it_is_and_upgraded_to_a_new_one() {
    for (format, back) in BACK_TO {
        let workspace = users_and_posts();
        workspace.run("deploy --to 20240101000000").success();
        let new = shape(&workspace);
        assert!(new.is_some(), "a new ledger has columns");
        let said = [
            workspace.run("status --json"),
            workspace.run("history --json"),
        ];
        workspace.database().execute(back);
        let earlier = shape(&workspace);
        assert_ne!(earlier, new, "format {format} is another");
        let now = [
            workspace.run("status --json"),
            workspace.run("history --json"),
        ];
        for (said, now) in said.iter().zip(&now) {
            assert_eq!(said.to_string(), now.to_string(), "in format {format}");
        }
        assert_eq!(shape(&workspace), earlier, "to look changes nothing");
        workspace.run("deploy").success();
        assert_eq!(shape(&workspace), new, "from format {format}");
    }
}
