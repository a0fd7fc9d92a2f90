//! Ways of seeing an instance out: ours, and those of others.

pub mod ours;
