//! Balances over hours, by table and by property.

use std::time::Duration;

use proptest::prelude::*;

use super::{HYSTERESIS, Limits, Sample, Standing, cleaned, empty_in, standing};
use crate::event::Timestamp;

const LIMITS: Limits = Limits { below: 20.0, empty_within: Duration::from_hours(1) };

fn at(minutes: i64) -> Timestamp {
    Timestamp::from_millis(minutes * 60_000)
}

/// A value each five minutes, the first at minute 0.
fn each_five_minutes(values: &[f64]) -> Vec<Sample> {
    let times = (0..).step_by(5).map(at);
    times.zip(values).map(|(at, percent)| Sample { at, percent: *percent }).collect()
}

/// How it stands at the time of the last value.
fn stands(values: &[f64]) -> Option<Standing> {
    let samples = each_five_minutes(values);
    let now = samples.last().map_or(at(0), |last| last.at);
    standing(&cleaned(samples, now), LIMITS, now)
}

#[test]
fn how_long_a_balance_lasts_is_read_from_the_last_half_hour() {
    for (values, want_minutes) in [
        (&[][..], None),
        (&[50.0], None),
        (&[50.0, 40.0], None),
        (&[50.0, 45.0, 40.0], Some(40)),
        (&[100.0, 99.0, 98.0, 97.0, 96.0, 95.0, 94.0], Some(470)),
        // What was before the window does not count.
        (&[100.0, 100.0, 100.0, 100.0, 60.0, 55.0, 50.0, 45.0, 40.0, 35.0, 30.0], Some(30)),
        // It rises, by and by or just now.
        (&[10.0, 11.0, 12.0], None),
        (&[50.0, 40.0, 30.0, 31.0], None),
        (&[50.0, 50.0, 50.0], None),
        // Next to nothing is not told as a date in another century.
        (&[100.0, 99.999_9, 99.999_8], None),
        (&[5.0, 2.0, 0.0], Some(0)),
    ] {
        let lasts = empty_in(&each_five_minutes(values));
        assert_eq!(lasts.map(|lasts| lasts.as_secs() / 60), want_minutes, "{values:?}");
    }
    let together = [1.0, 0.5, 0.1].map(|percent| Sample { at: at(0), percent });
    assert_eq!(empty_in(&together), None, "all at one time");
}

#[test]
fn low_is_what_is_below_or_will_not_last() {
    for (values, is_low) in [
        (&[100.0, 100.0, 100.0][..], false),
        (&[20.0], false),
        (&[19.9], true),
        (&[0.0], true),
        (&[40.0, 30.0, 21.0], true),
        (&[100.0, 98.0, 96.0, 94.0], false),
        (&[100.0, 90.0, 80.0, 70.0, 60.0], true),
    ] {
        let standing = stands(values).expect("a value");
        assert_eq!(standing.low_since.is_some(), is_low, "{values:?}: {standing:?}");
    }
    assert_eq!(stands(&[]), None);
}

#[test]
fn it_is_low_until_it_is_well_above_for_half_an_hour() {
    let filling: Vec<f64> = [15.0, 21.0, 25.0, 29.9].into_iter().chain([31.0; 9]).collect();
    let low: Vec<_> =
        (1..=filling.len()).map(|n| stands(&filling[..n]).unwrap().low_since.is_some()).collect();
    let want: Vec<_> = (0..filling.len()).map(|n| n < 6).collect();
    assert_eq!(low, want, "above {}, and half an hour after it was below", LIMITS.below + HYSTERESIS);
    let hovers = [[19.0; 6], [25.0; 6], [25.0; 6], [25.0; 6]].concat();
    assert_eq!(stands(&hovers).unwrap().low_since, Some(at(0)), "in between it stays what it was");
    let again = [[10.0; 7], [90.0; 7], [90.0; 7], [10.0; 7]].concat();
    assert_eq!(stands(&again).unwrap().low_since, Some(at(21 * 5)));
}

#[test]
fn without_new_values_it_stays_what_it_was_and_no_rate_is_told() {
    let samples = cleaned(each_five_minutes(&[40.0, 25.0, 10.0]), at(10));
    let standing_at = |minute| standing(&samples, LIMITS, at(minute)).unwrap();
    assert!(!standing_at(40).is_old && standing_at(40).empty_in.is_some());
    let old = standing_at(41);
    assert_eq!((old.is_old, old.empty_in, old.low_since), (true, None, Some(at(10))));
}

#[test]
fn only_what_is_a_value_counts() {
    let sample = |minute, percent| Sample { at: at(minute), percent };
    let odd = vec![
        sample(10, 50.0),
        sample(5, f64::NAN),
        sample(0, 101.0),
        sample(15, f64::INFINITY),
        sample(20, -3.0),
        sample(10, 50.0),
        sample(60, 1.0),
    ];
    assert_eq!(cleaned(odd, at(30)), [sample(0, 100.0), sample(10, 50.0), sample(20, 0.0)]);
}

fn samples() -> impl Strategy<Value = Vec<Sample>> {
    let one = (0_i64..360, prop_oneof![8 => 0.0_f64..=100.0, 1 => prop::num::f64::ANY]);
    prop::collection::vec(one.prop_map(|(minute, percent)| Sample { at: at(minute), percent }), 0..80)
}

proptest! {
    #[test]
    fn no_values_make_it_panic_or_say_what_is_no_number(samples in samples(), now in 0_i64..400) {
        let samples = cleaned(samples, at(now));
        let standing = standing(&samples, LIMITS, at(now));
        prop_assert_eq!(standing.is_none(), samples.is_empty());
        if let Some(standing) = standing {
            prop_assert!((0.0..=100.0).contains(&standing.latest.percent));
            prop_assert!(standing.latest.percent >= LIMITS.below || standing.low_since.is_some());
            prop_assert!(standing.low_since.is_none_or(|since| since <= standing.latest.at));
        }
    }

    #[test]
    fn what_rises_is_never_low_for_its_rate(mut values in prop::collection::vec(20.0_f64..=100.0, 1..72)) {
        values.sort_by(f64::total_cmp);
        let standing = stands(&values).unwrap();
        prop_assert_eq!((standing.low_since, standing.empty_in), (None, None));
    }

    #[test]
    fn what_falls_evenly_is_empty_when_it_says(start in 10.0_f64..=100.0, per_five in 0.1_f64..3.0) {
        let values: Vec<_> = (0..4).map(|n| start - f64::from(n) * per_five).collect();
        let lasts = empty_in(&each_five_minutes(&values)).unwrap().as_secs_f64() / 60.0;
        let want = values[3] / per_five * 5.0;
        prop_assert!((lasts - want).abs() < 0.1 + want / 1_000.0, "{lasts} and not {want}");
    }

    /// Whatever was before the half hour without a low value, it does not matter.
    #[test]
    fn a_balance_that_has_been_full_for_an_hour_is_not_low(values in prop::collection::vec(0.0_f64..=100.0, 0..50)) {
        let values = [values, vec![100.0; 13]].concat();
        prop_assert_eq!(stands(&values).unwrap().low_since, None);
    }
}
