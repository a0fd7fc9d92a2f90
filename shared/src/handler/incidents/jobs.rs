//! Jobs as the alert table remembers them.

use super::{Incidents, TABLE_TIME};
use crate::alert::incident::Document;
use crate::alert::incident::document::job_key;
use crate::alert::incident::job::{JobEnd, JobRecord};
use crate::event::Timestamp;
use crate::ports::alert_table::CHANGES;
use crate::ports::{AlertTable, TableError};

impl<T: AlertTable> Incidents<T> {
    /// Notes how a run of a job ended.
    ///
    /// # Errors
    /// [`TableError::Unavailable`] where nobody knows whether it is remembered.
    pub async fn note_job(
        &self,
        cluster: &str,
        family: &str,
        end: &JobEnd,
        now: Timestamp,
    ) -> Result<(), TableError> {
        let keys = vec![job_key(cluster, family)];
        let known = self.table.read(&keys, TABLE_TIME).await?;
        self.change(keys, known, now, |mut documents| {
            let mut record = job(documents.pop().flatten()).unwrap_or_else(|| JobRecord::new(now));
            record.note(end.clone());
            (vec![Some(Document::Job(Box::new(record)))], ())
        })
        .await
    }

    /// What is known of jobs by cluster and family, in their order. Those nobody knows of yet are watched from now on.
    ///
    /// # Errors
    /// [`TableError::Unavailable`].
    pub async fn jobs(&self, names: &[(&str, &str)], now: Timestamp) -> Result<Vec<JobRecord>, TableError> {
        let keys: Vec<_> = names.iter().map(|(cluster, family)| job_key(cluster, family)).collect();
        let mut records = Vec::with_capacity(keys.len());
        for keys in keys.chunks(CHANGES) {
            let known = self.table.read(keys, TABLE_TIME).await?;
            let of_chunk = self
                .change(keys.to_vec(), known, now, |documents| {
                    let of = |document| job(document).unwrap_or_else(|| JobRecord::new(now));
                    let records: Vec<_> = documents.into_iter().map(of).collect();
                    let after = records.iter().cloned().map(|record| Some(Document::Job(Box::new(record))));
                    (after.collect(), records)
                })
                .await?;
            records.extend(of_chunk);
        }
        Ok(records)
    }
}

/// A document that is a job's.
fn job(document: Option<Document>) -> Option<JobRecord> {
    match document? {
        Document::Job(record) => Some(*record),
        Document::Seen(_)
        | Document::Incident(_)
        | Document::Cluster(_)
        | Document::Awaited(_)
        | Document::Watch(_) => None,
    }
}
