//! One invocation: a future is polled until it is done, or has died.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use crate::sim::Sim;
use crate::span::after;

/// What a handler says of a payload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// All of it is done.
    Done,
    /// These messages, by their `messageId`, have to come again.
    FailedItems(Vec<String>),
    /// All of it has to come again.
    Failed,
}

/// How an invocation ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ended {
    /// With an answer.
    Answered(Answer),
    /// It waits for what never comes, as a process does that is gone.
    Died,
    /// With a panic.
    Panicked,
}

/// Notes that somebody asked for another poll.
struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// Runs an invocation with a time limit of virtual time.
pub(super) fn run<F>(sim: &Sim, time_limit: Duration, start: impl FnOnce() -> F) -> Ended
where
    F: Future<Output = Answer>,
{
    {
        let mut world = sim.world();
        let deadline = after(world.now(), time_limit);
        world.api.begin_invocation(Some(deadline));
    }
    // What a panic leaves behind is thrown away with the handler; the world is consistent after each call.
    let ended = catch_unwind(AssertUnwindSafe(|| poll_to_end(start())));
    let died = sim.world().api.end_invocation();
    match ended {
        // It may have been told to die and still answer, where it polls several calls at once.
        Ok(_) if died => Ended::Died,
        Ok(ended) => ended,
        Err(_) => Ended::Panicked,
    }
}

/// Polls a future as long as somebody asks for it.
fn poll_to_end<F: Future<Output = Answer>>(future: F) -> Ended {
    let mut future = pin!(future);
    let woken = Arc::new(Woken(AtomicBool::new(true)));
    let waker = Waker::from(Arc::clone(&woken));
    let mut context = Context::from_waker(&waker);
    while woken.0.swap(false, Ordering::SeqCst) {
        if let Poll::Ready(answer) = future.as_mut().poll(&mut context) {
            return Ended::Answered(answer);
        }
    }
    Ended::Died
}
