//! Passwords, on a server that asks for them.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use insta::assert_snapshot;
use migrate_postgres::target::Target;
use migrate_postgres::{Login, Session, try_login};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use testkit::Run;

use crate::embedded::Private;
use crate::users_and_posts;

/// A server that trusts `postgres` and asks all others for their passwords.
struct Asking {
    private: Private,
    target: Target,
}

impl Asking {
    fn new() -> Self {
        let workspace = users_and_posts();
        // The roles have the services' names here: nobody else is on this server.
        workspace.write(
            "migrate.toml",
            "[databases.main]\nurl = \"${DATABASE_URL}\"\nroles = true\n\n\
             [services.auth]\nowns = [\"users\"]\n\n\
             [services.post]\nowns = [\"posts\"]\nreads = [\"users\"]\n",
        );
        let private = Private::of(workspace);
        let url = private.run("db url").success().stdout();
        let target = Target::parse(url.trim()).expect("it is a URL");
        let hba = private.folder().join("data/pg_hba.conf");
        let lines = "local all postgres trust\nlocal all all scram-sha-256\n";
        fs::write(hba, lines).expect("it is ours");
        kill(private.postmaster(), Signal::SIGHUP).expect("it runs");
        Self { private, target }
    }

    fn run(&self, line: &str, password: &str) -> Run {
        let [home] = self.private.variables();
        let variables = [home, ("POST_DATABASE_PASSWORD", password)];
        self.private.workspace.run_with(line, &variables)
    }

    fn login(&self, role: &str, password: &str) -> Login {
        let target = self.target.clone().with("user", role);
        try_login(&target.with("password", password))
    }
}

#[test]
fn a_password_is_set_at_first_and_when_it_is_another() {
    let server = Asking::new();
    server.run("deploy", "first-hunter").success();
    let mut session = Session::connect(&server.target).expect("postgres is trusted");
    session
        .execute("alter system set log_statement = 'all'")
        .expect("it is a superuser");
    session
        .query("select pg_reload_conf()", &[])
        .expect("it is a superuser");
    // The server reads its files in its own time.
    for _ in 0..100 {
        if server.login("post", "wrong") == Login::WrongPassword {
            break;
        }
        sleep(Duration::from_millis(50));
    }
    assert_eq!(server.login("post", "first-hunter"), Login::Accepted);
    assert_snapshot!(server.run("deploy", "first-hunter"), @"
    $ migrate deploy
    --- stdout
         done nothing pending in main; 2 migrations are applied
    --- exit 0
    ");
    assert_eq!(server.login("auth", ""), Login::Other);
    assert_snapshot!(server.run("deploy", "second-hunter"), @"
    $ migrate deploy
    --- stderr
         main set the password of role post
    --- stdout
         done nothing pending in main; 2 migrations are applied
    --- exit 0
    ");
    assert_eq!(server.login("post", "second-hunter"), Login::Accepted);
    assert_eq!(server.login("post", "first-hunter"), Login::WrongPassword);
    let log = fs::read_to_string(server.private.folder().join("server.log")).expect("it has a log");
    assert!(log.contains("alter role \"post\" password"), "{log}");
    assert!(!log.contains("hunter"), "{log}");
    // Refused for another reason than the password: there is nothing to set.
    session
        .execute("alter role post nologin")
        .expect("it is a superuser");
    session
        .execute("revoke connect on database main from public, post")
        .expect("it is a superuser");
    assert_snapshot!(server.run("deploy", "second-hunter"), @"
    $ migrate deploy
    --- stderr
         main let role post log in
    --- stdout
       grants 1 privilege given
         done nothing pending in main; 2 migrations are applied
    --- exit 0
    ");
}

/// No password helps a role that has expired, and a superuser's is not ours.
#[test]
fn a_password_that_would_not_help_is_not_set() {
    let server = Asking::new();
    server.run("deploy", "first").success();
    let mut session = Session::connect(&server.target).expect("postgres is trusted");
    session
        .execute("alter role post valid until '2020-01-01'")
        .expect("it is a superuser");
    for line in ["deploy --dry-run", "deploy"] {
        let run = server.run(line, "first").success();
        let told = format!("{}{}", run.stdout(), run.stderr());
        assert!(!told.contains("password"), "{run}");
    }
    let status = server.run("status", "first").success().stdout();
    assert!(
        status.contains("role post is past its `valid until`"),
        "{status}"
    );
    session
        .execute("alter role post superuser valid until 'infinity'")
        .expect("it is a superuser");
    for line in ["deploy --dry-run", "deploy"] {
        let run = server.run(line, "second").success();
        let told = format!("{}{}", run.stdout(), run.stderr());
        assert!(!told.contains("password"), "{run}");
    }
}

/// libpq tries without TLS what was refused with it, and tells both.
#[test]
fn a_wrong_password_is_known_where_tls_is_asked_for() {
    let server = Asking::new();
    server.run("deploy", "right").success();
    let data = server.private.folder().join("data");
    let owner = fs::metadata(&data).expect("it is there");
    let (certificate, key) = (data.join("server.crt"), data.join("server.key"));
    let made = Command::new("openssl")
        .args("req -x509 -newkey rsa:2048 -nodes -subj /CN=test -keyout".split(' '))
        .arg(&key)
        .arg("-out")
        .arg(&certificate)
        .output()
        .expect("openssl is installed");
    assert!(made.status.success(), "{made:?}");
    for file in [&certificate, &key] {
        chown(file, Some(owner.uid()), Some(owner.gid())).expect("it is ours");
        fs::set_permissions(file, fs::Permissions::from_mode(0o600)).expect("it is ours");
    }
    let line = "hostssl all all all scram-sha-256\n";
    fs::write(data.join("pg_hba.conf"), line).expect("it is ours");
    // An embedded server has no port: the same data on an address that no other test has.
    let program = fs::read_link(format!("/proc/{}/exe", server.private.postmaster()));
    let [_, a, b, c] = std::process::id().to_be_bytes();
    let host = format!("127.{}.{b}.{}", a | 1, c | 1);
    server.private.run("db stop").success();
    let child = Command::new(program.expect("it runs"))
        .arg("-D")
        .arg(&data)
        .args(["-c", "ssl=on", "-c", "unix_socket_directories=", "-c"])
        .arg(format!("listen_addresses={host}"))
        .args(["-c", "port=5432"])
        .uid(owner.uid())
        .gid(owner.gid())
        .current_dir("/")
        .stderr(Stdio::null())
        .spawn();
    let mut child = child.expect("it can be started");
    let target = server.target.clone().with("user", "post");
    let target = target.with("host", &host);
    let login = |password| try_login(&target.clone().with("password", password));
    // It starts in its own time.
    let started = (0..100).any(|_| {
        sleep(Duration::from_millis(50));
        login("right") == Login::Accepted
    });
    let wrong = login("wrong");
    let pid = i32::try_from(child.id()).expect("it is a process");
    kill(Pid::from_raw(pid), Signal::SIGINT).expect("it runs");
    child.wait().expect("it ends");
    assert!(started);
    assert_eq!(wrong, Login::WrongPassword);
}
