//! A scripted HTTP/1.1 server on 127.0.0.1, for tests that talk to it with the real AWS SDK.
//!
//! A test gives a function from request to [`Reply`]; the server records every request and can answer late,
//! with an error, or not at all. Plain threads and sockets: nothing here shares code with what is tested.

mod http;
pub mod lambda;
mod reply;

pub use http::Request;
pub use reply::Reply;

use std::collections::VecDeque;
use std::io::{BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

/// A connection: plain TCP, or what a test puts around it, such as TLS.
pub trait Stream: Read + Write {}

impl<T: Read + Write> Stream for T {}

/// What the threads share.
struct Shared {
    /// Every request, in the order it was read.
    requests: Mutex<Vec<Request>>,
    /// How many connections were accepted.
    connections: AtomicUsize,
    /// The server was dropped.
    stopped: AtomicBool,
}

/// A running server; dropping it stops it.
pub struct Server {
    /// Where it listens.
    address: SocketAddr,
    /// What its threads share.
    shared: Arc<Shared>,
}

impl Server {
    /// Starts a server on a free port that answers as `reply` says.
    ///
    /// # Errors
    /// Where no port can be had.
    pub fn start(reply: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> std::io::Result<Self> {
        Self::start_over(|stream| Some(Box::new(stream)), reply)
    }

    /// Starts a server that gives these replies in turn, the last one for ever.
    ///
    /// # Errors
    /// Where no port can be had.
    pub fn in_turn(replies: impl IntoIterator<Item = Reply>) -> std::io::Result<Self> {
        let replies = Mutex::new(replies.into_iter().collect::<VecDeque<_>>());
        Self::start(move |_| {
            let mut replies = lock(&replies);
            let last = replies.front().cloned().unwrap_or(Reply::Hang);
            if replies.len() > 1 { replies.pop_front().unwrap_or(last) } else { last }
        })
    }

    /// Starts a server whose connections go through `wrap`, which may refuse one.
    ///
    /// # Errors
    /// Where no port can be had.
    pub fn start_over(
        wrap: impl Fn(TcpStream) -> Option<Box<dyn Stream>> + Send + Sync + 'static,
        reply: impl Fn(&Request) -> Reply + Send + Sync + 'static,
    ) -> std::io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            requests: Mutex::default(),
            connections: AtomicUsize::new(0),
            stopped: AtomicBool::new(false),
        });
        let (of_thread, wrap, reply) = (Arc::clone(&shared), Arc::new(wrap), Arc::new(reply));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if of_thread.stopped.load(Ordering::SeqCst) {
                    return;
                }
                of_thread.connections.fetch_add(1, Ordering::SeqCst);
                let (shared, wrap, reply) = (Arc::clone(&of_thread), Arc::clone(&wrap), Arc::clone(&reply));
                thread::spawn(move || {
                    if let Some(stream) = wrap(stream) {
                        converse(stream, &shared, &*reply);
                    }
                });
            }
        });
        Ok(Self { address, shared })
    }

    /// `127.0.0.1:port`
    #[must_use]
    pub fn address(&self) -> String {
        self.address.to_string()
    }

    /// `http://127.0.0.1:port`
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Every request so far.
    #[must_use]
    pub fn requests(&self) -> Vec<Request> {
        lock(&self.shared.requests).clone()
    }

    /// How many connections were made so far.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.shared.connections.load(Ordering::SeqCst)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shared.stopped.store(true, Ordering::SeqCst);
        // Wakes the thread that accepts, so that it sees the flag and frees the port.
        drop(TcpStream::connect(self.address));
    }
}

/// Answers the requests of one connection.
fn converse(stream: Box<dyn Stream>, shared: &Shared, reply: &dyn Fn(&Request) -> Reply) {
    let mut reader = BufReader::new(stream);
    while let Ok(Some(request)) = Request::read(&mut reader) {
        lock(&shared.requests).push(request.clone());
        if !send(reader.get_mut(), reply(&request)) {
            return;
        }
    }
}

/// Sends a reply; whether the connection may go on.
#[expect(clippy::disallowed_methods, reason = "a late answer is what a test asks for")]
fn send(stream: &mut dyn Stream, reply: Reply) -> bool {
    match reply {
        Reply::Answer(status, headers, body) => {
            let mut answer = format!("HTTP/1.1 {status} Scripted\r\ncontent-length: {}\r\n", body.len());
            for (name, value) in headers {
                answer.extend([name.as_str(), ": ", value.as_str(), "\r\n"]);
            }
            answer.push_str("\r\n");
            // In one write, so that no packet waits for another.
            let bytes = [answer.as_bytes(), &body].concat();
            stream.write_all(&bytes).and_then(|()| stream.flush()).is_ok()
        }
        Reply::Late(wait, reply) => {
            thread::sleep(wait);
            send(stream, *reply)
        }
        Reply::Hang => false,
    }
}

/// A lock that a failed test does not poison.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
