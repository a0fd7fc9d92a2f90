//! The balances of volumes, as far as `CloudWatch` gives them.

use std::collections::BTreeMap;

use super::asking::{Asking, Unread};
use crate::event::Timestamp;
use crate::ports::volumes::{Balance, Balances, BalancesOf, PER_METRICS};
use crate::ports::{ApiError, Clock, Page, Volumes};
use crate::volume::balance::{HISTORY, Sample, cleaned};

/// What the call is.
const GET: &str = "GetMetricData";

/// The balance of a volume over the last hours, or why it is not known.
pub(super) type Read = Result<Vec<Sample>, String>;

/// The balances of volumes by their ids; each of them has an answer.
pub(super) async fn read<V: Volumes, C: Clock>(
    port: &V,
    volumes: &[String],
    asking: &Asking<'_, C>,
) -> BTreeMap<String, Read> {
    let now = asking.now();
    let mut all = BTreeMap::new();
    for volumes in volumes.chunks(PER_METRICS) {
        let of = BalancesOf { volumes, from: now.minus(HISTORY), until: now };
        let pages = asking.pages_elsewhere(GET, |page| async move {
            let Balances { page, messages } = port.balances(of, page.as_deref()).await?;
            for message in messages {
                tracing::warn!(message, "CloudWatch says of the balances");
            }
            Ok::<Page<Balance>, ApiError>(page)
        });
        all.extend(of_pages(volumes, pages.await, now));
    }
    all
}

/// The balances of one call's pages. What an earlier page left out is on a later one; a volume that is on none was
/// not read.
fn of_pages(
    volumes: &[String],
    pages: Result<Vec<Balance>, Unread>,
    now: Timestamp,
) -> BTreeMap<String, Read> {
    let pages = match pages {
        Ok(pages) => pages,
        Err(why) => return volumes.iter().map(|id| (id.clone(), Err(why.to_string()))).collect(),
    };
    let nothing = || Err(format!("{GET} left it out"));
    let mut all: BTreeMap<String, Read> = volumes.iter().map(|id| (id.clone(), nothing())).collect();
    let mut samples: BTreeMap<&str, Vec<Sample>> = BTreeMap::new();
    for balance in &pages {
        samples.entry(&balance.volume).or_default().extend(&balance.samples);
        let read = match &balance.incomplete {
            Some(why) => Err(format!("{GET}: {why}")),
            None => Ok(Vec::new()),
        };
        all.insert(balance.volume.clone(), read);
    }
    for (id, samples) in samples {
        if let Some(Ok(read)) = all.get_mut(id) {
            *read = cleaned(samples, now);
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::{ApiError, Balance, Sample, Timestamp, Unread, of_pages};

    fn balance(volume: &str, minutes: &[i64], incomplete: Option<&str>) -> Balance {
        let at = |minute: &i64| Timestamp::from_millis(minute * 60_000);
        let samples = minutes.iter().map(|minute| Sample { at: at(minute), percent: 50.0 }).collect();
        Balance { volume: volume.to_owned(), samples, incomplete: incomplete.map(str::to_owned) }
    }

    #[test]
    fn a_volume_is_read_where_its_last_page_says_it_is_whole() {
        let ids = ["a", "b", "c", "d"].map(str::to_owned);
        let pages = vec![
            balance("a", &[10], Some("PartialData")),
            balance("b", &[5, 10], None),
            balance("a", &[5], None),
            balance("c", &[5], Some("InternalError")),
        ];
        let all = of_pages(&ids, Ok(pages), Timestamp::from_millis(900_000));
        let count = |id: &str| all[id].as_ref().map(Vec::len).map_err(String::as_str);
        assert_eq!(count("a"), Ok(2), "both pages");
        assert_eq!(count("b"), Ok(2));
        assert_eq!(count("c"), Err("GetMetricData: InternalError"));
        assert_eq!(count("d"), Err("GetMetricData left it out"));
    }

    #[test]
    fn a_call_that_failed_read_none_of_its_volumes() {
        let failed = Unread::Failed("GetMetricData", ApiError::Throttled("Rate exceeded".into()));
        let all = of_pages(&["a".to_owned()], Err(failed), Timestamp::from_millis(0));
        assert_eq!(all["a"], Err("GetMetricData: throttled: Rate exceeded".to_owned()));
    }
}
