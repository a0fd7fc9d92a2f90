//! What Auto Scaling says of the instances that were seen.

use std::collections::BTreeMap;

use super::calls::{Lane, Trouble};
use super::memory::Area;
use super::progress::Waits;
use super::round::Round;
use crate::audit::seen::{Member, Unread};
use crate::ports::auto_scaling::PER_INSTANCES;
use crate::ports::{ApiError, Clock, ClusterReads};

/// Reads the members of these, each a cluster's number and an id, and notes them in their clusters.
pub(super) async fn read<R: ClusterReads, C: Clock>(round: &mut Round<'_, R, C>, wanted: &[(usize, String)]) {
    let mut unread: BTreeMap<usize, (Unread, Waits)> = BTreeMap::new();
    for chunk in wanted.chunks(PER_INSTANCES) {
        let ids: Vec<_> = chunk.iter().map(|(_, id)| id.clone()).collect();
        match describe(round, &ids).await {
            Ok(found) => note(round, chunk, found),
            Err(trouble) => {
                let waits = match &trouble {
                    Trouble::NoBudget | Trouble::NoTime => Waits::Yes,
                    Trouble::Api(_) => Waits::No,
                };
                for (number, _) in chunk {
                    let why = Unread(format!("{}: {trouble}", Area::Members.word()));
                    unread.insert(*number, (why, waits));
                }
            }
        }
    }
    let now = round.calls.clock.now();
    for (number, progress) in round.clusters.iter_mut().enumerate() {
        match unread.remove(&number) {
            Some(why) => progress.members = Err(why),
            None => round.memory.note_read(&progress.cluster.arn, Area::Members, now),
        }
    }
}

/// One call, and once more where it failed.
async fn describe<R: ClusterReads, C: Clock>(
    round: &mut Round<'_, R, C>,
    ids: &[String],
) -> Result<Vec<Member>, Trouble> {
    let name = "DescribeAutoScalingInstances";
    let reads = round.reads;
    match round.calls.call(name, Lane::Groups, reads.describe_members(ids)).await {
        Err(Trouble::Api(ApiError::Throttled(_) | ApiError::Unavailable(_))) => {
            round.calls.call(name, Lane::Groups, reads.describe_members(ids)).await
        }
        outcome => outcome,
    }
}

/// Puts members into the clusters of those who asked for them.
fn note<R, C>(round: &mut Round<'_, R, C>, chunk: &[(usize, String)], found: Vec<Member>) {
    for member in found {
        let of = chunk.iter().find(|(_, id)| *id == member.instance_id).map(|(number, _)| *number);
        if let Some(Ok(members)) = of.map(|number| &mut round.clusters[number].members) {
            members.insert(member.instance_id.clone(), member);
        }
    }
}
