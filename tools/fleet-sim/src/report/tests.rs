//! Spending is counted in whatever window is worst.

use shared::event::Timestamp;

use super::over_budget;

#[test]
fn spending_is_counted_in_the_worst_window() {
    let at =
        |times: &[i64]| -> Vec<Timestamp> { times.iter().copied().map(Timestamp::from_millis).collect() };
    for (times, burst, rate, over) in [
        (vec![], 1, 1, 0),
        (vec![0; 100], 100, 20, 0),
        (vec![0; 101], 100, 20, 1),
        ([vec![0; 100], vec![1000; 20]].concat(), 100, 20, 0),
        ([vec![0; 100], vec![1000; 25]].concat(), 100, 20, 5),
        ([vec![0; 50], vec![600_000; 103]].concat(), 100, 20, 3),
        ((0..1000).map(|number| number * 50).collect(), 100, 20, 0),
        ((0..1000).map(|number| number * 40).collect(), 100, 20, 101),
    ] {
        assert_eq!(over_budget(at(&times), burst, rate), over, "{} calls", times.len());
    }
}
