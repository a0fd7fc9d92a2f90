//! How a burst balance stands, by its last hours: low or not, and for how long it lasts at the present rate.
//!
//! Nothing is remembered between two looks. Whether a balance is still low is read from its own last hours, so that
//! a process which begins anew says the same.

use std::time::Duration;

use crate::event::Timestamp;

/// The hours that are asked for.
pub const HISTORY: Duration = Duration::from_hours(6);
/// What the present rate is taken from: the last half hour, six values.
pub const WINDOW: Duration = Duration::from_mins(30);
/// How far above its threshold a balance has to come before it is no longer low, in percent.
pub const HYSTERESIS: f64 = 10.0;
/// The shortest time a rate is taken from.
const SHORTEST: Duration = Duration::from_mins(10);
/// The fewest values a rate is taken from.
const FEWEST: usize = 3;
/// What lasts longer than this is not said.
const LONGEST: Duration = Duration::from_hours(30 * 24);
/// Seconds in a minute.
const MINUTE: f64 = 60.0;

/// A balance at a time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sample {
    /// When.
    pub at: Timestamp,
    /// Percent of the credits, 0 to 100.
    pub percent: f64,
}

/// What is low.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    /// A balance below this is low, in percent.
    pub below: f64,
    /// A balance that lasts no longer than this at the present rate is low.
    pub empty_within: Duration,
}

/// A balance by its last hours.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Standing {
    /// The last value.
    pub latest: Sample,
    /// Since when it has been low; none where it is not.
    pub low_since: Option<Timestamp>,
    /// How long it lasts at the present rate; none where it does not fall, or the last value is old.
    pub empty_in: Option<Duration>,
    /// Whether the last value is too old to say how it stands now.
    pub is_old: bool,
}

/// Values in the order of time, of which each is one: finite, 0 to 100, one for each time, none of the future.
#[must_use]
pub fn cleaned(mut samples: Vec<Sample>, now: Timestamp) -> Vec<Sample> {
    samples.retain(|sample| sample.percent.is_finite() && sample.at <= now);
    samples.sort_by_key(|sample| sample.at);
    samples.dedup_by_key(|sample| sample.at);
    for sample in &mut samples {
        sample.percent = sample.percent.clamp(0.0, 100.0);
    }
    samples
}

/// How a balance stands; nothing where there is no value. `samples`: as [`cleaned`] gives them.
///
/// It becomes low with a value below the threshold, or one that will not last. It is no longer low once it is
/// [`HYSTERESIS`] above the threshold and neither held for [`WINDOW`]. A balance without new values stays what it was.
#[must_use]
pub fn standing(samples: &[Sample], limits: Limits, now: Timestamp) -> Option<Standing> {
    let latest = *samples.last()?;
    let is_old = now.elapsed_since(latest.at) > WINDOW;
    let refilled = (limits.below + HYSTERESIS).min(100.0);
    let (mut low_since, mut last_low) = (None, None);
    for (index, sample) in samples.iter().enumerate() {
        let lasts = samples.get(..=index).and_then(empty_in);
        if sample.percent < limits.below || lasts.is_some_and(|lasts| lasts <= limits.empty_within) {
            low_since.get_or_insert(sample.at);
            last_low = Some(sample.at);
        } else if sample.percent >= refilled
            && last_low.is_some_and(|last| sample.at.elapsed_since(last) >= WINDOW)
        {
            (low_since, last_low) = (None, None);
        }
    }
    let empty_in = if is_old { None } else { empty_in(samples) };
    Some(Standing { latest, low_since, empty_in, is_old })
}

/// How long the last value lasts at the rate of the last [`WINDOW`], the slope of the line of least squares; nothing
/// where it does not fall, or there are too few values to say. `samples`: as [`cleaned`] gives them.
#[must_use]
pub fn empty_in(samples: &[Sample]) -> Option<Duration> {
    let latest = samples.last()?;
    let window = samples.iter().filter(|sample| latest.at.elapsed_since(sample.at) <= WINDOW);
    let points: Vec<_> =
        window.map(|one| (-latest.at.elapsed_since(one.at).as_secs_f64(), one.percent)).collect();
    let [(first, _), .., (_, before), (_, last)] = points[..] else { return None };
    if points.len() < FEWEST || -first < SHORTEST.as_secs_f64() || last > before {
        return None;
    }
    let per_second = slope(&points)?;
    let seconds = latest.percent / -per_second;
    // A slope so small that it is none gives more than any number: that lasts.
    (per_second < 0.0 && seconds.is_finite() && seconds <= LONGEST.as_secs_f64())
        .then(|| Duration::from_secs_f64(seconds.max(0.0)))
}

/// The slope of the line of least squares through points; nothing where all of them stand above each other.
fn slope(points: &[(f64, f64)]) -> Option<f64> {
    let count = points.iter().fold(0.0, |count, _| count + 1.0);
    let mean = |of: fn(&(f64, f64)) -> f64| points.iter().map(of).sum::<f64>() / count;
    let (mean_x, mean_y) = (mean(|point| point.0), mean(|point| point.1));
    let square: f64 = points.iter().map(|(x, _)| (x - mean_x).powi(2)).sum();
    let product: f64 = points.iter().map(|(x, y)| (x - mean_x) * (y - mean_y)).sum();
    (square > MINUTE).then(|| product / square).filter(|slope| slope.is_finite())
}

#[cfg(test)]
mod tests;
