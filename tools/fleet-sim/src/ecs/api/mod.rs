//! ECS's operations. Each does its work at once; [`crate::api`] decides what it costs and what goes wrong.

mod counts;
mod read;
#[cfg(test)]
mod tests;
mod view;
mod write;

pub use counts::ClusterCounts;
pub(crate) use read::TaskQuery;

use shared::ports::ecs::{Failure, Partial};
use shared::ports::{ApiError, Page};

use super::ClusterNo;
use crate::api::Spoiled;
use crate::world::World;

/// Elements of a page.
const PER_PAGE: usize = 100;
/// AWS's reason for what it does not know.
const MISSING: &str = "MISSING";

/// A refusal.
pub(crate) fn refused(code: &str, message: impl Into<String>) -> ApiError {
    ApiError::Refused { code: code.to_owned(), message: message.into() }
}

/// A refusal of what was sent.
pub(crate) fn invalid(message: impl Into<String>) -> ApiError {
    refused("InvalidParameterException", message)
}

/// Refuses none, and more than there may be.
pub(crate) fn within(what: &str, count: usize, most: usize) -> Result<(), ApiError> {
    match count {
        0 => Err(invalid(format!("{what} cannot be empty."))),
        _ if count > most => Err(invalid(format!("{what} can have at most {most} items."))),
        _ => Ok(()),
    }
}

/// Cuts a page out of a list whose elements have numbers that only grow; a token is the number to go on from.
pub(crate) fn page_of<T>(
    items: impl Iterator<Item = (usize, T)>,
    token: Option<&str>,
    most: usize,
) -> Result<Page<T>, ApiError> {
    let from: usize = match token {
        None => 0,
        Some(token) => token
            .strip_prefix("from-")
            .and_then(|number| number.parse().ok())
            .ok_or_else(|| invalid("Invalid token."))?,
    };
    let mut page = Page { items: Vec::new(), next: None };
    for (number, item) in items.filter(|(number, _)| *number >= from) {
        if page.items.len() == most {
            page.next = Some(format!("from-{number}"));
            break;
        }
        page.items.push(item);
    }
    Ok(page)
}

impl World {
    /// The cluster of a name or ARN, or ECS's refusal.
    pub(crate) fn cluster_or_refusal(&self, name: &str) -> Result<ClusterNo, ApiError> {
        self.cluster_named(name).ok_or_else(|| refused("ClusterNotFoundException", "Cluster not found."))
    }

    /// Answers what is found of what was asked for, and fails the others; spoils one where a reason is given.
    fn partial<T>(
        &mut self,
        asked: &[String],
        spoiled: Spoiled,
        mut find: impl FnMut(&mut Self, &str) -> Result<T, &'static str>,
    ) -> Partial<T> {
        let spoiled = spoiled.map(|reason| (self.spoiled_place(asked.len()), reason));
        let mut partial = Partial { found: Vec::new(), failures: Vec::new() };
        for (place, arn) in asked.iter().enumerate() {
            let found = match spoiled {
                Some((spoiled, reason)) if spoiled == place => Err(reason),
                _ => find(self, arn),
            };
            match found {
                Ok(found) => partial.found.push(found),
                Err(reason) => {
                    partial.failures.push(Failure { arn: arn.clone(), reason: reason.to_owned() });
                }
            }
        }
        partial
    }
}
