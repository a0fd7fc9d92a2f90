//! Ways of seeing an instance out: ours, and those of others.
//!
//! Each of the others is as good as can be but for the one thing its name says: it finds its instances, sets
//! DRAINING, waits as long as it takes, sends heartbeats, and has an AWS SDK's and Lambda's retries. They hear
//! of an instance by its lifecycle event alone, and run one errand for each, all at the same time.

pub mod completes_on_retry;
pub mod count_only;
mod errand;
pub mod first_page_only;
pub mod ours;
pub mod protection;
pub mod republishes;
pub mod running_list_only;
pub mod sleeps_to_the_limit;
#[cfg(test)]
mod tests;
