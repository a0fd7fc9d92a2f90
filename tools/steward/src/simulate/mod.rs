//! `steward simulate`: a fleet on a virtual clock, drained by our function or by other known ways.

mod compared;
mod drained;

use std::io::{self, Write};

use fleet_sim::scenario::Scenario;
use serde::Serialize;
use shared::ports::Clock as _;
use shared::runtime::SystemClock;

use crate::args::SimulateArgs;
use crate::terminal::{Status, complain, ended, output, remark};

/// Runs the verb.
pub fn run(args: &SimulateArgs) -> Status {
    if args.terminate > args.instances {
        complain(&format!(
            "simulate: --terminate {} is more than --instances {}",
            args.terminate, args.instances
        ));
        return Status::BadInput;
    }
    let scenario = Scenario {
        instances: args.instances,
        terminate: args.terminate,
        tasks: args.tasks,
        seed: args.seed,
        rough: args.faults,
    };
    let started = SystemClock.now();
    let mut out = output();
    let printed = if args.compare {
        compared::print(&mut out, &scenario, args.seeds, args.format)
    } else {
        drained::print(&mut out, &scenario, args.format)
    };
    let status = ended(printed.and_then(|()| out.flush()).map(|()| Status::Done));
    if status == Status::Done {
        let took = SystemClock.now().elapsed_since(started);
        remark(&format!("simulated in {:.1} s", took.as_secs_f64()));
    }
    status
}

/// One line of JSON.
fn write_json(out: &mut impl Write, object: &impl Serialize) -> io::Result<()> {
    serde_json::to_writer(&mut *out, object)?;
    writeln!(out)
}

/// A span in seconds, to the tenth; `-` where there is none.
fn seconds(millis: Option<i64>) -> String {
    millis.map_or_else(
        || "-".to_owned(),
        |millis| format!("{}.{} s", millis / 1000, millis.rem_euclid(1000) / 100),
    )
}

/// What was simulated, in words.
fn in_words(scenario: &Scenario) -> String {
    format!(
        "{} of {} instances terminated at once, {} tasks of services for each{}",
        scenario.terminate,
        scenario.instances,
        scenario.tasks,
        if scenario.rough { ", events lost, late and repeated, calls failing and throttled" } else { "" }
    )
}
