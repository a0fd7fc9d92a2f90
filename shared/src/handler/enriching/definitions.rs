//! Revisions of task definitions that were asked for before. A revision never changes, so it is never stale.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use crate::event::arn::family_and_revision;
use crate::judge::background::TaskDefinition;

/// How many are kept: a few hundred kilobytes.
const CAPACITY: usize = 256;

/// Bounded memory; the oldest revision is forgotten first.
#[derive(Debug, Default)]
pub(super) struct Definitions {
    /// By ARN.
    known: HashMap<Box<str>, Arc<TaskDefinition>>,
    /// Keys of `known`, oldest first.
    order: VecDeque<Box<str>>,
}

impl Definitions {
    /// A revision by its ARN.
    pub(super) fn get(&self, arn: &str) -> Option<Arc<TaskDefinition>> {
        self.known.get(arn).cloned()
    }

    /// Keeps a revision. A name without one means the latest, which changes.
    pub(super) fn keep(&mut self, arn: &str, definition: &Arc<TaskDefinition>) {
        let is_revision = family_and_revision(arn).1.is_some();
        if !is_revision || self.known.insert(arn.into(), Arc::clone(definition)).is_some() {
            return;
        }
        self.order.push_back(arn.into());
        if self.order.len() > CAPACITY
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Arc, CAPACITY, Definitions};

    #[test]
    fn the_oldest_revision_is_forgotten_and_a_family_is_never_kept() {
        let mut definitions = Definitions::default();
        let definition = Arc::default();
        definitions.keep("web", &definition);
        assert_eq!(definitions.get("web"), None);
        for revision in 0..=CAPACITY {
            definitions.keep(&format!("web:{revision}"), &definition);
            definitions.keep(&format!("web:{revision}"), &definition);
        }
        assert_eq!((definitions.get("web:0"), definitions.get("web:1")), (None, Some(Arc::default())));
        assert_eq!((definitions.known.len(), definitions.order.len()), (CAPACITY, CAPACITY));
    }
}
