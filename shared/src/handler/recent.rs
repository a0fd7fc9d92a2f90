//! What this process kept last.

use std::borrow::Borrow;
use std::collections::{HashMap, VecDeque};
use std::hash::Hash;

/// A bounded memory; the oldest key is forgotten first.
#[derive(Debug, Default)]
pub(super) struct Recent<K, V, const CAPACITY: usize> {
    /// By key.
    known: HashMap<K, V>,
    /// The keys, oldest first.
    order: VecDeque<K>,
}

impl<K: Clone + Eq + Hash, V, const CAPACITY: usize> Recent<K, V, CAPACITY> {
    /// What was kept under a key.
    pub(super) fn get<Q: Eq + Hash + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        self.known.get(key)
    }

    /// Keeps something, instead of what was kept under its key.
    pub(super) fn keep(&mut self, key: K, value: V) {
        if self.known.insert(key.clone(), value).is_some() {
            return;
        }
        self.order.push_back(key);
        if self.order.len() > CAPACITY
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Recent;

    #[test]
    fn the_oldest_is_forgotten_and_the_last_value_kept() {
        let mut recent: Recent<Box<str>, u32, 2> = Recent::default();
        for (key, value) in [("a", 1), ("b", 1), ("a", 2), ("c", 1)] {
            recent.keep(key.into(), value);
        }
        assert_eq!((recent.get("a"), recent.get("b"), recent.get("c")), (None, Some(&1), Some(&1)));
        recent.keep("b".into(), 2);
        assert_eq!((recent.get("b"), recent.known.len(), recent.order.len()), (Some(&2), 2, 2));
    }
}
