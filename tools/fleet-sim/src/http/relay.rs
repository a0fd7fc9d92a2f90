//! A fixed port in front of a server that listens on a free one.

use std::io;
use std::net::{Shutdown, TcpListener, TcpStream};
use std::thread;

/// Passes connections to a port of 127.0.0.1 on to a server, until the process ends.
///
/// # Errors
/// Where the port cannot be had.
pub fn relay(port: u16, server: &str) -> io::Result<()> {
    let listener = TcpListener::bind(("127.0.0.1", port))?;
    let server = server.to_owned();
    thread::spawn(move || {
        for client in listener.incoming().flatten() {
            if let Ok(server) = TcpStream::connect(&server) {
                pass(&client, &server);
                pass(&server, &client);
            }
        }
    });
    Ok(())
}

/// Passes on what one side says, until it has no more to say.
fn pass(from: &TcpStream, to: &TcpStream) {
    if let (Ok(mut from), Ok(mut to)) = (from.try_clone(), to.try_clone()) {
        thread::spawn(move || {
            // A broken connection ends it as an orderly one does.
            drop(io::copy(&mut from, &mut to));
            drop(to.shutdown(Shutdown::Both));
        });
    }
}
