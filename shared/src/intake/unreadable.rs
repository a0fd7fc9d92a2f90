//! A record nobody could read, with what is needed to find out why.

use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};

use crate::redact;

/// How much of an unreadable record an alert quotes, in characters.
const EXCERPT_CHARS: usize = 300;
/// How much of it is searched for secrets, in characters: one that the quotation would cut is still known whole.
const SEARCHED_CHARS: usize = 4 * EXCERPT_CHARS;

/// Why a record could not be read, and where it stood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// The place in the payload, such as `Records[2].body`; empty for the payload itself.
    pub place: String,
    /// What is wrong, as a phrase without secrets.
    pub problem: String,
    /// The first characters of the record, without secrets.
    pub excerpt: String,
    /// Identifies the text, so that a redelivery of it is recognised.
    pub key: u64,
}

impl Unreadable {
    /// From an event that was read, and that a bug of ours kept from being judged.
    #[must_use]
    pub fn of_bug(problem: String, event: &str) -> Self {
        Self::new(String::new(), problem, event)
    }

    /// From the text that could not be read.
    pub(super) fn new(place: String, problem: String, text: &str) -> Self {
        let mut hasher = DefaultHasher::new();
        text.hash(&mut hasher);
        let searched: String = text.trim().chars().take(SEARCHED_CHARS).collect();
        let excerpt = redact::text(&searched).chars().take(EXCERPT_CHARS).collect();
        Self { place, problem: redact::string(problem), excerpt, key: hasher.finish() }
    }
}

impl fmt::Display for Unreadable {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.place.is_empty() {
            write!(formatter, "{}: ", self.place)?;
        }
        formatter.write_str(&self.problem)
    }
}
