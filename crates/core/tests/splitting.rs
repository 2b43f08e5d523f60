//! Where statements end, compared with the server: it runs as many as we find.

use fastrand::Rng;

use migrate_postgres::Session;
use migrate_sql::SqlFile;
use testkit::{Database, server_version};

const DIVISION_BY_ZERO: &str = "22012";

/// What may be an expression, each in a way that a lexer could take for something else.
const VALUES: &[&str] = &[
    "1",
    "1.",
    ".5",
    "1e5",
    "1.5E-3",
    "';'",
    "'a'';'",
    "'\\'",
    "E'\\';'",
    "E'a'\n'\\';'",
    "E'a' -- ;\n'\\''",
    "'a'\n'\\'",
    "$$;$$",
    "$a$;$$;$a$",
    "$a_1$ $a$;$a_1$",
    "U&'\\003b;'",
    "n';'",
    "b'1'",
    "x'1f'",
    "(1)",
    "case when true then 1 end",
    "(case 1 when 1 then (select 2 end) end)",
    "array[1, 2]",
    "1 /* ; */",
    "1 -- ;\n",
    "1 /* /* ; */ ; */",
    "-1",
    "1*/**/2",
    "2 - -3",
    "1 +-- ;\n1",
    "\"a;\".begin",
    "\"a;\".\"end\"",
    "cast(1 as int)",
    "(select 1 as end)",
    "1::int",
    "$$a$$ '' $$b$$",
];

/// What may follow it.
const LABELS: &[&str] = &[
    "",
    "",
    " as \"x;\"",
    " as end",
    " as case",
    " as begin",
    " as atomic",
    " a$$",
    " größe",
    "x",
];

/// What may follow it without `as` since version 14.
const BARE_LABELS: &[&str] = &[" end", " case", " begin", " atomic", " as", " then"];

struct Texts {
    random: Rng,
    version: i32,
}

impl Texts {
    fn one(&mut self, of: &[&'static str]) -> &'static str {
        of[self.random.usize(..of.len())]
    }

    fn select(&mut self) -> String {
        let mut columns = Vec::new();
        for _ in 0..self.random.usize(1..4) {
            let value = self.one(VALUES);
            let bare = self.version >= 14 && self.random.bool();
            let label = self.one(if bare { BARE_LABELS } else { LABELS });
            columns.push(format!("{value}{label}"));
        }
        let from = "(select 1 as begin, 2 as \"end\", 3 as atomic) \"a;\"";
        format!("select {} from {from}", columns.join(", "))
    }

    fn statement(&mut self) -> String {
        match self.random.usize(..if self.version >= 14 { 6 } else { 4 }) {
            0 => "do $x$ begin perform 1; end; $x$".to_owned(),
            1 => "/* ; */".to_owned(),
            4 | 5 => {
                let how_many = self.random.usize(..4);
                let body: String = (0..how_many).map(|_| self.select() + ";\n").collect();
                let head = self.one(&[
                    "create or replace procedure pg_temp.p()",
                    "CREATE OR REPLACE PROCEDURE pg_temp.begin(a int default (1)) language sql",
                ]);
                format!(
                    "{head} begin {} atomic {body} end",
                    self.one(&["", "/* ; */", "-- ;\n"])
                )
            }
            _ => self.select(),
        }
    }
}

/// How many statements the server has run when it comes to what follows the text; `None` where it
/// comes to something else first, or cannot read it.
fn run(session: &mut Session, text: &str) -> Option<usize> {
    let failure = session
        .run(&format!("{text}\n;select 1/0 as the_end"))
        .err()?;
    let reached = failure.error.is(DIVISION_BY_ZERO);
    reached.then_some(failure.completed)
}

#[test]
fn the_server_runs_as_many_statements_as_are_found() {
    let database = Database::fresh();
    let mut session = database.session();
    let mut texts = Texts {
        random: Rng::with_seed(12),
        version: server_version(),
    };
    let mut compared = 0;
    for _ in 0..3_000 {
        let statements: Vec<String> = (0..texts.random.usize(1..4))
            .map(|_| texts.statement())
            .collect();
        let text = statements.join(texts.one(&[";", " ;\n", ";;", "; -- ;\n"]));
        let file = SqlFile::of(&text);
        let Some(run) = run(&mut session, &text) else {
            continue;
        };
        compared += 1;
        assert_eq!(file.check(), Ok(()), "{text}");
        assert_eq!(file.statements().len(), run, "{text}");
    }
    assert!(compared > 300, "only {compared} texts were valid");
}
