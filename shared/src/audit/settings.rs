//! Which clusters are looked at, and how much of the account's calls that may take.

/// The share of what AWS gives an account that the audit reads with, in percent, unless the environment says
/// otherwise. It is this much so that 200 clusters with 5,000 services are read within one tick: they take 800 reads
/// of services at the first look and 600 at the later ones, of which AWS gives 100 at once and 20 a second. Smaller
/// accounts come nowhere near it.
pub const DEFAULT_READ_PERCENT: u32 = 95;

/// What the environment says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditSettings {
    /// The clusters, by name or ARN; all of the account and region where this is empty.
    pub clusters: Vec<String>,
    /// The share of what AWS gives an account, in percent: 1 to 100.
    pub read_percent: u32,
}

impl Default for AuditSettings {
    fn default() -> Self {
        Self { clusters: Vec::new(), read_percent: DEFAULT_READ_PERCENT }
    }
}
