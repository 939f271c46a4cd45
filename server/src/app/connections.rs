//! Connections: how many, how long a request's head may take, and their end.
//!
//! `axum::serve` waits for ever for the head of a request and takes any number of connections, so that one stranger
//! with a slow script could keep everybody out. Here a connection has [`Limits::head`] for each head, idle ones
//! included; there are places for so many at once, and for fewer from one address. Those beyond wait in the system's queue or,
//! from one address, are closed at once.

use std::{
    collections::HashMap,
    convert::Infallible,
    net::{IpAddr, SocketAddr},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::{Router, body::Body, extract::ConnectInfo, http::Request};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use ipnet::IpNet;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tower::ServiceExt;

/// How long to wait when the system has no more files to open.
const BREATHER: Duration = Duration::from_millis(500);
/// The largest head of a request, in bytes: a connection takes up to this much memory without having said anything.
const HEAD_BYTES: usize = 64 * 1024;

/// How much the outside may take.
#[derive(Clone, Debug)]
pub(super) struct Limits {
    /// Connections at once.
    pub(super) connections: usize,
    /// Of those, from one address. This machine and trusted proxies speak for many and have no such limit.
    pub(super) from_one: usize,
    /// For the head of a request, and between requests: proxies keep connections about a minute for the next one.
    pub(super) head: Duration,
    /// The proxies.
    pub(super) trusted: Vec<IpNet>,
}

impl Limits {
    /// The limits of a running server.
    pub(super) fn standard(trusted: Vec<IpNet>) -> Self {
        Self { connections: 512, from_one: 64, head: Duration::from_secs(75), trusted }
    }

    fn of(&self, address: IpAddr) -> usize {
        let speaks_for_many = address.is_loopback() || self.trusted.iter().any(|network| network.contains(&address));
        if speaks_for_many { self.connections } else { self.from_one }
    }
}

/// Serves until `stop`, then gives requests `patience` to end: a browser may hold a stream open for good.
pub(super) async fn serve(
    listener: TcpListener,
    router: Router,
    limits: Limits,
    stop: CancellationToken,
    patience: Duration,
) {
    let (open, places, guests) =
        (TaskTracker::new(), Arc::new(Semaphore::new(limits.connections)), Arc::new(Guests::default()));
    while let Some(Ok(place)) = stop.run_until_cancelled(Arc::clone(&places).acquire_owned()).await {
        let Some((stream, peer)) = stop.run_until_cancelled(accept(&listener)).await else { break };
        let address = peer.ip().to_canonical();
        let Some(guest) = Guest::admit(&guests, address, limits.of(address)) else {
            tracing::debug!(peer.address = %address, "too many connections from one address: one was closed");
            continue;
        };
        let serving = connection(stream, peer, router.clone(), limits.head, stop.clone());
        open.spawn(async move {
            serving.await;
            drop((place, guest));
        });
    }
    drop(listener);
    open.close();
    if tokio::time::timeout(patience, open.wait()).await.is_err() {
        tracing::debug!("connections were still open and are cut");
    }
}

/// The next connection. A client that is gone again is no matter; a system without free files recovers.
async fn accept(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    use std::io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    loop {
        match listener.accept().await {
            Ok(accepted) => return accepted,
            Err(error) if matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset) => {}
            Err(error) => {
                tracing::error!(%error, "failed to accept a connection");
                tokio::time::sleep(BREATHER).await;
            }
        }
    }
}

/// Serves one connection to its end; after `stop`, to the end of the request it is at.
async fn connection(stream: TcpStream, peer: SocketAddr, router: Router, head: Duration, stop: CancellationToken) {
    // Small pieces of a streamed answer are not to wait for more. If the system refuses, they do.
    stream.set_nodelay(true).ok();
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(peer));
        let answer = router.clone().oneshot(request.map(Body::new));
        async move { Ok::<_, Infallible>(answer.await.unwrap_or_else(|never| match never {})) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(head)
        .max_buf_size(HEAD_BYTES)
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = std::pin::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::trace!(%error, "a connection broke off");
    }
}

