//! One list that is read page by page, and described chunk by chunk.

use std::collections::VecDeque;

use super::calls::Trouble;
use crate::ports::ecs::Partial;
use crate::ports::{ApiError, Page};

/// Pages of one list that are followed: 100 of them are 10,000 tasks.
const PAGES: usize = 100;
/// How often what failed is tried, all of one reading together, beside the first time.
const MORE_TRIES: u32 = 2;

/// The next call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// The page of this token; the first where there is none.
    List(Option<String>),
    /// These.
    Describe(Vec<String>),
    /// None: all is there.
    Nothing,
}

/// What a failure means for a reading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Go on.
    GoOn,
    /// Later in this invocation, after others.
    Later,
    /// Not in this invocation, for this reason.
    GiveUp(String),
}

/// A list on its way.
#[derive(Clone, Debug)]
pub(super) struct Reading<T> {
    /// What was listed and is still to be described.
    to_describe: VecDeque<String>,
    /// All that was listed.
    listed: Vec<String>,
    /// The token of the next page.
    token: Option<String>,
    /// Whether every page was listed.
    is_listed: bool,
    /// Whether the list is one that was remembered.
    is_remembered: bool,
    /// Pages so far.
    pages: usize,
    /// Tries that are left.
    tries: u32,
    /// What was described.
    found: Vec<T>,
}

impl<T> Reading<T> {
    /// Nothing yet; the list is known already where it is remembered.
    pub(super) fn begin(remembered: Option<Vec<String>>) -> Self {
        let is_remembered = remembered.is_some();
        let listed = remembered.unwrap_or_default();
        Self {
            to_describe: listed.iter().cloned().collect(),
            listed,
            token: None,
            is_listed: is_remembered,
            is_remembered,
            pages: 0,
            tries: MORE_TRIES,
            found: Vec::new(),
        }
    }

    /// What is to be called next; `most`: how many are described at once.
    pub(super) fn next(&self, most: usize) -> Next {
        if !self.is_listed {
            return Next::List(self.token.clone());
        }
        let chunk: Vec<_> = self.to_describe.iter().take(most).cloned().collect();
        if chunk.is_empty() { Next::Nothing } else { Next::Describe(chunk) }
    }

    /// Takes a page.
    pub(super) fn page(&mut self, page: Result<Page<String>, Trouble>) -> Step {
        let page = match page {
            Ok(page) => page,
            Err(trouble) => return self.failed(&trouble),
        };
        self.pages += 1;
        self.to_describe.extend(page.items.iter().cloned());
        self.listed.extend(page.items);
        self.token = page.next;
        self.is_listed = self.token.is_none();
        if !self.is_listed && self.pages >= PAGES {
            return Step::GiveUp(format!("more than {PAGES} pages"));
        }
        Step::GoOn
    }

    /// Takes what was described of a chunk. What is missing in the reply is asked for once more, with a fresh list
    /// where this one was remembered: it may have gone meanwhile.
    pub(super) fn described(&mut self, asked: usize, reply: Result<Partial<T>, Trouble>) -> Step {
        let Partial { found, failures } = match reply {
            Ok(reply) => reply,
            Err(trouble) => return self.failed(&trouble),
        };
        let answered = found.len();
        if failures.is_empty() && answered >= asked {
            self.to_describe.drain(..asked.min(self.to_describe.len()));
            self.found.extend(found);
            return Step::GoOn;
        }
        let why = match failures.first() {
            Some(failure) => format!("answered in part: {} of {}", failure.reason, failure.arn),
            None => format!("answered in part: {answered} of {asked}"),
        };
        if self.is_remembered {
            *self = Self { tries: self.tries, ..Self::begin(None) };
            return Step::Later;
        }
        self.try_again(why)
    }

    /// What a failure means.
    fn failed(&mut self, trouble: &Trouble) -> Step {
        match trouble {
            Trouble::Api(ApiError::Refused { .. }) => Step::GiveUp(trouble.to_string()),
            Trouble::Api(ApiError::Throttled(_) | ApiError::Unavailable(_)) => {
                self.try_again(trouble.to_string())
            }
            Trouble::NoBudget | Trouble::NoTime => Step::Later,
        }
    }

    /// Tries again later, where there are tries left.
    fn try_again(&mut self, why: String) -> Step {
        match self.tries.checked_sub(1) {
            Some(left) => {
                self.tries = left;
                Step::Later
            }
            None => Step::GiveUp(why),
        }
    }

