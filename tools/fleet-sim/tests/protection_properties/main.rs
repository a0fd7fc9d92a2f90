//! What holds for `instance-protection` in every fleet, with calls that fail, processes that die, and others who
//! protect and take back.
//!
//! A run is determined by its seed, which a failure prints:
//! `SEED=17 cargo test -p fleet-sim --test protection_properties` repeats it alone. `RUNS=2000` makes more of them.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

mod checks;
mod fleets;

use std::time::Duration;

use fleet_sim::algorithms::protection;
use fleet_sim::drive::Feed;
use fleets::{Weather, fleet};

/// Runs without `RUNS`.
const RUNS: u64 = 150;
const MINUTE: Duration = Duration::from_mins(1);

#[expect(clippy::disallowed_methods, reason = "a test's own settings")]
fn setting(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().expect("a number"))
}

/// The seeds to run.
fn seeds() -> std::ops::Range<u64> {
    match setting("SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..setting("RUNS").unwrap_or(RUNS),
    }
}

#[test]
fn no_fleet_and_no_fault_makes_it_take_what_is_not_its_own() {
    let (mut broken, mut set, mut taken) = (Vec::new(), 0, 0);
    for seed in seeds() {
        let run = fleet(seed, Weather::Storm);
        let mut driver = protection::drive(&run.sim, &Feed::default(), run.policy.clone());
        driver.run_for(fleets::TROUBLE);
        run.sim.world().api.faults.clear();
        let mut wrong = Vec::new();
        driver.run_for(2 * MINUTE);
        for _ in 0..fleets::CALM_MINUTES {
            driver.run_for(MINUTE);
            wrong.extend(checks::unprotected(&run));
        }
        // All jobs are over by then, and what was held for them is let go.
        driver.run_for(fleets::END);
        wrong.extend(checks::left_behind(&run));
        let seen = checks::history(&run);
        set += seen.set;
        taken += seen.taken;
        wrong.extend(seen.wrong);
        if !wrong.is_empty() {
            wrong.truncate(5);
            broken.push(format!("seed {seed}: {}", wrong.join("; ")));
        }
    }
    assert!(set > 0 && taken > 0, "{set} protections were set, {taken} taken back");
    assert!(broken.is_empty(), "{} of the runs:\n{}", broken.len(), broken.join("\n"));
}

#[test]
fn where_calls_work_no_job_is_unprotected_for_longer_than_two_ticks() {
    let mut broken = Vec::new();
    for seed in seeds() {
        let run = fleet(seed, Weather::Calm);
        let mut driver = protection::drive(&run.sim, &Feed::default(), run.policy.clone());
        let mut wrong = Vec::new();
        for _ in 0..60 {
            driver.run_for(MINUTE);
            wrong.extend(checks::unprotected(&run));
        }
        wrong.extend(checks::history(&run).wrong);
        if !wrong.is_empty() {
            wrong.truncate(5);
            broken.push(format!("seed {seed}: {}", wrong.join("; ")));
        }
    }
    assert!(broken.is_empty(), "{} of the runs:\n{}", broken.len(), broken.join("\n"));
}
