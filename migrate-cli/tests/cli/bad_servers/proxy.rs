//! A proxy between the tool and a server, that breaks the connection in ways that no server does.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{park, spawn};

/// Forwards between the port that it listens on and a server's. Ends with the process.
pub struct Proxy {
    port: u16,
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    /// How many connections there were.
    connections: AtomicUsize,
    /// Whether new ones are accepted and left alone.
    ignores_new: AtomicBool,
    /// How many bytes have gone through, and after how many none shall any more.
    forwarded: AtomicUsize,
    limit: AtomicUsize,
    /// Each connection's own switch: whether nothing is forwarded any more.
    silenced: Mutex<Vec<Arc<AtomicBool>>>,
    /// What the server is sent in the place of what the tool has sent.
    rewritten: Option<(&'static str, &'static str)>,
}

impl Proxy {
    /// A proxy to a server's port.
    pub fn to(server: u16) -> Self {
        Self::with(State::default(), server)
    }

    /// A proxy that has the server read something else in the place of a text: so a file ends its
    /// transaction, whatever the tool knows of PostgreSQL's lexer. Both are as long.
    pub fn rewriting(server: u16, text: &'static str, other: &'static str) -> Self {
        assert_eq!(
            text.len(),
            other.len(),
            "messages have their length in front"
        );
        let state = State {
            rewritten: Some((text, other)),
            ..State::default()
        };
        Self::with(state, server)
    }

    fn with(state: State, server: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let port = listener.local_addr().expect("it is bound").port();
        let state = Arc::new(state);
        state.limit.store(usize::MAX, Ordering::SeqCst);
        let shared = Arc::clone(&state);
        spawn(move || {
            for client in listener.incoming() {
                let client = client.expect("it was accepted");
                shared.accept(client, server);
            }
        });
        Self { port, state }
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// How many connections there were.
    pub fn connections(&self) -> usize {
        self.state.connections.load(Ordering::SeqCst)
    }

    /// Forwards nothing any more, on no connection, old or new. None is closed.
    pub fn stop_forwarding(&self) {
        self.state.stop_forwarding();
    }

    /// The same, once so many bytes more have gone through.
    pub fn stop_forwarding_after(&self, bytes: usize) {
        let now = self.state.forwarded.load(Ordering::SeqCst);
        self.state.limit.store(now + bytes, Ordering::SeqCst);
    }

    /// Forwards nothing any more on the connections that there are. None is closed.
    pub fn forget_connections(&self) {
        for silenced in self.state.silenced().iter() {
            silenced.store(true, Ordering::SeqCst);
        }
    }
}

impl State {
    /// So many bytes have gone through.
    fn count(&self, bytes: usize) {
        let before = self.forwarded.fetch_add(bytes, Ordering::SeqCst);
        if before + bytes >= self.limit.load(Ordering::SeqCst) {
            self.stop_forwarding();
        }
    }

    fn stop_forwarding(&self) {
        self.ignores_new.store(true, Ordering::SeqCst);
        for silenced in self.silenced().iter() {
            silenced.store(true, Ordering::SeqCst);
        }
    }

    fn silenced(&self) -> std::sync::MutexGuard<'_, Vec<Arc<AtomicBool>>> {
        self.silenced.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn accept(self: &Arc<Self>, client: TcpStream, server: u16) {
        self.connections.fetch_add(1, Ordering::SeqCst);
        if self.ignores_new.load(Ordering::SeqCst) {
            // Kept open by somebody who does nothing with it.
            spawn(move || {
                let _client = client;
                loop {
                    park();
                }
            });
            return;
        }
        let Ok(server) = TcpStream::connect(("127.0.0.1", server)) else {
            return;
        };
        let silenced = Arc::new(AtomicBool::new(false));
        self.silenced().push(Arc::clone(&silenced));
        let copies = (
            client.try_clone().expect("it is open"),
            server.try_clone().expect("it is open"),
        );
        let (one, other) = (Arc::clone(self), Arc::clone(self));
        let switch = Arc::clone(&silenced);
        let rewritten = self.rewritten;
        spawn(move || forward(client, server, &silenced, &one, rewritten));
        spawn(move || forward(copies.1, copies.0, &switch, &other, None));
    }
}

/// Forwards one direction until its end, or until told not to: then it reads no more either.
fn forward(
    mut from: TcpStream,
    mut to: TcpStream,
    silenced: &AtomicBool,
    state: &State,
    rewritten: Option<(&str, &str)>,
) {
    let mut buffer = [0; 8192];
    let mut kept = Vec::new();
    while let Ok(read) = from.read(&mut buffer) {
        while silenced.load(Ordering::SeqCst) {
            park();
        }
        state.count(read);
        let sent = match rewritten {
            None => to.write_all(&buffer[..read]),
            Some((text, other)) => {
                kept.extend_from_slice(&buffer[..read]);
                to.write_all(&rewrite(&mut kept, text.as_bytes(), other.as_bytes()))
            }
        };
        if read == 0 || sent.is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Both);
    let _ = from.shutdown(Shutdown::Both);
}

/// Takes what can go on of what has come in. The beginning of the text stays until the rest of it
/// is there.
fn rewrite(kept: &mut Vec<u8>, text: &[u8], other: &[u8]) -> Vec<u8> {
    while let Some(at) = kept.windows(text.len()).position(|part| part == text) {
        kept.splice(at..at + text.len(), other.iter().copied());
    }
    let begun = (1..text.len()).rev();
    let mut begun = begun.filter(|length| kept.ends_with(&text[..*length]));
    let rest = kept.len() - begun.next().unwrap_or(0);
    kept.drain(..rest).collect()
}
