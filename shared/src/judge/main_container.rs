//! Which container of a task is the one the task is for.
//!
//! Only the task definition says which containers are essential. Where it is not known, the name has to do.

use super::Stop;

impl Stop<'_> {
    /// Whether a container is essential, where that is known.
    #[must_use]
    pub fn essential(&self, index: usize) -> Option<bool> {
        self.containers[index].essential
    }

    /// The main container: the only essential one; of several, or where nothing is known, the one that carries
    /// the name of the task's service or family. A container that is not essential is never the main one.
    #[must_use]
    pub fn main(&self) -> Option<usize> {
        let essential: Vec<_> = self.counted().filter(|index| self.essential(*index) == Some(true)).collect();
        match essential[..] {
            [] => self.named_like_task(|index| self.essential(index) != Some(false)),
            [only] => Some(only),
            [..] => self.named_like_task(|index| self.essential(index) == Some(true)),
        }
    }

    /// The only container of these that carries the name of the task's service or family.
    fn named_like_task(&self, of_these: impl Fn(usize) -> bool) -> Option<usize> {
        let names = [self.task.service(), self.task.family()];
        let mut found = self.counted().filter(|index| {
            let name = self.containers[*index].container.name.as_deref();
            of_these(*index) && name.is_some() && names.contains(&name)
        });
        found.next().filter(|_| found.next().is_none())
    }

    /// Why a container is taken for the main one: `app carries the task's name`.
    #[must_use]
    pub fn why_main(&self, index: usize) -> String {
        let name = self.containers[index].container.label();
        let others = self.counted().any(|other| other != index && self.essential(other) == Some(true));
        if self.essential(index) == Some(true) && !others {
            format!("{name} is the essential container")
        } else {
            format!("{name} carries the task's name")
        }
    }

    /// Whether a container stands beside a main one that had done its work: it is then taken for a sidecar.
    /// An essential one never is, since its end stops the task.
    #[must_use]
    pub fn is_beside_done_main(&self, index: usize) -> bool {
        let is_done = |main: usize| main != index && self.judged_code(main) == Some(0);
        match self.essential(index) {
            Some(true) => false,
            Some(false) => self.counted().any(|other| self.essential(other) == Some(true) && is_done(other)),
            None => self.main().is_some_and(is_done),
        }
    }

    /// Whether a container is a sidecar for certain: by policy, or because its end does not stop the task.
    #[must_use]
    pub fn is_sidecar(&self, index: usize) -> bool {
        self.containers[index].is_sidecar || self.essential(index) == Some(false)
    }
}
