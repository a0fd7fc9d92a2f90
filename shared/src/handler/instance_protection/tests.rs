//! Answers that the simulated fleet never gives.
