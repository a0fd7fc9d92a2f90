//! A port that is not there: no value of it exists, so nothing is ever asked.

use std::convert::Infallible;
use std::time::Duration;

use crate::alert::bus::Entry;
use crate::alert::deployment::Deployment;
use crate::alert::log_lines::LogStream;
use crate::drain::container_instance::ContainerInstance;
use crate::event::Timestamp;
use crate::judge::background::TaskDefinition;
use crate::ports::alert_table::{AlertTable, Change, Stored, TableError};
use crate::ports::facts::{LogTail, MemoryOf, MemoryPeak};
use crate::ports::{ApiError, TaskFacts, VerdictBus};

/// Stands for the table, the facts or the bus of a function that has none.
#[derive(Clone, Copy, Debug)]
pub struct Absent(Infallible);

impl AlertTable for Absent {
    async fn read(&self, _: &[String], _: Duration) -> Result<Vec<Option<Stored>>, TableError> {
        match self.0 {}
    }

    async fn commit(&self, _: &[Change], _: Duration) -> Result<(), TableError> {
        match self.0 {}
    }

    async fn due(&self, _: Timestamp, _: usize, _: Duration) -> Result<Vec<String>, TableError> {
        match self.0 {}
    }
}

impl TaskFacts for Absent {
    async fn task_definition(&self, _: &str, _: Duration) -> Result<TaskDefinition, ApiError> {
        match self.0 {}
    }

    async fn host(&self, _: &str, _: &str, _: Duration) -> Result<Option<ContainerInstance>, ApiError> {
        match self.0 {}
    }

    async fn deployments(&self, _: &str, _: &str, _: Duration) -> Result<Vec<Deployment>, ApiError> {
        match self.0 {}
    }

    async fn last_log_lines(&self, _: &LogStream, _: usize, _: Duration) -> Result<LogTail, ApiError> {
        match self.0 {}
    }

    async fn memory_peak(&self, _: MemoryOf<'_>, _: Duration) -> Result<MemoryPeak, ApiError> {
        match self.0 {}
    }
}

impl VerdictBus for Absent {
    async fn put(&self, _: &[Entry], _: Duration) -> usize {
        match self.0 {}
    }
}
