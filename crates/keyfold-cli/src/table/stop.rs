//! Ctrl-C and SIGTERM, for work that ends in order.

use keyfold_web::serve;
use tokio::sync::watch;

use super::error::OperateError;

/// Tells whether this process was asked to end.
#[derive(Debug, Clone)]
pub struct Stop(watch::Receiver<bool>);

impl Stop {
    /// Catches the signals from here on.
    pub fn on_signals() -> Result<Self, OperateError> {
        let signal = serve::stop_signal().map_err(|error| OperateError::Signals {
            reason: error.to_string(),
        })?;
        let (tell, told) = watch::channel(false);
        tokio::spawn(async move {
            signal.await;
            // Nobody listens: the work is done.
            let _ = tell.send(true);
        });
        Ok(Self(told))
    }

    /// What `work` comes to; `None`, and it goes no further, once this process was asked to end.
    pub async fn or<T>(&mut self, work: impl Future<Output = T>) -> Option<T> {
        tokio::select! {
            biased;
            Ok(_) = self.0.wait_for(|told| *told) => None,
            done = work => Some(done),
        }
    }
}
