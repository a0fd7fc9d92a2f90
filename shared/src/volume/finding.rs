//! What is told of a volume whose burst credits run out.

use std::time::Duration;

use super::Volume;
use super::balance::{HYSTERESIS, Sample, Standing, WINDOW};
use crate::event::timestamp::span_in_words;
use crate::judge::Finding;
use crate::policy::volumes::VolumePolicy;
use crate::verdict::{Cause, Severity};

/// Where a volume is.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// The cluster's name.
    pub cluster: &'a str,
    /// The instance it is attached to.
    pub instance: &'a str,
    /// The name it is attached under.
    pub device: Option<&'a str>,
}

/// A volume as the subject of a sentence.
#[must_use]
pub fn in_words(volume: &Volume, place: &Place<'_>) -> String {
    let device = place.device.map(|device| format!("{device}, ")).unwrap_or_default();
    format!("Volume {} ({device}{}) of {} on {}", volume.id, volume.in_words(), place.instance, place.cluster)
}

/// What is wrong with it, and the facts; nothing where its balance is not low.
#[must_use]
pub fn of(volume: &Volume, standing: &Standing, policy: &VolumePolicy) -> Option<(Finding, Vec<String>)> {
    let since = standing.low_since?;
    let Sample { at, percent } = standing.latest;
    let left = format!("{percent:.0} %");
    let lasts =
        standing.empty_in.map(|lasts| span_in_words(i64::try_from(lasts.as_millis()).unwrap_or(i64::MAX)));
    let severity = if percent < policy.high_below { Severity::High } else { Severity::Medium };
    let summary = match &lasts {
        _ if percent <= 0.0 => "has used up its burst credits.".to_owned(),
        Some(lasts) if standing.empty_in.is_some_and(|lasts| lasts <= policy.limits.empty_within) => {
            format!("has {left} of its burst credits left, which last {lasts} at the present rate.")
        }
        Some(_) | None if percent < policy.limits.below => format!("has {left} of its burst credits left."),
        Some(_) | None => format!("has {left} of its burst credits left, and has not had enough for long."),
    };
    let mut facts = vec![format!("BurstBalance {percent:.1} % at {at}"), format!("low since {since}")];
    if let Some(lasts) = lasts {
        let window = minutes_in_words(WINDOW);
        facts.push(format!("at the rate of the last {window} it is empty in {lasts}"));
    }
    if standing.is_old {
        facts.push("there is no newer value".to_owned());
    }
    facts.push(match volume.iops {
        Some(iops) if iops > 0 => format!("volume {}, {iops} IOPS without credits", volume.in_words()),
        Some(_) | None => format!("volume {}", volume.in_words()),
    });
    facts.push(format!(
        "over once it has been at {:.0} % or more",
        (policy.limits.below + HYSTERESIS).min(100.0)
    ));
    Some((Finding::new(Cause::BurstBalanceLow, severity, summary), facts))
}

/// A span in whole minutes: what is extrapolated knows no seconds.
fn minutes_in_words(span: Duration) -> String {
    match span.as_secs() / 60 {
        0 => "less than a minute".to_owned(),
        minutes => span_in_words(i64::try_from(minutes).unwrap_or(i64::MAX).saturating_mul(60_000)),
    }
}

#[cfg(test)]
mod tests {
    use super::super::VolumeType;
    use super::{Duration, Place, Sample, Standing, Volume, VolumePolicy, in_words, of};
    use crate::event::Timestamp;
    use crate::verdict::Severity;

    fn volume() -> Volume {
        Volume {
            id: "vol-1".into(),
            kind: VolumeType::Gp2,
            size_gib: Some(100),
            iops: Some(300),
            availability_zone: None,
            attachments: Vec::new(),
        }
    }

    fn standing(percent: f64, minutes_left: Option<u64>) -> Standing {
        let at = Timestamp::from_millis(3_600_000);
        let low_since = Some(Timestamp::from_millis(0));
        let empty_in = minutes_left.map(Duration::from_mins);
        Standing { latest: Sample { at, percent }, low_since, empty_in, is_old: false }
    }

    #[test]
    fn a_low_balance_is_told_by_how_little_is_left_and_for_how_long() {
        for (percent, minutes, severity, words) in [
            (12.4, None, Severity::Medium, "has 12 % of its burst credits left."),
            (
                60.0,
                Some(30),
                Severity::Medium,
                "has 60 % of its burst credits left, which last 30 min at the present rate.",
            ),
            (15.0, Some(300), Severity::Medium, "has 15 % of its burst credits left."),
            (
                4.9,
                Some(10),
                Severity::High,
                "has 5 % of its burst credits left, which last 10 min at the present rate.",
            ),
            (0.0, None, Severity::High, "has used up its burst credits."),
            (
                25.0,
                None,
                Severity::Medium,
                "has 25 % of its burst credits left, and has not had enough for long.",
            ),
        ] {
            let (finding, facts) =
                of(&volume(), &standing(percent, minutes), &VolumePolicy::default()).unwrap();
            assert_eq!((finding.severity, finding.summary.as_str()), (severity, words));
            assert!(
                facts[0].starts_with("BurstBalance ") && facts[1] == "low since 1970-01-01T00:00:00Z",
                "{facts:?}"
            );
            assert!(
                facts.iter().any(|fact| fact == "volume 100 GiB gp2, 300 IOPS without credits"),
                "{facts:?}"
            );
        }
        let fine = Standing { low_since: None, ..standing(90.0, None) };
        assert_eq!(of(&volume(), &fine, &VolumePolicy::default()), None);
    }

    #[test]
    fn it_is_named_with_its_place() {
        let place = Place { cluster: "harbor", instance: "i-1", device: Some("/dev/xvda") };
        assert_eq!(in_words(&volume(), &place), "Volume vol-1 (/dev/xvda, 100 GiB gp2) of i-1 on harbor");
        let place = Place { device: None, ..place };
        let bare = Volume { kind: VolumeType::Other("".into()), size_gib: None, ..volume() };
        assert_eq!(in_words(&bare, &place), "Volume vol-1 (unknown type) of i-1 on harbor");
    }
}
