//! What emits no event: the checks of `cluster-audit` over what was seen of a cluster. Time is an argument.

pub mod checks;
pub mod finding;
pub mod seen;
pub mod settings;
