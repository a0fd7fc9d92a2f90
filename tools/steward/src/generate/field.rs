//! What is filled into a template for each event.

/// Makes the enum and its words from one table.
macro_rules! fields {
    ($($variant:ident $word:literal $meaning:literal)*) => {
        /// A place in a template.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Field {
            $(#[doc = $meaning] $variant,)*
        }

        impl Field {
            /// From its word in a template.
            #[must_use]
            pub fn from_word(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)* _ => None }
            }
        }
    };
}

fields! {
    EventId "event-id" "The event's id, the same whenever this version of the task is delivered."
    Time "time" "When it happened, to the second."
    Updated "updated" "The same to the millisecond."
    Cluster "cluster" "The cluster's name."
    TaskId "task-id" "The task's id."
    ContainerId "container-id" "The container's id."
    SidecarId "sidecar-id" "The sidecar's id."
    HostId "host-id" "The container instance's id."
    EniAttachment "eni-attachment" "The id of the network interface's attachment."
    EniStatus "eni-status" "How far that is."
    Subnet "subnet" "The subnet's digits."
    Eni "eni" "The network interface's digits."
    Ip "ip" "The address."
    IpDashes "ip-dashes" "The address as host names have it."
    Zone "az" "The letter of the Availability Zone."
    Provider "provider" "`capacityProviderName`, where the task has one."
    Connected "connected" "`connectivity` and since when, once it is connected."
    Exit "exit" "`exitCode` and `reason` of the container, once it has ended."
    SidecarExit "sidecar-exit" "`exitCode` of the sidecar, once it has ended."
    ContainerStatus "container-status" "The state of the containers."
    Name "name" "The name of service or family, container and image."
    Revision "revision" "The revision of the task definition."
    Digest "digest" "64 digits."
    Port "port" "The port on the host."
    Sidecar "sidecar" "A second container, where the workload has one."
    Created "created" "When the task was created."
    Desired "desired" "The desired status."
    ExecutionStopped "execution-stopped" "`executionStoppedAt`, once the containers have ended."
    Group "group" "`service:` or `family:` and the name."
    Status "status" "The state of the task."
    PulledAndStarted "pulled-and-started" "Times of the pull and of the start, as far as they were reached."
    StartedBy "started-by" "Who started it."
    Stop "stop" "Times, code and reason of the stop, as far as it has come."
    Version "version" "The version of the task."
}