/// How many connections each address has.
#[derive(Debug, Default)]
struct Guests(Mutex<HashMap<IpAddr, usize>>);

impl Guests {
    fn count(&self) -> std::sync::MutexGuard<'_, HashMap<IpAddr, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One of them, counted until it goes.
struct Guest {
    guests: Arc<Guests>,
    address: IpAddr,
}

impl Guest {
    fn admit(guests: &Arc<Guests>, address: IpAddr, most: usize) -> Option<Self> {
        let mut count = guests.count();
        let own = count.entry(address).or_default();
        if *own >= most {
            return None;
        }
        *own += 1;
        Some(Self { guests: Arc::clone(guests), address })
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        let mut count = self.guests.count();
        if let Some(own) = count.get_mut(&self.address) {
            *own -= 1;
            if *own == 0 {
                count.remove(&self.address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::routing::get;
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        task::JoinHandle,
    };

    use super::*;

    const HEAD: &[u8] = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n";

    fn limits() -> Limits {
        Limits { connections: 2, from_one: 1, head: Duration::from_millis(50), trusted: Vec::new() }
    }

    async fn started(router: Router, stop: &CancellationToken) -> (SocketAddr, JoinHandle<()>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        (address, tokio::spawn(serve(listener, router, limits(), stop.clone(), Duration::from_millis(20))))
    }

    async fn answer(mut stream: TcpStream) -> String {
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.unwrap();
        String::from_utf8_lossy(&answer).into_owned()
    }

    #[tokio::test]
    async fn an_open_stream_does_not_hold_up_the_end() {
        let stop = CancellationToken::new();
        let endless = get(|| async { std::future::pending::<()>().await });
        let (address, serving) = started(Router::new().route("/", endless), &stop).await;
        let mut browser = TcpStream::connect(address).await.unwrap();
        browser.write_all(HEAD).await.unwrap();
        stop.cancel();
        serving.await.unwrap();
    }

    #[tokio::test]
    async fn a_head_that_never_ends_and_an_idle_connection_are_closed() {
        let stop = CancellationToken::new();
        let (address, _serving) = started(Router::new().route("/", get(|| async { "hello" })), &stop).await;
        let mut slow = TcpStream::connect(address).await.unwrap();
        slow.write_all(b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ").await.unwrap();
        let said = answer(slow).await;
        assert!(said.is_empty() || said.starts_with("HTTP/1.1 408"), "{said}");
        let mut idle = TcpStream::connect(address).await.unwrap();
        idle.write_all(HEAD).await.unwrap();
        assert!(answer(idle).await.ends_with("hello"), "answered, then closed");
    }

    #[tokio::test]
    async fn slow_connections_do_not_keep_others_out_for_good() {
        let stop = CancellationToken::new();
        let (address, _serving) = started(Router::new().route("/", get(|| async { "hello" })), &stop).await;
        let mut slow = Vec::new();
        for _ in 0..6 {
            slow.push(TcpStream::connect(address).await.unwrap());
        }
        let mut browser = TcpStream::connect(address).await.unwrap();
        browser.write_all(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await.unwrap();
        assert!(answer(browser).await.ends_with("hello"));
    }

    #[test]
    fn one_address_has_its_share_and_gets_it_back() {
        let guests = Arc::new(Guests::default());
        let (here, there) = (IpAddr::from([10, 0, 0, 1]), IpAddr::from([10, 0, 0, 2]));
        let first = Guest::admit(&guests, here, 1).expect("the first");
        assert!(Guest::admit(&guests, here, 1).is_none());
        assert!(Guest::admit(&guests, there, 1).is_some());
        drop(first);
        assert!(Guest::admit(&guests, here, 1).is_some());
        assert!(guests.count().is_empty());
        let limits = Limits { trusted: vec!["10.0.0.0/8".parse().unwrap()], ..limits() };
        assert_eq!((limits.of(here), limits.of(IpAddr::from([192, 0, 2, 1]))), (2, 1));
    }
}
