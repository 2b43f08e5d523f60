//! Servers that answer what nobody asked for, or without end; and a ledger that nobody can read.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread::spawn;
use std::time::{Duration, Instant};

use crate::users_and_posts;

/// A message of the protocol.
fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len() + 4).expect("it is short");
    [&[kind][..], &length.to_be_bytes(), body].concat()
}

/// Lets anybody in, and gives each question this answer.
fn serve(mut client: TcpStream, answer: fn(&mut TcpStream) -> std::io::Result<()>) {
    let mut buffer = [0; 65536];
    let mut greeted = false;
    while let Ok(read @ 1..) = client.read(&mut buffer) {
        // It speaks no TLS and no GSSAPI.
        if read == 8 {
            let _ = client.write_all(b"N");
            continue;
        }
        if !greeted {
            greeted = true;
            let mut hello = message(b'R', &0_u32.to_be_bytes());
            hello.extend(message(b'S', b"server_version\x0015.1\0"));
            hello.extend(message(b'S', b"client_encoding\0UTF8\0"));
            hello.extend(message(b'S', b"standard_conforming_strings\0on\0"));
            hello.extend(message(b'K', &[0; 8]));
            hello.extend(message(b'Z', b"I"));
            let _ = client.write_all(&hello);
            continue;
        }
        if answer(&mut client).is_err() {
            return;
        }
    }
}

/// The port of such a server.
fn server(answer: fn(&mut TcpStream) -> std::io::Result<()>) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let port = listener.local_addr().expect("it is bound").port();
    spawn(move || {
        for client in listener.incoming().flatten() {
            spawn(move || serve(client, answer));
        }
    });
    port
}

fn copy_out(client: &mut TcpStream) -> std::io::Result<()> {
    client.write_all(&message(b'1', b""))?;
    client.write_all(&message(b'2', b""))?;
    client.write_all(&message(b'H', &[0, 0, 0]))
}

fn copy_in(client: &mut TcpStream) -> std::io::Result<()> {
    client.write_all(&message(b'1', b""))?;
    client.write_all(&message(b'2', b""))?;
    client.write_all(&message(b'G', &[0, 0, 0]))
}

fn endless_rows(client: &mut TcpStream) -> std::io::Result<()> {
    client.write_all(&message(b'1', b""))?;
    client.write_all(&message(b'2', b""))?;
    let column = [b"a\0".as_slice(), &[0; 6], &25_u32.to_be_bytes(), &[0; 8]].concat();
    client.write_all(&message(b'T', &[&[0, 1][..], &column].concat()))?;
    let value = vec![b'x'; 1 << 20];
    let length = 1_u32 << 20;
    let row = message(b'D', &[&[0, 1][..], &length.to_be_bytes(), &value].concat());
    loop {
        client.write_all(&row)?;
    }
}

#[test]
fn what_nobody_asked_for_is_told() {
    for answer in [copy_out, copy_in, endless_rows] {
        let workspace = users_and_posts();
        let port = server(answer);
        workspace.set_url(&format!(
            "postgresql://app@127.0.0.1:{port}/app?sslmode=disable&gssencmode=disable"
        ));
        for line in ["status", "deploy"] {
            let started = Instant::now();
            let run = workspace.run(line);
            assert_eq!(run.code(), 1, "{run}");
            let told = ["by COPY", "rows without end"];
            assert!(told.iter().any(|told| run.stderr().contains(told)), "{run}");
            assert!(started.elapsed() < Duration::from_secs(60), "{line}");
        }
    }
}

#[test]
fn a_ledger_that_somebody_has_locked_is_told_and_by_whom() {
    let workspace = users_and_posts();
    workspace.run("deploy").success();
    workspace.migration("20240303000000_tags", "create table users_tags ();", "");
    let mut other = workspace.database().session();
    for table in [
        "__migrate_ledger",
        "__diesel_schema_migrations",
        "__migrate_format",
    ] {
        let lock = format!("begin; lock table {table} in access exclusive mode");
        other.execute(&lock).expect("nobody else has it");
        // At once: each waits for some seconds.
        let lines = ["status", "deploy", "revert", "up"];
        let waiting = lines.map(|line| (line, workspace.spawn(line)));
        for (line, running) in waiting {
            let run = workspace.end(line, running);
            assert_eq!(run.code(), 1, "{run}");
            assert!(run.stderr().contains("is locked"), "{run}");
            assert!(run.stderr().contains("pg_terminate_backend"), "{run}");
        }
        other.execute("rollback").expect("it is open");
    }
    other
        .execute("begin; lock table __migrate_ledger in access exclusive mode")
        .expect("nobody else has it");
    assert_eq!(workspace.run("history").code(), 1);
    let run = workspace.run("status");
    for told in [
        "error[ledger]: the ledger of database main is locked: it could not be read within 5 s",
        "= blocker: ",
        "idle in transaction, last query (BEGIN)",
        "= state: nothing was touched",
        "= next: wait for its end, or end it: `select pg_terminate_backend(",
    ] {
        assert!(run.stderr().contains(told), "{told}: {run}");
    }
    other.execute("rollback").expect("it is open");
    workspace.run("deploy").success();
}
