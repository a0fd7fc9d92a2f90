//! The payload as Lambda sent it, byte by byte.
//!
//! `lambda_runtime` reads a payload as JSON before a handler sees it, and fails the invocation where it is
//! none: nobody would be told. So the bytes are taken aside before it looks, and it gets `null` instead.

use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use lambda_runtime::LambdaInvocation;
use lambda_runtime::tower::{Layer, Service};

/// What the runtime reads instead of the payload.
const NULL: &[u8] = b"null";

/// Where the payload waits for the handler: invocations come one at a time.
#[derive(Clone, Debug, Default)]
pub(super) struct Slot(Arc<Mutex<Vec<u8>>>);

impl Slot {
    /// The payload of the present invocation.
    pub(super) fn take(&self) -> Vec<u8> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Puts a payload aside.
    fn put(&self, payload: Vec<u8>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = payload;
    }
}

/// Puts each payload aside.
#[derive(Clone, Debug)]
pub(super) struct KeepPayload(pub Slot);

impl<S> Layer<S> for KeepPayload {
    type Service = KeepPayloadService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        KeepPayloadService { inner, slot: self.0.clone() }
    }
}

/// The runtime's own service behind [`KeepPayload`].
#[derive(Clone, Debug)]
pub(super) struct KeepPayloadService<S> {
    /// Reads the payload, calls the handler, answers.
    inner: S,
    /// Where the payload goes.
    slot: Slot,
}

impl<S: Service<LambdaInvocation>> Service<LambdaInvocation> for KeepPayloadService<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut invocation: LambdaInvocation) -> Self::Future {
        let payload = std::mem::replace(&mut invocation.body, NULL.into());
        self.slot.put(payload.into());
        self.inner.call(invocation)
    }
}