    /// Everything that was described, and the list it is of.
    pub(super) fn finish(self) -> (Vec<T>, Vec<String>) {
        (self.found, self.listed)
    }
}

#[cfg(test)]
mod tests {
    use super::{Next, Partial, Reading, Step};
    use crate::handler::cluster_audit::calls::Trouble;
    use crate::ports::ecs::Failure;
    use crate::ports::{ApiError, Page};

    fn words(count: usize) -> Vec<String> {
        (0..count).map(|number| format!("arn-{number}")).collect()
    }

    fn page(count: usize, next: Option<&str>) -> Page<String> {
        Page { items: words(count), next: next.map(str::to_owned) }
    }

    fn whole(count: u8) -> Partial<u8> {
        Partial { found: (0..count).collect(), failures: Vec::new() }
    }

    fn missing(found: u8) -> Partial<u8> {
        let failure = Failure { arn: "arn-1".into(), reason: "MISSING".into() };
        Partial { found: (0..found).collect(), failures: vec![failure] }
    }

    fn throttled() -> Trouble {
        Trouble::Api(ApiError::Throttled("Rate exceeded".into()))
    }

    #[test]
    fn it_follows_pages_and_describes_in_chunks() {
        let mut reading = Reading::<u8>::begin(None);
        assert_eq!(reading.next(2), Next::List(None));
        assert_eq!(reading.page(Ok(page(2, Some("more")))), Step::GoOn);
        assert_eq!(reading.next(2), Next::List(Some("more".into())));
        assert_eq!(reading.page(Ok(page(1, None))), Step::GoOn);
        assert_eq!(reading.next(2), Next::Describe(words(2)));
        assert_eq!(reading.described(2, Ok(whole(2))), Step::GoOn);
        assert_eq!(reading.next(2), Next::Describe(words(1)));
        assert_eq!(reading.described(1, Ok(whole(1))), Step::GoOn);
        assert_eq!(reading.next(2), Next::Nothing);
        assert_eq!(reading.finish().0.len(), 3);
    }

    #[test]
    fn half_an_answer_is_none() {
        let mut reading = Reading::<u8>::begin(None);
        reading.page(Ok(page(3, None)));
        for reply in [missing(2), whole(2), missing(3)] {
            let mut reading = reading.clone();
            assert_eq!(reading.described(3, Ok(reply.clone())), Step::Later);
            assert_eq!(reading.described(3, Ok(reply.clone())), Step::Later);
            assert!(matches!(reading.described(3, Ok(reply)), Step::GiveUp(why) if why.contains("in part")));
        }
    }

    #[test]
    fn a_remembered_list_is_read_anew_where_something_of_it_is_missing() {
        let mut reading = Reading::<u8>::begin(Some(words(3)));
        assert_eq!(reading.next(10), Next::Describe(words(3)));
        assert_eq!(reading.described(3, Ok(missing(2))), Step::Later);
        assert_eq!(reading.next(10), Next::List(None));
        reading.page(Ok(page(2, None)));
        assert_eq!(reading.described(2, Ok(whole(2))), Step::GoOn);
        assert_eq!(reading.finish(), (vec![0, 1], words(2)));
    }

    #[test]
    fn a_refusal_is_final_and_what_may_pass_is_tried_again() {
        let refused = ApiError::Refused { code: "AccessDeniedException".into(), message: "no".into() };
        let mut reading = Reading::<u8>::begin(None);
        assert!(matches!(reading.page(Err(Trouble::Api(refused))), Step::GiveUp(_)));
        let steps: Vec<_> = (0..3).map(|_| reading.page(Err(throttled()))).collect();
        assert_eq!(steps[..2], [Step::Later, Step::Later]);
        assert!(matches!(&steps[2], Step::GiveUp(why) if why.contains("Rate exceeded")));
        assert_eq!(reading.page(Err(Trouble::NoBudget)), Step::Later);
    }

    #[test]
    fn a_list_without_an_end_is_given_up() {
        let mut reading = Reading::<u8>::begin(None);
        let steps: Vec<_> = (0..100).map(|_| reading.page(Ok(page(1, Some("more"))))).collect();
        assert!(matches!(&steps[99], Step::GiveUp(_)) && steps[98] == Step::GoOn);
    }
}
