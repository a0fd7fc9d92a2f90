//! What holds for `instance-drain` in every fleet and with everything that goes wrong.
//!
//! A run is determined by its seed, which a failure prints: `SEED=17 cargo test -p fleet-sim --test properties`
//! repeats it alone. `RUNS=2000` makes more of them; `make soak` does.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

mod checks;
mod fleets;
mod losses;

use std::time::Duration;

use fleet_sim::algorithms::ours;
use shared::handler::instance_drain::Settings;

/// Runs without `RUNS`.
const RUNS: u64 = 200;

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
fn no_fleet_and_no_fault_makes_it_kill_a_task_or_lose_a_hook() {
    let mut broken = Vec::new();
    let (mut drains, mut ends, mut commands) = (0, 0, 0);
    for seed in seeds() {
        let storm = fleets::storm(seed);
        let mut driver =
            ours::drive(&storm.sim, storm.feed.clone(), storm.policy.clone(), Settings::default());
        driver.run_for(fleets::TERMINATIONS);
        let quiet = driver.run_until_quiet(Duration::from_hours(60));
        let report = driver.report();
        drains += report.drains.len();
        ends += report.continued + report.abandoned;
        commands += storm.sim.world().run_command.sent.len();
        let wrong = checks::wrong(&storm, &report, quiet);
        if !wrong.is_empty() {
            broken.push(format!("seed {seed} ({}): {}", storm.in_words, wrong.join("; ")));
        }
    }
    assert!(drains > 0 && ends > drains / 2, "{ends} hooks of {drains} drains were completed");
    assert!(commands > 0 || drains < 100, "logs were collected nowhere");
    assert!(broken.is_empty(), "{} of the runs:\n{}", broken.len(), broken.join("\n"));
}
