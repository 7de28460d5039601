//! One connection on the wire: an asynchronous driver behind calls that wait. What the server prints comes
//! out of the driver's log, which is the only place where it is told.

use std::sync::Arc;
use std::time::Duration;

use futures_util::TryStreamExt;
use tiberius::{Client, Column, Config, QueryItem, Row, SqlBrowser};
use tokio::net::TcpStream;
use tokio::runtime::Runtime;
use tokio::sync::Notify;
use tokio_util::compat::{Compat, TokioAsyncWriteCompatExt};

use super::error;
use super::said::Said;
use crate::warehouse::{Cancel, Error, ErrorKind};

/// How long a server may take to answer at its port.
const REACH: Duration = Duration::from_secs(10);
/// How long it may take to end what was cancelled, before the connection is given up.
const CANCEL: Duration = Duration::from_millis(500);
/// How often a server may send one on to another, as Azure's gateways do.
const ROUTES: u32 = 3;

type Stream = Compat<TcpStream>;

/// What comes back of a batch.
pub(super) enum Item<'a> {
    /// The columns of the next result.
    Columns(&'a [Column]),
    /// A row of it.
    Row(Row),
}

/// One connection.
pub(super) struct Wire {
    runtime: Runtime,
    client: Client<Stream>,
    stop: Arc<Stop>,
    said: Said,
    /// Why nothing more can be sent.
    lost: Option<Error>,
}

impl Wire {
    /// Logs in, as the driver is told; a port that is not named may have to be asked for.
    pub(super) fn open(config: Config, asks_for_port: bool) -> Result<Self, tiberius::error::Error> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let said = Said::default();
        let client = said.listen(|| runtime.block_on(connect(config, asks_for_port)))?;
        said.take();
        Ok(Self { runtime, client, stop: Arc::default(), said, lost: None })
    }

    /// Sends a batch and hands on what comes back, up to the end or the first error.
    pub(super) fn batch(
        &mut self,
        sql: &str,
        mut each: impl FnMut(Item<'_>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        self.during(sql, async |client| {
            let mut stream = client.simple_query(sql).await?;
            let mut failed = None;
            while let Some(item) = stream.try_next().await? {
                let outcome = match item {
                    QueryItem::Metadata(about) => each(Item::Columns(about.columns())),
                    QueryItem::Row(row) => each(Item::Row(row)),
                };
                if let Err(error) = outcome {
                    failed = Some(error);
                    break;
                }
            }
            drop(stream);
            // The rest is not wanted any more.
            if failed.is_some() {
                client.cancel_query().await?;
            }
            Ok(failed.map_or(Ok(()), Err))
        })?
    }

    /// Does something with the driver that can be cancelled; errors are about `sql`.
    pub(super) fn during<T>(
        &mut self,
        sql: &str,
        work: impl AsyncFnOnce(&mut Client<Stream>) -> Result<T, tiberius::error::Error>,
    ) -> Result<T, Error> {
        if let Some(lost) = &self.lost {
            return Err(lost.clone());
        }
        let Self { runtime, client, stop, said, lost } = self;
        let done = said.listen(|| {
            runtime.block_on(async {
                tokio::select! {
                    biased;
                    () = stop.0.notified() => None,
                    done = work(&mut *client) => Some(done),
                }
            })
        });
        let Some(done) = done else {
            let ended = said.listen(|| {
                runtime.block_on(async { tokio::time::timeout(CANCEL, client.cancel_query()).await })
            });
            if !matches!(ended, Ok(Ok(()))) {
                *lost = Some(Error::new(
                    ErrorKind::Connection,
                    "the connection was given up: the server did not end what was cancelled",
                ));
            }
            return Err(Error::new(ErrorKind::Cancelled, "cancelled"));
        };
        done.map_err(|failed| {
            let told = error::read_in(failed, sql);
            if told.kind == ErrorKind::Connection {
                *lost = Some(told.clone());
            }
            told
        })
    }

    /// Whether nothing more can be sent.
    pub(super) fn is_lost(&self) -> bool {
        self.lost.is_some()
    }

    /// What the server has printed since this was last asked.
    pub(super) fn said(&self) -> Vec<String> {
        self.said.take()
    }

    /// Stops what runs, from another thread.
    pub(super) fn stop(&self) -> Arc<Stop> {
        Arc::clone(&self.stop)
    }
}

/// Stops what a connection runs, and nothing that begins later.
#[derive(Default)]
pub(super) struct Stop(Notify);

impl Cancel for Stop {
    fn cancel(&self) {
        self.0.notify_waiters();
    }
}

async fn connect(mut config: Config, asks_for_port: bool) -> Result<Client<Stream>, tiberius::error::Error> {
    let mut is_routed = false;
    for _ in 0..ROUTES {
        let reach = async {
            if asks_for_port && !is_routed {
                TcpStream::connect_named(&config).await
            } else {
                Ok(TcpStream::connect(config.get_addr()).await?)
            }
        };
        let tcp = tokio::time::timeout(REACH, reach).await.map_err(|_| {
            tiberius::error::Error::from(std::io::Error::from(std::io::ErrorKind::TimedOut))
        })??;
        tcp.set_nodelay(true)?;
        match Box::pin(Client::connect(config.clone(), tcp.compat_write())).await {
            Err(tiberius::error::Error::Routing { host, port }) => {
                config.host(&host);
                config.port(port);
                is_routed = true;
            }
            other => return other,
        }
    }
    Err(std::io::Error::other("the server sends one on to another again and again").into())
}
