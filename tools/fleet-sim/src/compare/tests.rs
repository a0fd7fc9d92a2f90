//! The comparison is fair, repeats, and shows what it is for.

use super::{Algorithm, Row, row, rows};
use crate::scenario::Scenario;

fn of(rows: &[Row], algorithm: Algorithm) -> &Row {
    rows.iter().find(|row| row.algorithm == algorithm).unwrap()
}

#[test]
fn every_algorithm_has_its_row_and_ours_harms_nobody() {
    for rough in [false, true] {
        let scenario = Scenario { rough, ..Scenario::default() };
        let all: Vec<_> = rows(&scenario, 2).collect();
        assert_eq!(all.len(), 7);
        assert!(all.iter().all(|row| row.drains == 8 && row.calls > 0));
        let ours = of(&all, Algorithm::Ours);
        assert_eq!((ours.killed, ours.expired, ours.never_completed), (0, 0, 0));
        for algorithm in [Algorithm::CountOnly, Algorithm::RunningListOnly, Algorithm::CompletesOnRetry] {
            assert!(of(&all, algorithm).killed > 0, "{algorithm:?}");
        }
        for algorithm in [Algorithm::SleepsToTheLimit, Algorithm::Republishes] {
            assert!(of(&all, algorithm).expired > 0, "{algorithm:?}");
        }
        assert_eq!(all, rows(&scenario, 2).collect::<Vec<_>>());
    }
}

#[test]
fn more_than_a_page_of_instances_is_too_much_for_first_page_only() {
    let scenario = Scenario { instances: 220, terminate: 220, tasks: 1, ..Scenario::default() };
    let lost = row(Algorithm::FirstPageOnly, &scenario, 1);
    assert!(lost.killed >= 20, "{lost:?}");
    let ours = row(Algorithm::Ours, &scenario, 1);
    assert_eq!((ours.killed, ours.expired, ours.never_completed, ours.drains), (0, 0, 0, 220), "{ours:?}");
}
