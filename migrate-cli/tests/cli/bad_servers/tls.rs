//! Servers that encrypt, and check who comes, with certificates that the test makes.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use insta::assert_snapshot;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, KeyUsagePurpose,
};
use tempfile::TempDir;
use testkit::{OwnServer, Run, Workspace};

use super::workspace_on;

/// An authority that signs certificates.
struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    fn new(name: &str) -> Self {
        let mut params = named(name, &[]);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        let key = KeyPair::generate().expect("a key can be made");
        Self(CertifiedIssuer::self_signed(params, key).expect("it signs itself"))
    }

    fn certificate(&self) -> String {
        self.0.pem()
    }

    /// A certificate for a name and hosts, and its key.
    fn sign(&self, name: &str, hosts: &[&str]) -> (String, String) {
        let key = KeyPair::generate().expect("a key can be made");
        let certificate = named(name, hosts)
            .signed_by(&key, &self.0)
            .expect("the authority signs");
        (certificate.pem(), key.serialize_pem())
    }
}

fn named(name: &str, hosts: &[&str]) -> CertificateParams {
    let hosts: Vec<String> = hosts.iter().map(|host| (*host).to_owned()).collect();
    let mut params = CertificateParams::new(hosts).expect("the names are valid");
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    params
}

/// A server with TLS, a workspace, and files beside it.
struct Encrypted {
    server: OwnServer,
    workspace: Workspace,
    files: TempDir,
    authority: Authority,
}

impl Encrypted {
    /// A server whose certificate is for `localhost`, and which asks roles other than `postgres`
    /// for one, if they come by TLS.
    fn start() -> Self {
        let authority = Authority::new("the authority");
        let (certificate, key) = authority.sign("the server", &["localhost"]);
        let server = OwnServer::stopped();
        server.write("ca.crt", &authority.certificate());
        server.write("server.crt", &certificate);
        server.write("server.key", &key);
        server.configure("ssl = on\nssl_ca_file = 'ca.crt'");
        server.let_in(
            "host all postgres 127.0.0.1/32 trust\n\
             hostssl all certified 127.0.0.1/32 trust clientcert=verify-full\n\
             hostssl all encrypted 127.0.0.1/32 trust\n",
        );
        server.up();
        server.execute(&[
            "create role certified login superuser",
            "create role encrypted login superuser",
        ]);
        let mut workspace = workspace_on(&server);
        let files = TempDir::with_prefix("tls").expect("a temporary folder can be created");
        workspace.hide(files.path().display(), "[files]");
        let encrypted = Self {
            server,
            workspace,
            files,
            authority,
        };
        encrypted.file("ca.crt", &encrypted.authority.certificate());
        encrypted
    }

    /// Writes a file that only we may read.
    fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.files.path().join(name);
        fs::write(&path, text).expect("the file can be written");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("it is ours");
        path
    }

    /// Deploys as a role, with parameters in which `{}` stands for the folder with the files. No
    /// waiting: none of this passes by itself.
    fn deploy(&self, role: &str, host: &str, parameters: &str) -> Run {
        let port = self.server.port();
        let parameters = parameters.replace("{}", &self.files.path().display().to_string());
        // `localhost` may mean another address too, on which nobody listens.
        let url = format!("postgresql://{role}@{host}:{port}/app?hostaddr=127.0.0.1&{parameters}");
        // No file of the developer's own.
        let variables = [("DATABASE_URL", url.as_str()), ("HOME", "/nowhere")];
        self.workspace.run_with("deploy --wait 60", &variables)
    }
}

