//! What one call of ECS or Auto Scaling can cost, for those who budget calls and time.

use std::time::Duration;

/// How often one call goes out at most: once, and once more where it was throttled, failed or was not
/// answered. The next tick comes within a minute and asks again, and each attempt is taken out of the
/// account's bucket, which everything else in the account draws from too.
/// Source: <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/request-throttling.html>.
pub const ATTEMPTS_PER_CALL: u32 = 2;

/// How long one call takes at most: two attempts of four seconds, a second's pause between them. Who has less
/// time than this left does not call.
pub const LONGEST_CALL: Duration = Duration::from_secs(9);
