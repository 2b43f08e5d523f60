//! The binary while it runs.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Output as Ended, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{JoinHandle, sleep, spawn};
use std::time::{Duration, Instant};

/// Longer than anything that a test waits for: who lasts longer hangs.
const HANGS: Duration = Duration::from_secs(90);

/// A run that goes on. Killed with this value.
pub struct Running {
    child: Child,
    stdout: Output,
    stderr: Output,
    began: Instant,
}

impl Running {
    /// Begins a run.
    ///
    /// # Panics
    ///
    /// When the binary cannot be started.
    pub(crate) fn begin(mut command: Command) -> Self {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary runs");
        let stdout = child.stdout.take().expect("it is piped");
        let stderr = child.stderr.take().expect("it is piped");
        Self {
            child,
            stdout: Output::of(stdout),
            stderr: Output::of(stderr),
            began: Instant::now(),
        }
    }

    /// Its process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Waits until it has said something.
    ///
    /// # Panics
    ///
    /// When it ends without, or hangs.
    #[track_caller]
    pub fn until_said(&mut self, text: &str) {
        while !self.said().contains(text) {
            let ended = self.child.try_wait().expect("it is our child").is_some();
            let hangs = self.began.elapsed() > HANGS;
            // What it said last may still be read.
            sleep(Duration::from_millis(20));
            let said = self.said();
            let goes_on = !ended && !hangs;
            assert!(goes_on || said.contains(text), "not said: {text}\n{said}");
        }
    }

    fn said(&self) -> String {
        let said = [&self.stdout, &self.stderr].map(Output::text);
        said.concat()
    }

    /// Waits for its end.
    ///
    /// # Panics
    ///
    /// When it hangs.
    #[track_caller]
    pub(crate) fn output(mut self) -> Ended {
        let status = loop {
            if let Some(status) = self.child.try_wait().expect("it is our child") {
                break status;
            }
            let hangs = self.began.elapsed() > HANGS;
            assert!(!hangs, "it hangs; it said: {}", self.said());
            sleep(Duration::from_millis(10));
        };
        Ended {
            status,
            stdout: self.stdout.all(),
            stderr: self.stderr.all(),
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It has ended already if the test went well.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What it says, read while it runs: a full pipe would stop it.
struct Output {
    bytes: Arc<Mutex<Vec<u8>>>,
    reader: Option<JoinHandle<()>>,
}

impl Output {
    fn of(stream: impl Read + Send + 'static) -> Self {
        let bytes = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&bytes);
        let reader = spawn(move || {
            let mut stream = BufReader::new(stream);
            let mut line = Vec::new();
            while stream
                .read_until(b'\n', &mut line)
                .is_ok_and(|read| read > 0)
            {
                kept.lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .append(&mut line);
            }
        });
        Self {
            bytes,
            reader: Some(reader),
        }
    }

    fn text(&self) -> String {
        let bytes = self.bytes.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// Everything, once the program has ended.
    fn all(&mut self) -> Vec<u8> {
        if let Some(reader) = self.reader.take() {
            reader.join().expect("the reader does not panic");
        }
        std::mem::take(&mut self.bytes.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
