//! One errand for each lifecycle event, all of them at the same time: how tools work that wait inside an
//! invocation, on the virtual clock.

mod calls;
mod driver;

pub use calls::Place;
pub use driver::{Errands, Habits};

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::rc::Rc;
use std::task::Poll;
use std::time::Duration;

use shared::event::Timestamp;
use shared::ports::{ApiError, Clock as _};

use crate::dice::Dice;
use crate::drive::Drive;
use crate::sim::Sim;
use crate::span::after;

/// What a lifecycle event says, and whose errand it is to see the instance out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// The event's id; it stays the same where the event comes again.
    pub event_id: String,
    /// The group's name.
    pub group: String,
    /// The hook's name.
    pub hook: String,
    /// The EC2 instance.
    pub instance_id: String,
    /// The cluster that the tool's configuration names for the group; none for a group of no cluster.
    pub cluster: Option<String>,
}

/// One invocation that sees one instance out.
pub struct Errand {
    /// What it is about.
    pub order: Order,
    /// How often this event was delivered or tried, this time included.
    pub delivery: u32,
    /// When it began.
    pub began: Timestamp,
    /// The world.
    sim: Sim,
    /// When it wants to go on; its driver waits for that.
    alarm: Rc<Cell<Option<Timestamp>>>,
    /// A call takes at least and at most so long.
    latency: (Duration, Duration),
    /// Decides how long calls and pauses take.
    dice: RefCell<Dice>,
    /// When the hook last heard of it.
    heard: Cell<Timestamp>,
}

impl Errand {
    /// Goes on after a while; everything else goes on meanwhile.
    pub async fn pause(&self, span: Duration) {
        let until = after(self.sim.now(), span);
        self.alarm.set(Some(until));
        poll_fn(|_| if self.sim.now() >= until { Poll::Ready(()) } else { Poll::Pending }).await;
    }

    /// Goes on after a while that chance decides.
    pub async fn pause_between(&self, least: Duration, most: Duration) {
        let span = self.dice.borrow_mut().span(least, most);
        self.pause(span).await;
    }

    /// How long it has been at it.
    #[must_use]
    pub fn lasts(&self) -> Duration {
        self.sim.now().elapsed_since(self.began)
    }
}

/// Drives a tool that runs `see_out` for each lifecycle event.
pub fn drive<F>(sim: &Sim, habits: Habits, see_out: impl Fn(Errand) -> F + 'static) -> Box<dyn Drive>
where
    F: Future<Output = Result<(), ApiError>> + 'static,
{
    Box::new(Errands::new(sim, habits, move |errand| Box::pin(see_out(errand))))
}
