//! The loss of any one event delays a completion by a tick at most.
