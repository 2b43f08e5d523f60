//! Writes a history for a benchmark: `write_history large|tiny COUNT FOLDER`.

use std::path::Path;

fn main() -> std::io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let usage = || std::io::Error::other("usage: write_history large|tiny COUNT FOLDER");
    let [kind, count, folder] = arguments.as_slice() else {
        return Err(usage());
    };
    let count = count.parse().map_err(|_| usage())?;
    match kind.as_str() {
        "large" => testkit::large_history::write_large_history(Path::new(folder), count),
        "tiny" => testkit::large_history::write_tiny_history(Path::new(folder), count),
        _ => Err(usage()),
    }
}