#[test]
fn the_servers_certificate_is_checked() {
    let encrypted = Encrypted::start();
    let full = "sslmode=verify-full&sslrootcert={}/ca.crt";
    encrypted.deploy("postgres", "localhost", full).success();
    assert_snapshot!(encrypted.deploy("postgres", "127.0.0.1", full), @r#"
    $ migrate deploy --wait 60
    --- stderr
    error[connection]: cannot connect to database main at postgres@127.0.0.1:[port]/app
     |
     = server: connection to server at "127.0.0.1", port [port] failed: server certificate for "localhost" (and 1 other name) does not match host name "127.0.0.1"
     = state: nothing was touched
     = next: connect by the name that the certificate is made out to, or have one made for this name; `sslmode=verify-ca` would not compare names
    --- exit 1
    "#);
    encrypted.file("ca.crt", &Authority::new("another").certificate());
    assert_snapshot!(encrypted.deploy("postgres", "localhost", full), @r#"
    $ migrate deploy --wait 60
    --- stderr
    error[connection]: cannot connect to database main at postgres@localhost:[port]/app
     |
     = server: connection to server at "127.0.0.1", port [port] failed: SSL error: certificate verify failed
     = state: nothing was touched
     = next: `sslrootcert` in the URL has to name the certificate of the authority that signed the server's; look also whether that has expired
    --- exit 1
    "#);
    let missing = "sslmode=verify-full&sslrootcert={}/none.crt";
    assert_snapshot!(encrypted.deploy("postgres", "localhost", missing), @r#"
    $ migrate deploy --wait 60
    --- stderr
    error[connection]: cannot connect to database main at postgres@localhost:[port]/app
     |
     = server: connection to server at "127.0.0.1", port [port] failed: root certificate file "[files]/none.crt" does not exist
               Either provide the file or change sslmode to disable server certificate verification.
     = state: nothing was touched
     = next: put the certificate of the authority into this file, or name another by `sslrootcert` in the URL; `sslrootcert=system` trusts those of this machine (libpq 16 and later)
    --- exit 1
    "#);
    // Unencrypted the server lets this role not in, and says so.
    assert_snapshot!(encrypted.deploy("encrypted", "localhost", "sslmode=disable"), @r#"
    $ migrate deploy --wait 60
    --- stderr
    error[connection]: cannot connect to database main at encrypted@localhost:[port]/app
     |
     = server: connection to server at "127.0.0.1", port [port] failed: FATAL:  no pg_hba.conf entry for host "127.0.0.1", user "encrypted", database "app", no encryption
     = state: nothing was touched
     = next: add a line for this user, database and address to the server's `pg_hba.conf`; where it says `no encryption` or `SSL off`, try `sslmode=require` in the URL
    --- exit 1
    "#);
    encrypted
        .deploy(
            "encrypted",
            "localhost",
            "sslmode=require&sslrootcert={}/none.crt",
        )
        .success();
}

#[test]
fn a_server_without_tls_is_told_where_it_is_required() {
    let server = OwnServer::start();
    let workspace = workspace_on(&server);
    let url = format!("{}?sslmode=require", server.url("app"));
    assert_snapshot!(workspace.run_with("deploy --wait 60", &[("DATABASE_URL", &url)]), @r#"
    $ migrate deploy --wait 60
    --- stderr
    error[connection]: cannot connect to database main at postgres@127.0.0.1:[port]/app
     |
     = server: connection to server at "127.0.0.1", port [port] failed: server does not support SSL, but SSL was required
     = state: nothing was touched
     = next: switch TLS on in the server (`ssl = on`); `sslmode=prefer` in the URL would go on unencrypted
    --- exit 1
    "#);
}

#[test]
fn a_certificate_that_the_server_wants_is_named() {
    let encrypted = Encrypted::start();
    encrypted
        .deploy("postgres", "localhost", "sslmode=require")
        .success();
    let sign = |authority: &Authority, name: &str| {
        let (certificate, key) = authority.sign(name, &[]);
        encrypted.file("client.crt", &certificate);
        encrypted.file("client.key", &key);
    };
    let full = "sslmode=verify-full&sslrootcert={}/ca.crt";
    let own = &format!("{full}&sslcert={{}}/client.crt&sslkey={{}}/client.key");
    let deploy = |parameters: &str| encrypted.deploy("certified", "localhost", parameters);
    assert_snapshot!(deploy(full), @r#"
    $ migrate deploy --wait 60
    --- stderr
    error[connection]: cannot connect to database main at certified@localhost:[port]/app
     |
     = server: connection to server at "127.0.0.1", port [port] failed: FATAL:  connection requires a valid client certificate
     = state: nothing was touched
     = next: the server wants a certificate of ours, made out to this role: `sslcert` and `sslkey` in the URL name its files
    --- exit 1
    "#);
    sign(&encrypted.authority, "somebody else");
    assert_snapshot!(deploy(own), @r#"
    $ migrate deploy --wait 60
    --- stderr
    error[connection]: cannot connect to database main at certified@localhost:[port]/app
     |
     = server: connection to server at "127.0.0.1", port [port] failed: FATAL:  "trust" authentication failed for user "certified"
     = state: nothing was touched
     = next: check the user: is there such a role, may it log in, is it you, and is a certificate that the server wants made out to it?
    --- exit 1
    "#);
    sign(&Authority::new("another"), "certified");
    assert_snapshot!(deploy(own), @r#"
    $ migrate deploy --wait 60
    --- stderr
    error[connection]: cannot connect to database main at certified@localhost:[port]/app
     |
     = server: connection to server at "127.0.0.1", port [port] failed: SSL error: tlsv1 alert unknown ca
     = state: nothing was touched
     = next: the server wants a certificate of ours from an authority that it trusts: `sslcert` and `sslkey` in the URL name its files
    --- exit 1
    "#);
    sign(&encrypted.authority, "certified");
    deploy(own).success();
    let key = encrypted.files.path().join("client.key");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).expect("it is ours");
    assert_snapshot!(deploy(own), @r#"
    $ migrate deploy --wait 60
    --- stderr
    error[connection]: cannot connect to database main at certified@localhost:[port]/app
     |
     = server: connection to server at "127.0.0.1", port [port] failed: private key file "[files]/client.key" has group or world access; file must have permissions u=rw (0600) or less if owned by the current user, or permissions u=rw,g=r (0640) or less if owned by root
     = state: nothing was touched
     = next: check the files that `sslcert` and `sslkey` in the URL name
    --- exit 1
    "#);
    fs::remove_file(&key).expect("it is there");
    assert_snapshot!(deploy(own), @r#"
    $ migrate deploy --wait 60
    --- stderr
    error[connection]: cannot connect to database main at certified@localhost:[port]/app
     |
     = server: connection to server at "127.0.0.1", port [port] failed: certificate present, but not private key file "[files]/client.key"
     = state: nothing was touched
     = next: check the files that `sslcert` and `sslkey` in the URL name
    --- exit 1
    "#);
}
