//! One writer that commits many small changes together: a commit costs a flush of the disk, whatever is in it.
//!
//! Whoever writes waits for the commit that holds the change, so that what is acknowledged is durable.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};

use super::{Db, Dialect, Tx};
use crate::error::{Error, ErrorCode, Result};
use crate::tasks::Tasks;

/// How much is taken together, and how much may wait.
#[derive(Debug, Clone, Copy)]
pub struct GroupLimits {
    /// Most changes in one commit, at least 1.
    pub batch_max: usize,
    /// Most changes that wait for a commit; beyond, [`GroupWriter::write`] refuses. At least 1.
    pub queue_max: usize,
}

/// What is done with a batch inside its transaction: one receipt for each change, in their order.
pub type Applied<'tx, Receipt> = Pin<Box<dyn Future<Output = Result<Vec<Receipt>>> + Send + 'tx>>;

type Apply<Change, Receipt> =
    dyn for<'tx> Fn(Dialect, &'tx mut Tx, &'tx [Change]) -> Applied<'tx, Receipt> + Send + Sync;

type Waiting<Change, Receipt> = (Change, oneshot::Sender<Result<Receipt>>);

/// Gathers changes while a commit is under way and commits them with the next. Cheap to clone; the clones share one queue.
pub struct GroupWriter<Change, Receipt> {
    inner: Arc<Inner<Change, Receipt>>,
}

struct Inner<Change, Receipt> {
    db: Db,
    tasks: Tasks,
    limits: GroupLimits,
    apply: Arc<Apply<Change, Receipt>>,
    queue: OnceLock<mpsc::Sender<Waiting<Change, Receipt>>>,
}

impl<Change, Receipt> GroupWriter<Change, Receipt>
where
    Change: Send + Sync + 'static,
    Receipt: Send + 'static,
{
    /// Starts with its first change. `apply` must do the same again if it is called again: a batch that fails is taken
    /// apart, and each of its changes is tried alone.
    pub fn new(
        db: Db,
        tasks: Tasks,
        limits: GroupLimits,
        apply: impl for<'tx> Fn(Dialect, &'tx mut Tx, &'tx [Change]) -> Applied<'tx, Receipt> + Send + Sync + 'static,
    ) -> Self {
        let inner = Inner { db, tasks, limits, apply: Arc::new(apply), queue: OnceLock::new() };
        Self { inner: Arc::new(inner) }
    }

    /// Commits a change, together with others.
    ///
    /// # Errors
    /// `rate_limited` if too many wait already: nothing is written. Those of the database: whether the change was
    /// written is then unknown only if the commit itself failed. Those of the change.
    pub async fn write(&self, change: Change) -> Result<Receipt> {
        let (committed, commit) = oneshot::channel();
        match self.queue().try_send((change, committed)) {
            Ok(()) => commit.await.unwrap_or_else(|_| Err(stopped())),
            Err(mpsc::error::TrySendError::Full(_)) => Err(overloaded()),
            Err(mpsc::error::TrySendError::Closed(_)) => Err(stopped()),
        }
    }

    /// [`GroupWriter::write`] that waits where the queue is full: for work that nobody outside can slow down.
    ///
    /// # Errors
    /// As [`GroupWriter::write`], but never `rate_limited`.
    pub async fn write_patiently(&self, change: Change) -> Result<Receipt> {
        let (committed, commit) = oneshot::channel();
        if self.queue().send((change, committed)).await.is_err() {
            return Err(stopped());
        }
        commit.await.unwrap_or_else(|_| Err(stopped()))
    }

    fn queue(&self) -> &mpsc::Sender<Waiting<Change, Receipt>> {
        self.inner.queue.get_or_init(|| {
            let (sender, receiver) = mpsc::channel(self.inner.limits.queue_max.max(1));
            let Inner { db, tasks, limits, apply, .. } = &*self.inner;
            let writer = Writer { db: db.clone(), batch_max: limits.batch_max.max(1), apply: Arc::clone(apply) };
            tasks.spawn(writer.run(receiver, tasks.stopping().clone()));
            sender
        })
    }
}

impl<Change, Receipt> Clone for GroupWriter<Change, Receipt> {
    fn clone(&self) -> Self {
        Self { inner: Arc::clone(&self.inner) }
    }
}

impl<Change, Receipt> fmt::Debug for GroupWriter<Change, Receipt> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("GroupWriter").field("limits", &self.inner.limits).finish_non_exhaustive()
    }
}

struct Writer<Change, Receipt> {
    db: Db,
    batch_max: usize,
    apply: Arc<Apply<Change, Receipt>>,
}

impl<Change, Receipt> Writer<Change, Receipt> {
    /// Until the process stops; what waits then is still written.
    async fn run(
        self,
        mut queue: mpsc::Receiver<Waiting<Change, Receipt>>,
        stopping: tokio_util::sync::CancellationToken,
    ) {
        let mut taken = Vec::with_capacity(self.batch_max);
        loop {
            tokio::select! {
                biased;
                count = queue.recv_many(&mut taken, self.batch_max) => if count == 0 { return },
                () = stopping.cancelled(), if !queue.is_closed() => queue.close(),
            }
            if !taken.is_empty() {
                self.commit(taken.drain(..).unzip()).await;
            }
        }
    }

    async fn commit(&self, (changes, waiting): (Vec<Change>, Vec<oneshot::Sender<Result<Receipt>>>)) {
        match self.attempt(&changes).await {
            Ok(receipts) => {
                for (waiting, receipt) in waiting.into_iter().zip(receipts) {
                    let _gone = waiting.send(Ok(receipt));
                }
            }
            Err(error) if changes.len() == 1 => {
                if let Some(waiting) = waiting.into_iter().next() {
                    let _gone = waiting.send(Err(error));
                }
            }
            // One of them may be at fault: each alone, so that the others do not suffer for it. A database that does
            // not answer is nobody's fault, and waiting for it once is enough.
            Err(_) => {
                let mut is_away = false;
                for (change, waiting) in changes.iter().zip(waiting) {
                    let receipt = if is_away { Err(away()) } else { self.attempt(std::slice::from_ref(change)).await };
                    is_away |= receipt.as_ref().is_err_and(|error| error.code() == ErrorCode::UpstreamUnavailable);
                    let _gone = waiting.send(receipt.and_then(|mut receipts| receipts.pop().ok_or_else(no_receipt)));
                }
            }
        }
    }

    async fn attempt(&self, changes: &[Change]) -> Result<Vec<Receipt>> {
        let mut tx = self.db.begin().await?;
        let receipts = (self.apply)(self.db.dialect(), &mut tx, changes).await?;
        if receipts.len() != changes.len() {
            return Err(no_receipt());
        }
        tx.commit().await?;
        Ok(receipts)
    }
}

fn overloaded() -> Error {
    Error::new(ErrorCode::RateLimited, "more changes wait to be written than there is room for")
        .with_hint("try again in a second")
        .with_retry_after(Duration::from_secs(1))
}

fn stopped() -> Error {
    Error::new(ErrorCode::UpstreamUnavailable, "the process is stopping").with_hint("try again in a few seconds")
}

fn away() -> Error {
    Error::new(ErrorCode::UpstreamUnavailable, "the database does not take changes")
        .with_hint("try again")
        .with_retry_after(Duration::from_secs(1))
}

fn no_receipt() -> Error {
    Error::internal("a batch of changes was not answered one by one", "receipts and changes differ in number")
}
