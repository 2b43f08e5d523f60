//! Stops the server that the tests share.

fn main() {
    match testkit::stopped_server().stop() {
        Ok(true) => println!("stopped"),
        Ok(false) => println!("not running"),
        Err(error) => {
            eprintln!("{error}");
            std::process::exit(1);
        }
    }
}
