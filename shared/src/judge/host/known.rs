//! What may be known of an EC2 instance beyond an event: what ECS and Auto Scaling say of it when they are asked.

use std::collections::BTreeMap;

/// What is known of instances, by their ids.
pub type KnownHosts = BTreeMap<String, Known>;

/// What is known of one instance.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// Whether it is a container instance, and how that stands.
    pub membership: Membership,
    /// What Auto Scaling does with it.
    pub keeper: Keeper,
    /// Whether a Spot interruption of it was announced lately.
    pub is_interrupted: bool,
}

/// Whether an instance is a container instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Membership {
    /// Nobody knows, and why.
    Unknown(String),
    /// It is in no cluster: every cluster was asked.
    Nowhere,
    /// It is.
    Member(Member),
}

impl Default for Membership {
    fn default() -> Self {
        Self::Unknown("nobody was asked".to_owned())
    }
}

/// A container instance, as ECS says it is now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Member {
    /// The cluster's name.
    pub cluster: String,
    /// The container instance's id.
    pub id: String,
    /// `ACTIVE`, `DRAINING`, …
    pub status: String,
    /// Whether its agent is connected.
    pub agent_connected: bool,
    /// Tasks that run or are about to, by ECS's own count.
    pub tasks: i64,
}

/// What Auto Scaling does with an instance.
/// Source: <https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-lifecycle.html>.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Keeper {
    /// Nobody knows, and why.
    Unknown(String),
    /// It is in no group, or not any more.
    Nobody,
    /// It is in a group.
    Group {
        /// The group's name.
        name: String,
        /// Where it stands there, in Auto Scaling's own word.
        state: String,
    },
}

impl Default for Keeper {
    fn default() -> Self {
        Self::Unknown("nobody was asked".to_owned())
    }
}

impl Known {
    /// The container instance, where it is one.
    #[must_use]
    pub const fn member(&self) -> Option<&Member> {
        match &self.membership {
            Membership::Member(member) => Some(member),
            Membership::Unknown(_) | Membership::Nowhere => None,
        }
    }

    /// Whether Auto Scaling is about to end it.
    #[must_use]
    pub fn is_scaled_in(&self) -> bool {
        self.state().is_some_and(|state| state.starts_with("Terminat") || state == "Warmed:Terminated")
            || self.state().is_some_and(|state| state.starts_with("Warmed:Terminating"))
    }

    /// Whether Auto Scaling keeps it in a warm pool, which stops and starts its instances.
    #[must_use]
    pub fn is_warm(&self) -> bool {
        self.state().is_some_and(|state| state.starts_with("Warmed:"))
    }

    /// Where it stands in its group.
    fn state(&self) -> Option<&str> {
        match &self.keeper {
            Keeper::Group { state, .. } => Some(state),
            Keeper::Unknown(_) | Keeper::Nobody => None,
        }
    }

    /// It as evidence.
    #[must_use]
    pub fn facts(&self) -> Vec<String> {
        let membership = match &self.membership {
            Membership::Unknown(why) => format!("whether it is a container instance is not known: {why}"),
            Membership::Nowhere => "it is in no cluster".to_owned(),
            Membership::Member(Member { cluster, id, status, agent_connected, tasks }) => format!(
                "container instance {id} on {cluster} is {status}, agent {}, tasks {tasks}",
                if *agent_connected { "connected" } else { "disconnected" },
            ),
        };
        let keeper = match &self.keeper {
            Keeper::Unknown(why) => format!("what Auto Scaling does with it is not known: {why}"),
            Keeper::Nobody => "it is in no Auto Scaling group".to_owned(),
            Keeper::Group { name, state } => format!("in Auto Scaling group {name} it is {state}"),
        };
        let interrupted = self.is_interrupted.then(|| "its Spot interruption was announced".to_owned());
        [membership, keeper].into_iter().chain(interrupted).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::{Keeper, Known};

    #[test]
    fn auto_scalings_own_words_say_what_it_does() {
        for (state, scaled_in, warm) in [
            ("InService", false, false),
            ("Terminating", true, false),
            ("Terminating:Wait", true, false),
            ("Terminating:Proceed", true, false),
            ("Terminated", true, false),
            ("Warmed:Stopped", false, true),
            ("Warmed:Pending:Wait", false, true),
            ("Warmed:Terminating:Wait", true, true),
            ("Standby", false, false),
            ("OfTheFuture", false, false),
        ] {
            let keeper = Keeper::Group { name: "asg".into(), state: state.into() };
            let known = Known { keeper, ..Known::default() };
            assert_eq!((known.is_scaled_in(), known.is_warm()), (scaled_in, warm), "{state}");
        }
        assert!(!Known::default().is_scaled_in());
    }
}
