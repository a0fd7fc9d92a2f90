//! Random accounts.
