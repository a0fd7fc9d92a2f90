//! A handle on a world that fulfils `shared`'s ports.

mod audit;
mod auto_scaling;
mod ecs;
mod protection;
mod run_command;
pub mod told;

use std::future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use shared::event::Timestamp;
use shared::ports::{ApiError, Clock};

use crate::api::{Called, Op, Spoiled};
use crate::world::World;

/// A handle on a world, for one caller. Clones see the same world.
#[derive(Clone)]
pub struct Sim {
    /// The world.
    world: Arc<Mutex<World>>,
    /// Who calls, for the ledger.
    caller: Arc<str>,
}

impl Sim {
    /// A handle on a world.
    #[must_use]
    pub fn new(world: World) -> Self {
        Self { world: Arc::new(Mutex::new(world)), caller: Arc::from("handler") }
    }

    /// A handle on the same world for another caller.
    #[must_use]
    pub fn called_by(&self, caller: &str) -> Self {
        Self { world: Arc::clone(&self.world), caller: Arc::from(caller) }
    }

    /// The world; do not keep it over a call.
    pub fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes a call and tells how it ended.
    pub fn try_call<T>(
        &self,
        op: Op,
        act: impl FnOnce(&mut World, Spoiled) -> Result<T, ApiError>,
    ) -> Called<T> {
        let (begun, caller) = (Instant::now(), Arc::clone(&self.caller));
        let mut world = self.world();
        let ended = world.call(op, &caller, act);
        world.api.simulating += begun.elapsed();
        ended
    }

    /// Makes a call; the answer never comes where the caller has died.
    async fn call<T>(
        &self,
        op: Op,
        act: impl FnOnce(&mut World, Spoiled) -> Result<T, ApiError>,
    ) -> Result<T, ApiError> {
        match self.try_call(op, act) {
            Called::Answered(answer) => Ok(answer),
            Called::Refused(error) => Err(error),
            Called::Failed(failing) => Err(ApiError::Unavailable(failing.words().to_owned())),
            Called::Never => future::pending().await,
        }
    }
}

impl Clock for Sim {
    fn now(&self) -> Timestamp {
        self.world().now()
    }
}
