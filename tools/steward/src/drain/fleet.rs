//! The instances that are drained, and how each of them stands.

use std::collections::BTreeMap;

use shared::drain::{Because, Leave, Step, Wait};
use shared::handler::instance_drain::{Deed, Purpose, Report, Row, Wish};

/// How an instance stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Nobody looked yet, or something could not be found out or done.
    Trouble,
    /// It is DRAINING, or would be.
    UnderWay,
    /// It is drained, its hook is completed, or it is gone.
    Ended,
    /// It is in no cluster.
    NotFound,
}

/// One instance.
#[derive(Clone, Debug)]
pub struct Watched {
    /// Its id.
    pub id: String,
    /// What came of the last look.
    pub row: Option<Row>,
    /// What was done in all looks.
    pub done: Vec<Deed>,
    /// What kept it when its tasks were last listed.
    pub blockers: Vec<String>,
    /// How it stands.
    pub standing: Standing,
    /// Whether it was found in a cluster before.
    was_found: bool,
}

/// All of them, in the order in which they were asked for.
#[derive(Clone, Debug)]
pub struct Fleet(pub Vec<Watched>);

impl Fleet {
    /// Nobody looked at them yet.
    pub fn new(ids: &[String]) -> Self {
        let watched = |id: &String| Watched {
            id: id.clone(),
            row: None,
            done: Vec::new(),
            blockers: Vec::new(),
            standing: Standing::Trouble,
            was_found: false,
        };
        Self(ids.iter().map(watched).collect())
    }

    /// What is asked of the handler next.
    pub fn wishes(&self, cluster: Option<&str>) -> BTreeMap<String, Wish> {
        let wish = || Wish { cluster: cluster.map(str::to_owned), ..Wish::new(Purpose::Asked) };
        self.0.iter().filter(|one| !one.is_over()).map(|one| (one.id.clone(), wish())).collect()
    }

    /// Notes what came of a look. Answers the places of those whose state changed. What was not asked for want
    /// of budget is no change; the next look may ask it.
    pub fn note(&mut self, report: &Report) -> Vec<usize> {
        let mut changed = Vec::new();
        for (place, one) in self.0.iter_mut().enumerate().filter(|(_, one)| !one.is_over()) {
            let Some(row) = report.rows.iter().find(|row| row.instance_id == one.id) else { continue };
            let is_first = one.row.is_none();
            if one.note(row) && (is_first || !report.starved || one.standing != Standing::Trouble) {
                changed.push(place);
            }
        }
        changed
    }

    /// Whether none is left to look at.
    pub fn is_over(&self) -> bool {
        self.0.iter().all(Watched::is_over)
    }

    /// Whether all are drained, completed or gone.
    pub fn is_ended_well(&self) -> bool {
        self.0.iter().all(|one| one.standing == Standing::Ended)
    }

    /// Whether all are that, or DRAINING.
    pub fn is_under_way(&self) -> bool {
        self.0.iter().all(|one| matches!(one.standing, Standing::Ended | Standing::UnderWay))
    }
}

impl Watched {
    /// Whether another look would change nothing.
    fn is_over(&self) -> bool {
        matches!(self.standing, Standing::Ended | Standing::NotFound)
    }

    /// What is next, in words.
    pub fn next(&self) -> String {
        match &self.row {
            Some(Row { step: Some(Step::Leave(Leave::NoCluster | Leave::Gone)), .. })
                if self.standing == Standing::Ended =>
            {
                "nothing: it has left its cluster".to_owned()
            }
            Some(row) => row.next_in_words(),
            None => "look at it".to_owned(),
        }
    }

    /// Notes a row; whether it says something new.
    fn note(&mut self, row: &Row) -> bool {
        let before = self.state();
        self.done.extend(&row.done);
        self.standing = standing(row, self.was_found);
        self.was_found |= row.tasks.is_some();
        // Tasks are listed now and then; what was seen holds until then, as long as ECS counts as many.
        let counts_as_many = self.row.as_ref().is_some_and(|before| before.tasks == row.tasks);
        if !row.blockers.is_empty() || !counts_as_many || self.is_over() {
            self.blockers.clone_from(&row.blockers);
        }
        self.row = Some(row.clone());
        before != self.state()
    }

    /// What makes a state another one.
    fn state(&self) -> impl PartialEq + use<> {
        let row = self.row.as_ref();
        let trouble = row.and_then(Row::trouble_in_words).map(str::to_owned);
        // A heartbeat is no news. Whether tasks were listed or only counted is none either.
        let deeds: Vec<_> = self.done.iter().copied().filter(|deed| *deed != Deed::Heartbeat).collect();
        (row.is_some(), self.standing, row.and_then(|row| row.tasks), deeds, self.blockers.clone(), trouble)
    }
}

/// How an instance stands after a look.
fn standing(row: &Row, was_found: bool) -> Standing {
    let did = |deed| row.done.contains(&deed);
    let standing = match &row.step {
        None => Standing::Trouble,
        Some(Step::Drained { .. }) => Standing::Ended,
        Some(Step::Complete(..)) if did(Deed::Completed) || did(Deed::WasOver) => Standing::Ended,
        Some(Step::Leave(leave)) => match leave {
            Leave::Gone | Leave::NoCluster if !was_found => Standing::NotFound,
            Leave::Gone
            | Leave::NoCluster
            | Leave::NotWaiting(_)
            | Leave::Released
            | Leave::NoHookOfOurs(_) => Standing::Ended,
        },
        Some(Step::Wait(Wait { because, .. })) => match because {
            Because::Trouble(_) | Because::Status(_) | Because::Joining => Standing::Trouble,
            Because::Settling
            | Because::TasksLeft(_)
            | Because::Unfinished(_)
            | Because::Recheck
            | Because::Logs => Standing::UnderWay,
        },
        Some(
            Step::Drain { .. }
            | Step::Remember { .. }
            | Step::ListTasks { .. }
            | Step::AskGroup { .. }
            | Step::Complete(..),
        ) => Standing::UnderWay,
    };
    if standing == Standing::UnderWay && row.trouble.is_some() { Standing::Trouble } else { standing }
}
